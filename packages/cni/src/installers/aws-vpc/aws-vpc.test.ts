import { Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { kubeForCni } from '../../testing/contract.ts'
import { awsVpcInstaller } from './index.ts'
import { awsVpcObjects } from './manifest.ts'

const deadline = Deadline.start('aws-vpc', 280_000)
const objects = awsVpcObjects({ network: '172.28.8.0/22', addressesPerNode: 29, image: 'registry.test/aws-vpc:v1' })

interface Container { name: string; command: string[]; env?: { name: string; value?: string }[]; securityContext?: object }
interface PodSpec { serviceAccountName?: string; automountServiceAccountToken?: boolean; initContainers?: Container[]; containers: Container[]; volumes?: object[] }
const podOf = (name: string): PodSpec => (objects.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === name)!.spec as { template: { spec: PodSpec } }).template.spec
const envOf = (container: Container | undefined): Record<string, string | undefined> => Object.fromEntries((container?.env ?? []).map((one) => [one.name, one.value]))

describe('AWS VPC CNI', () => {
  test('asks nobody but the node\'s own loopback: metadata from the stand-in, everything else of AWS from a port where nobody listens', () => {
    const pod = podOf('aws-node')
    for (const container of [...pod.initContainers ?? [], ...pod.containers]) {
      expect(envOf(container)).toMatchObject({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1338', AWS_EC2_ENDPOINT: 'http://127.0.0.1:9', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })
    }
    expect(envOf(pod.containers[0])).toMatchObject({ ENABLE_IMDS_ONLY_MODE: 'true', ENABLE_SUBNET_DISCOVERY: 'false', AWS_VPC_K8S_CNI_EXTERNALSNAT: 'false' })
    expect(envOf(pod.containers[0])).not.toHaveProperty('NETWORK_POLICY_ENFORCING_MODE')
  })
  test('the metadata service listens on loopback, knows the network and how many addresses a node has, and may do nothing', () => {
    const pod = podOf('instance-metadata')
    expect(pod.containers[0]?.command.join(' ')).toBe('instance-metadata -listen 127.0.0.1:1338 -network 172.28.8.0/22 -block 32 -pods 29')
    expect(pod).toMatchObject({ automountServiceAccountToken: false })
    expect(pod.containers[0]?.securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } })
    expect(pod.volumes).toBeUndefined()
  })
  test('the kubelet takes as many Pods as there are addresses, and three on the node\'s own', () => {
    const maxPods = (options?: { addressesPerNode: number }): unknown => awsVpcInstaller(options).clusterNeeds?.kubeadm?.find(({ kind }) => kind === 'KubeletConfiguration')?.maxPods
    expect([maxPods(), maxPods({ addressesPerNode: 4 })]).toEqual([32, 7])
  })
  test('the agent changes nothing in the API but events', () => {
    const { rules } = objects.find(({ kind }) => kind === 'ClusterRole') as unknown as { rules: { resources: string[]; verbs: string[] }[] }
    expect(rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb))).flatMap(({ resources }) => resources)).toEqual(['events'])
  })
})

describe('what is pending', () => {
  const agentPod = (status: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'aws-node-1', namespace: 'kube-system', labels: { 'k8s-app': 'aws-node' } }, spec: { nodeName: 'n1' }, status })
  const rolledOut = async (kube: FakeKube, name: string, available: number): Promise<void> => {
    const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-system', name }, deadline)
    kube.put({ ...set!, metadata: { ...set!.metadata, generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: available } })
  }
  const installed = async (agents: number): Promise<FakeKube> => {
    const kube = kubeForCni()
    await awsVpcInstaller().install({ kube, podSubnet: '172.28.8.0/22', images: { awsVpc: 'registry.test/aws-vpc:v1' } }, deadline)
    await rolledOut(kube, 'instance-metadata', 1)
    await rolledOut(kube, 'aws-node', agents)
    return kube
  }
  const pending = async (kube: FakeKube): Promise<string[]> => awsVpcInstaller().pending({ kube, nodeCount: 1 }, deadline)

  test('nothing when both run everywhere, whatever stumbled before', async () => {
    const kube = await installed(1)
    kube.put(agentPod({ containerStatuses: [{ name: 'aws-node', ready: false, lastState: { terminated: { exitCode: 1, message: 'old' } } }] }))
    expect(await pending(kube)).toEqual([])
  })
  test('an agent that cannot start is told with its own last words', async () => {
    const kube = await installed(0)
    const said = 'Copying CNI plugin binaries ...\nFailed to get primary IF: connection refused\n'
    kube.put(agentPod({ initContainerStatuses: [{ name: 'aws-vpc-cni-init', ready: false, state: { waiting: {} }, lastState: { terminated: { exitCode: 1, message: said } } }] }))
    expect(await pending(kube)).toEqual(['aws-vpc-cni-init on n1 ended with exit code 1: Failed to get primary IF: connection refused', 'DaemonSet kube-system/aws-node is available on 0 of 1 nodes'])
  })
  test('one that is being replaced is not told of', async () => {
    const kube = await installed(0)
    const pod = agentPod({ containerStatuses: [{ name: 'aws-node', ready: false, state: { terminated: { exitCode: 2, message: 'killed' } } }] })
    kube.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } })
    expect(await pending(kube)).toEqual(['DaemonSet kube-system/aws-node is available on 0 of 1 nodes'])
  })
  test('an init container that is done has not stumbled', async () => {
    const kube = await installed(0)
    kube.put(agentPod({ initContainerStatuses: [{ name: 'aws-vpc-cni-init', ready: true, state: { terminated: { exitCode: 0 } } }] }))
    expect(await pending(kube)).toEqual(['DaemonSet kube-system/aws-node is available on 0 of 1 nodes'])
  })

  const node = (name: string, address: string): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }] } })
  const standIn = (nodeName: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `instance-metadata-${nodeName}`, namespace: 'kube-system', labels: { 'k8s-app': 'instance-metadata' } }, spec: { nodeName }, status: { conditions: [{ type: 'Ready', status: 'True' }] } })
  const faults = async (...more: KubeObject[]): Promise<[string, string, string][]> => {
    const kube = await installed(0)
    for (const object of more) kube.put(object)
    return (await awsVpcInstaller().faults({ kube }, deadline)).map(({ code, facts }) => [code, facts.why, facts.fix])
  }

  test('a node on which the metadata service does not answer is a fault of that name, with what the agent says to it', async () => {
    const agent = agentPod({ initContainerStatuses: [{ name: 'aws-vpc-cni-init', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, message: 'Failed to get primary IF: connection refused' } } }] })
    const said = 'aws-vpc-cni-init on n1 ended with exit code 1: Failed to get primary IF: connection refused'
    expect(await faults(node('n1', '172.28.8.3'), node('n2', '172.28.8.4'), standIn('n2'), agent)).toEqual([
      ['HOP_CNI_METADATA_DOWN', `no instance-metadata is ready on n1; ${said}`, expect.stringContaining('DaemonSet kube-system/instance-metadata')], ['HOP_CNI_AGENT_CRASHING', said, expect.any(String)],
    ])
    expect(await faults(node('n1', '172.28.8.3'), node('n2', '172.28.8.4'), standIn('n1'), standIn('n2'))).toEqual([])
  })
  test('metadata of another network than the nodes\' are the fault, and that nothing answers follows from it', async () => {
    expect((await faults(node('n1', '172.30.0.3'))).map(([code, why]) => [code, why])).toEqual([
      ['HOP_CNI_RANGE_DIFFERS', 'instance-metadata tells of 172.28.8.0/22, and Node n1 has 172.30.0.3'], ['HOP_CNI_METADATA_DOWN', 'no instance-metadata is ready on n1'],
    ])
  })
})
