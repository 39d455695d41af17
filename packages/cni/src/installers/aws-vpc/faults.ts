import { BlockList } from 'node:net'
import type { Deadline, HopError } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { HOP_CNI_METADATA_DOWN, HOP_CNI_RANGE_DIFFERS } from '../../errors.ts'
import { containersDown } from '../../faults/agent-containers.ts'
import { agentName, awsVpcNamespace } from './access.ts'
import { metadataName } from './manifest.ts'

/** What only the AWS VPC CNI can suffer from: metadata of another network than the nodes', and no metadata at all. */
export async function faultsOfMetadata(kube: KubeClient, deadline: Deadline): Promise<HopError[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  const [stray, silent] = await Promise.all([strayNodes(kube, nodes, deadline), silentMetadata(kube, nodes, deadline)])
  return [
    ...(stray ? [HOP_CNI_RANGE_DIFFERS({ cni: 'aws-vpc', ...stray })] : []),
    ...(silent.length > 0 ? [HOP_CNI_METADATA_DOWN({ said: silent })] : []),
  ]
}

/** Nodes outside of the network that the metadata tell of: the stand-in has no addresses for their Pods, and answers with an error. */
async function strayNodes(kube: KubeClient, nodes: readonly KubeObject[], deadline: Deadline): Promise<{ said: string[]; wanted: string } | undefined> {
  const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: awsVpcNamespace, name: metadataName }, deadline)
  if (!set) return undefined
  const { template } = set.spec as { template: { spec: { containers: { command?: string[] }[] } } }
  const { command = [] } = template.spec.containers[0] ?? {}
  const told = command[command.indexOf('-network') + 1] ?? ''
  const outside = nodes.map((node) => ({ name: node.metadata.name, address: internalAddress(node) })).filter(({ address }) => address !== undefined && !isIn(address, told))
  if (outside.length === 0) return undefined
  return { said: outside.map(({ name, address }) => `${metadataName} tells of ${told}, and Node ${name} has ${address}`), wanted: 'that of the nodes' }
}

/** Nodes without a stand-in that is ready, with what their agent says to it. */
async function silentMetadata(kube: KubeClient, nodes: readonly KubeObject[], deadline: Deadline): Promise<string[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: awsVpcNamespace, labelSelector: `k8s-app=${metadataName}` }, deadline)
  const served = new Set(pods.filter(isReady).map(({ spec }) => (spec as { nodeName?: string }).nodeName))
  const words = await containersDown(kube, { namespace: awsVpcNamespace, name: agentName }, deadline)
  return nodes.map(({ metadata }) => metadata.name).filter((name) => !served.has(name)).map((name) => {
    const agent = words.find(({ node, cause }) => node === name && cause === 'ended')
    return `no ${metadataName} is ready on ${name}${agent ? `; ${agent.said}` : ''}`
  })
}

const isReady = ({ status }: KubeObject): boolean =>
  ((status ?? {}) as { conditions?: { type: string; status: string }[] }).conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

const internalAddress = ({ status }: KubeObject): string | undefined =>
  ((status ?? {}) as { addresses?: { type: string; address: string }[] }).addresses?.find(({ type }) => type === 'InternalIP')?.address

/** What is no network holds nobody. */
function isIn(address: string, cidr: string): boolean {
  const [base = '', bits] = cidr.split('/')
  const range = new BlockList()
  try { range.addSubnet(base, Number(bits)) } catch { return false }
  return range.check(address)
}
