import { Deadline, HOP_INTERRUPTED, type HopError } from '@hoplab/core'
import { everyCniImage } from '@hoplab/images'
import type { KubeObject } from '@hoplab/kube'
import type { FakeKube } from '@hoplab/kube/testing'
import { addonName } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import type { Addon, OutsidePlan } from '../addons/port.ts'
import { kubeForCni } from './contract.ts'

const plan: OutsidePlan = { host: '198.51.100.2', loadBalancer: '198.51.100.3', pool: ['198.51.100.8', '198.51.100.23'] }
const apiServer = 'https://hoplab-t-control-plane:6443'

/** An API server that fills in the Secrets of accounts, as the token controller does. */
export function kubeForAddons(): FakeKube {
  const kube = kubeForCni()
  const read = { apiVersion: 'networking.k8s.io/v1', verbs: ['get', 'patch'] }
  kube.types = [...kube.types, { ...read, kind: 'Ingress', plural: 'ingresses', namespaced: true }, { ...read, kind: 'IngressClass', plural: 'ingressclasses', namespaced: false }]
  const apply = kube.apply.bind(kube)
  kube.apply = async (object, deadline) => {
    const filled = object.type === 'kubernetes.io/service-account-token' ? { ...object, data: { token: Buffer.from('t1').toString('base64'), 'ca.crt': Buffer.from('CA').toString('base64') } } : object
    return apply(filled as KubeObject, deadline)
  }
  return kube
}

/** What of the contract is another for one add-on. */
export interface AddonTerms {
  /** What a program on its machine prints when all is well. */
  healthy: string
  /** Writes into the API what controllers write there when all is well. @default nothing */
  settle?: (kube: FakeKube) => void
  /** Whether it serves certificates and so may read Secrets; nobody may write them. @default false */
  readsSecrets?: boolean
}

/** What every {@link Addon} promises before a cluster is needed. */
export function addonContract(name: string, make: () => Addon, { healthy, settle = () => undefined, readsSecrets = false }: AddonTerms): void {
  describe(`add-on contract: ${name}`, () => {
    const images = Object.fromEntries(make().images.map((key) => [key, `registry.test/${key.toLowerCase()}:v1`]))
    const bound = (): Deadline => Deadline.start('add-on', 10_000)

    test('says who it is, and only names images and add-ons that there are', () => {
      const addon = make()
      expect(addonName.parse(addon.name)).toBe(name)
      expect(everyCniImage).toEqual(expect.arrayContaining([...addon.images]))
      expect(addonName.options).toEqual(expect.arrayContaining([...addon.needs]))
      expect(addon.needs).not.toContain(addon.name)
    })

    test('its machine, if it has one, runs a named image at an address of the plan, without being privileged; no image is made up', async () => {
      using deadline = bound()
      const machines = [make().machine?.(plan, images) ?? []].flat()
      const wrong = machines.filter(({ image, address, capabilities }) =>
        !Object.values(images).includes(image) || ![plan.host, plan.loadBalancer].includes(address) || capabilities.includes('SYS_ADMIN'))
      expect(wrong).toEqual([])
      for (const key of make().images) {
        const { [key]: _lacking, ...others } = images
        const made = async (): Promise<unknown> => [make().machine?.(plan, others), await make().install({ kube: kubeForAddons(), apiServer, images: others }, deadline)]
        await expect(made()).rejects.toMatchObject({ code: 'HOP_CNI_IMAGE_UNNAMED' })
      }
    })

    test('writes into the API what it needs, nothing twice, and gives files with whole paths', async () => {
      using deadline = bound()
      const kube = kubeForAddons()
      const files = await make().install({ kube, apiServer, images }, deadline)
      const first = [...kube.objects.keys()]
      expect(await make().install({ kube, apiServer, images }, deadline)).toEqual(files)
      expect([...kube.objects.keys()]).toEqual(first)
      for (const { path, text } of files) { expect(path).toMatch(/^\/etc\//u); expect(text).not.toBe('') }
    })

    test('what it may do in the cluster is what its rules name: no wildcard, no Secret unless it serves certificates, nothing in the namespaces of others', async () => {
      using deadline = bound()
      const kube = kubeForAddons()
      await make().install({ kube, apiServer, images }, deadline)
      const roles = [...kube.objects.values()].filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
      const rules = roles.flatMap((role) => role.rules as { resources: string[]; verbs: string[] }[])
      expect(rules.flatMap(({ resources, verbs }) => [...resources, ...verbs])).not.toContain('*')
      expect(rules.filter(({ resources }) => resources.includes('secrets')).flatMap(({ verbs }) => verbs)).toEqual(readsSecrets ? ['get', 'list', 'watch'] : [])
      expect(kube.writes.filter((write) => JSON.stringify(write).includes('kube-system'))).toEqual([])
      const spaces = [...kube.objects.values()].flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : []))
      expect(spaces).toEqual(expect.arrayContaining([...make().namespaces ?? []]))
    })

    test('is pending with a reason while it does not do what it should, and only then', async () => {
      using deadline = bound()
      const kube = kubeForAddons()
      await make().install({ kube, apiServer, images }, deadline)
      settle(kube)
      const when = (exitCode: number, stdout: string): Promise<string[]> => make().pending(() => Promise.resolve({ exitCode, stdout, stderr: exitCode === 0 ? '' : 'refused' }), deadline, kube)
      expect(await when(7, '')).toEqual([expect.stringMatching(/\w/u)])
      expect(await when(0, healthy)).toEqual([])
    })

    test('stops half-way when interrupted', async () => {
      const user = new AbortController()
      using deadline = Deadline.start('interrupted', 10_000, { signal: user.signal })
      const kube = kubeForAddons()
      const apply = kube.apply.bind(kube)
      kube.apply = async (object, limit) => { const done = await apply(object, limit); user.abort(HOP_INTERRUPTED()); return done }
      const code = await make().install({ kube, apiServer, images }, deadline).then(() => 'whole', (error: unknown) => (error as HopError).code)
      // One that writes nothing is whole at once.
      expect(['whole after 0', 'HOP_INTERRUPTED after 1']).toContain(`${code} after ${kube.writes.length}`)
    })
  })
}
