import type { Deadline } from '@hoplab/core'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { KubeClient, KubeListRef, KubeObject, KubeRef, PatchType, ResourceType } from '../port.ts'
import { refusalOf } from '../errors.ts'
import { collectionPath, findType, objectPath, refOf } from '../resource-path.ts'
import { discover } from './discovery.ts'
import { execInPod } from './exec.ts'
import { Transport } from './transport.ts'

const patchContentType: Record<PatchType, string> = {
  merge: 'application/merge-patch+json', json: 'application/json-patch+json', strategic: 'application/strategic-merge-patch+json',
}

/** {@link KubeClient} over one kubeconfig. What the server offers is asked once, and again when a kind is not found. */
export class KubeconfigClient implements KubeClient, Disposable {
  readonly #config: KubeConfig
  readonly #transport: Transport
  #types: ResourceType[] | undefined

  constructor(config: KubeConfig) {
    this.#config = config
    this.#transport = new Transport(config)
  }

  async get(ref: KubeRef, deadline: Deadline): Promise<KubeObject | undefined> {
    const type = await this.#typeOf(ref, deadline).catch(noSuchKind)
    if (!type) return undefined
    return await this.#transport.json({ method: 'GET', path: objectPath(type, ref) }, deadline, true) as KubeObject | undefined
  }

  async list(ref: KubeListRef, deadline: Deadline): Promise<KubeObject[]> {
    const path = collectionPath(await this.#typeOf(ref, deadline), ref.namespace)
    const items: KubeObject[] = []
    let next: string | undefined
    do {
      const query = { limit: '500', continue: next, labelSelector: ref.labelSelector, fieldSelector: ref.fieldSelector }
      const page = await this.#transport.json({ method: 'GET', path, query }, deadline) as { items: KubeObject[]; metadata?: { continue?: string } }
      items.push(...page.items.map((item) => ({ ...item, apiVersion: ref.apiVersion, kind: ref.kind })))
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
    return items
  }

  async apply(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    const path = objectPath(await this.#typeOf(object, deadline), refOf(object))
    const query = { fieldManager: 'hoplab', force: 'true' }
    return await this.#transport.json({ method: 'PATCH', path, query, body: object, contentType: 'application/apply-patch+yaml' }, deadline) as KubeObject
  }

  async create(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    const path = collectionPath(await this.#typeOf(object, deadline), object.metadata.namespace ?? 'default')
    return await this.#transport.json({ method: 'POST', path, query: { fieldManager: 'hoplab' }, body: object }, deadline) as KubeObject
  }

  async replace(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    const path = objectPath(await this.#typeOf(object, deadline), refOf(object))
    return await this.#transport.json({ method: 'PUT', path, query: { fieldManager: 'hoplab' }, body: object }, deadline) as KubeObject
  }

  async patch(ref: KubeRef, type: PatchType, body: unknown, deadline: Deadline): Promise<KubeObject> {
    const path = objectPath(await this.#typeOf(ref, deadline), ref)
    return await this.#transport.json({ method: 'PATCH', path, query: { fieldManager: 'hoplab' }, body, contentType: patchContentType[type] }, deadline) as KubeObject
  }

  async delete(ref: KubeRef, deadline: Deadline, options: Parameters<KubeClient['delete']>[2] = {}): Promise<void> {
    const type = await this.#typeOf(ref, deadline).catch(noSuchKind)
    if (!type) return
    const body = {
      kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: options.propagation ?? 'Background',
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    }
    await this.#transport.json({ method: 'DELETE', path: objectPath(type, ref), body }, deadline, true)
  }

  async resourceTypes(deadline: Deadline): Promise<ResourceType[]> {
    this.#types = await discover(this.#transport, deadline)
    return this.#types
  }

  async version(deadline: Deadline): Promise<string> {
    return (await this.#transport.json({ method: 'GET', path: '/version' }, deadline) as { gitVersion: string }).gitVersion
  }

  exec(ref: { namespace: string; pod: string; container?: string }, argv: string[], deadline: Deadline): ReturnType<KubeClient['exec']> {
    return execInPod(this.#config, ref, argv, deadline)
  }

  [Symbol.dispose](): void { this.#transport[Symbol.dispose]() }

  async #typeOf(ref: { apiVersion: string; kind: string }, deadline: Deadline): Promise<ResourceType> {
    const known = this.#types?.find((type) => type.apiVersion === ref.apiVersion && type.kind === ref.kind)
    return known ?? findType(await this.resourceTypes(deadline), ref)
  }
}

function noSuchKind(error: unknown): undefined {
  if (refusalOf(error)?.status !== 404) throw error
}
