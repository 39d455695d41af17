import { Deadline, HOP_INTERRUPTED, type HopError } from '@hoplab/core'
import { everyCniImage } from '@hoplab/images'
import type { KubeObject } from '@hoplab/kube'
import { FakeKube } from '@hoplab/kube/testing'
import { cniCapabilities, cniName } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import type { CniInstaller } from '../port.ts'

const node = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
/** Names of images for these keys, as a provider would give them. */
const named = (keys: readonly string[]): Record<string, string> => Object.fromEntries(keys.map((key) => [key, `registry.test/${key.toLowerCase()}:v1`]))
/** Images of every cluster, whatever its CNI. */
const common = ['node', 'toolbox', 'gateway', 'echo']

interface PodSpec { hostNetwork?: boolean; tolerations?: object[]; priorityClassName?: string; initContainers?: Container[]; containers: Container[] }
interface Container { name: string; image: string; imagePullPolicy?: string; terminationMessagePolicy?: string; readinessProbe?: object }

/** An API server that knows the kinds which CNI plugins bring. */
export function kubeForCni(objects: readonly KubeObject[] = []): FakeKube {
  const kube = new FakeKube(objects)
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', namespaced: true, verbs: ['get', 'patch'] }
  kube.types = [
    ...kube.types, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', namespaced: false, verbs: ['get', 'patch'] },
    { ...rbac, kind: 'Role', plural: 'roles' }, { ...rbac, kind: 'RoleBinding', plural: 'rolebindings' },
  ]
  return kube
}

/** What of the contract is another for one plugin. */
export interface ContractTerms {
  /** Whether registries have all its images. @default true */
  published?: boolean
}

/** What every {@link CniInstaller} promises before a cluster is needed; `installedCniContract` is the part that needs one. */
export function cniInstallerContract(name: string, make: () => CniInstaller, { published = true }: ContractTerms = {}): void {
  describe(`CNI installer contract: ${name}`, () => {
    const target = { podSubnet: '10.11.0.0/16', images: named([...common, ...make().images]) }
    const installed = async (): Promise<FakeKube> => {
      using deadline = Deadline.start('install', 10_000)
      const kube = kubeForCni()
      await make().install({ kube, ...target }, deadline)
      return kube
    }
    const agentOf = (kube: FakeKube): PodSpec => {
      const { agent } = make().capabilities
      const found = [...kube.objects.values()].find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === agent.name && metadata.namespace === agent.namespace)
      if (!found) throw new TypeError(`${agent.namespace}/${agent.name} is not among the installed objects`)
      return (found.spec as { template: { spec: PodSpec } }).template.spec
    }

    test('says what the network will be like, and only names images that there are', () => {
      const { name: own, capabilities, images, memoryGiBPerNode } = make()
      expect(cniName.parse(own)).toBe(name)
      expect(cniCapabilities.parse(capabilities)).toEqual(capabilities)
      expect(everyCniImage).toEqual(expect.arrayContaining([...images]))
      expect(memoryGiBPerNode).toBeGreaterThan(0.1)
    })

    test('installs the named images and the given Pod range, and nothing twice', async () => {
      using deadline = Deadline.start('install', 10_000)
      const kube = await installed()
      const first = [...kube.objects.keys()]
      await make().install({ kube, ...target }, deadline)
      expect([...kube.objects.keys()]).toEqual(first)
      expect(JSON.stringify([...kube.objects.values()])).toContain('10.11.0.0/16')
    })

    test('its agent runs on every node before there is a network, from the named images, and says itself when it is ready', async () => {
      const agent = agentOf(await installed())
      expect(agent).toMatchObject({ hostNetwork: true, tolerations: [{ operator: 'Exists' }], priorityClassName: 'system-node-critical' })
      const all = [...agent.initContainers ?? [], ...agent.containers]
      for (const { name: container, image, imagePullPolicy, terminationMessagePolicy } of all) {
        expect(Object.values(target.images)).toContain(image)
        expect(imagePullPolicy).toBe('IfNotPresent')
        // So that the API tells why one ended.
        expect(terminationMessagePolicy, container).toBe('FallbackToLogsOnError')
      }
      expect(agent.containers.some(({ readinessProbe }) => readinessProbe !== undefined)).toBe(true)
    })

    test('is pending before it is installed, and before any controller has seen it', async () => {
      using deadline = Deadline.start('pending', 10_000)
      expect(await make().pending({ kube: kubeForCni([node('n1')]), nodeCount: 1 }, deadline)).not.toEqual([])
      const kube = await installed()
      kube.put(node('n1'))
      expect(await make().pending({ kube, nodeCount: 1 }, deadline)).not.toEqual([])
    })

    test('asks for the images it says it needs and for no others, before anything is written', async () => {
      using deadline = Deadline.start('images', 10_000)
      for (const key of make().images) {
        const kube = kubeForCni()
        const { [key]: _lacking, ...images } = target.images
        const error = await make().install({ kube, podSubnet: target.podSubnet, images }, deadline).catch((thrown: unknown) => thrown)
        expect((error as HopError).code).toBe('HOP_CNI_IMAGE_UNNAMED')
        expect((error as HopError).message).toContain(`"${key}"`)
        expect(kube.writes).toEqual([])
      }
    })

    test('a source that it cannot be installed from is refused with a reason and a fix', async () => {
      using deadline = Deadline.start('probe', 10_000)
      const refused = { ready: false, reasons: [{ what: expect.any(String), fix: expect.stringMatching(/\w/u) }] }
      expect(await make().probe('bundle', deadline)).toEqual(refused)
      expect(await make().probe('upstream', deadline)).toEqual(published ? { ready: true } : refused)
    })

    describe('why it will not become ready', () => {
      const faulty = async (status: object | undefined): Promise<{ code: string; what: string; why: string; fix: string; exitCode: number }[]> => {
        using deadline = Deadline.start('faults', 10_000)
        const kube = await installed()
        const { agent, ipam } = make().capabilities
        kube.put({ ...node('n1'), spec: { podCIDR: '10.11.0.0/24' } })
        kube.put({ ...node('n2'), spec: ipam === 'per-node' && status === undefined ? {} : { podCIDR: '10.11.1.0/24' } })
        const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...agent }, deadline)
        const { matchLabels: labels } = (set!.spec as { selector: { matchLabels: Record<string, string> } }).selector
        const [container] = agentOf(kube).containers
        if (status) kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'agent', namespace: agent.namespace, labels }, spec: { nodeName: 'n2' }, status: { containerStatuses: [{ name: container?.name, image: container?.image, ready: false, ...status }] } })
        return (await make().faults({ kube }, deadline)).map(({ facts }) => facts)
      }

      test('an image that a node lacks is named, with the kubelet\'s words and what builds it', async () => {
        const [first] = await faulty({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } })
        expect(first).toMatchObject({ code: 'HOP_CNI_IMAGE_MISSING', exitCode: 3, what: expect.stringContaining('registry.test/'), why: expect.stringMatching(/ on n2: ImagePullBackOff: Back-off pulling image "x"$/u), fix: expect.stringContaining('./hoplab images build') })
      })
      test('an agent that ends again and again is named with its last words, after every other fault', async () => {
        const faults = await faulty({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 2, message: 'starting\nno such thing\n' } } })
        expect(faults.at(-1)).toMatchObject({ code: 'HOP_CNI_AGENT_CRASHING', exitCode: 3, why: expect.stringMatching(/ on n2 ended with exit code 2: no such thing$/u), fix: expect.stringContaining('hoplab up LAB --recreate') })
      })
      test('a node without a range is a fault where the network takes addresses from there, and none elsewhere', async () => {
        const codes = (await faulty(undefined)).map(({ code, why }) => [code, why])
        expect(codes.filter(([code]) => code === 'HOP_CNI_NODE_WITHOUT_RANGE')).toEqual(make().capabilities.ipam === 'per-node' ? [['HOP_CNI_NODE_WITHOUT_RANGE', 'Node n2 has no spec.podCIDR']] : [])
      })
      test('an agent that runs is no fault, whatever happened before', async () => {
        const faults = await faulty({ ready: true, state: { running: {} }, lastState: { terminated: { exitCode: 2, message: 'once' } } })
        expect(faults.filter(({ code }) => ['HOP_CNI_IMAGE_MISSING', 'HOP_CNI_AGENT_CRASHING', 'HOP_CNI_NODE_WITHOUT_RANGE'].includes(code))).toEqual([])
      })
    })

    test('stops half-way when interrupted', async () => {
      const user = new AbortController()
      using deadline = Deadline.start('interrupted', 10_000, { signal: user.signal })
      const kube = kubeForCni()
      const apply = kube.apply.bind(kube)
      kube.apply = async (object, bound) => { const done = await apply(object, bound); user.abort(HOP_INTERRUPTED()); return done }
      const error = await make().install({ kube, ...target }, deadline).catch((thrown: unknown) => thrown)
      expect((error as HopError).code).toBe('HOP_INTERRUPTED')
      expect(kube.writes).toHaveLength(1)
    })
  })
}
