import type { MatrixColumn, MatrixFindings, MatrixWay } from '@hoplab/model'

/** What is told of how each network does what it does, in the order of the table. Nothing in it differs from run to run. */
export const matrixFactTitles = [
  'cable of a Pod', 'devices, same node', 'devices, another node', 'on the wire between nodes', 'largest packet', 'routes of a worker', 'addresses from', 'a node asks Pods of another from',
  'a Pod is seen through the ClusterIP as', 'a node is seen through the NodePort of another as', 'NetworkPolicy', 'agent', 'nodes',
] as const

/** One network's facts by title; `not found` where its nodes showed none. */
export function matrixFactsOf(column: MatrixColumn): Record<(typeof matrixFactTitles)[number], string> | undefined {
  const { findings, kubernetes } = column
  if (!findings) return undefined
  const { ways, nodePort, mtu, agent, kernel, runtime } = findings
  const way = (id: MatrixWay['id']): MatrixWay | undefined => ways.find((one) => one.id === id)
  return {
    'cable of a Pod': cableText(way('same-node'), findings),
    'devices, same node': devicesText(way('same-node')),
    'devices, another node': devicesText(way('other-node')),
    'on the wire between nodes': wireText(way('other-node'), findings),
    'largest packet': `${mtu.pod} bytes of ${mtu.uplink}${mtu.tunnel === undefined ? '' : `, ${mtu.tunnel} in the tunnel`}`,
    'routes of a worker': routesText(findings),
    'addresses from': addressesText(findings),
    'a node asks Pods of another from': unnamed(way('from-node')?.source?.whose),
    'a Pod is seen through the ClusterIP as': unnamed(way('cluster-ip')?.source?.whose),
    'a node is seen through the NodePort of another as': nodePort.sources.map(({ server, whose }) => `${unnamed(whose)} (server ${server})`).join(', ') || 'not found',
    NetworkPolicy: policyText(column),
    agent: agent.images.map(shortImage).join(', '),
    nodes: `Kubernetes ${kubernetes ?? 'unknown'}, ${runtime.replace('://', ' ')}, Linux ${kernel}`,
  }
}

/** `veth…`: cables are named by chance; what is left tells who made them. */
const cableOf = (name: string): string => name.replace(/^(veth|cali|eni).+$/u, '$1…')

/** Whose address it is, without the name of a cable. */
const unnamed = (whose = 'not found'): string => whose.replace(/[^ ]+$/u, cableOf)

function cableText(way: MatrixWay | undefined, { bridge }: MatrixFindings): string {
  const cable = way?.devices.find(({ kind, seen }) => kind === 'veth' && seen === 'captured')
  if (!cable) return 'not found'
  return `${cableOf(cable.name)}, ${bridge === undefined ? 'on no bridge' : `a port of the bridge ${bridge}`}`
}

/** Devices on the nodes in the order in which the request passes them. */
function devicesText(way: MatrixWay | undefined): string {
  const nodes = (way?.devices ?? []).filter(({ kind }) => kind !== 'client' && kind !== 'server')
  if (nodes.length === 0) return 'not found'
  return [...Map.groupBy(nodes, ({ where }) => where).values()].map((one) => one.map(({ name, seen }) => `${cableOf(name)}${seen === 'captured' ? '' : ' (not seen)'}`).join(' → ')).join(', on the other node ')
}

function wireText(way: MatrixWay | undefined, { unusedTunnel }: MatrixFindings): string {
  const { outer, inner } = way?.wire ?? {}
  if (!way || !inner) return 'not found'
  const asked = inner.from.startsWith(`${way.source?.address}:`) ? 'from Pod to Pod' : `from ${inner.from} to ${inner.to}`
  return outer ? `${outer.vni === undefined ? '' : `VXLAN ${outer.vni}, `}UDP ${portOf(outer.to)} between the nodes; inside ${asked}` : `plain, ${asked}${unusedTunnel === undefined ? '' : `: ${unusedTunnel} is for nodes of other networks, and these share one`}`
}

const portOf = (end: string): string => end.slice(end.lastIndexOf(':') + 1)

/** Routes alike but for names and addresses are told once, with their number. */
function routesText({ routes: { lines } }: MatrixFindings): string {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(routeKind(line), (counts.get(routeKind(line)) ?? 0) + 1)
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`)).join('; ') || 'none'
}

function routeKind(line: string): string {
  const [, refusal, target = ''] = /^(?:(blackhole|unreachable) )?(\S+)/u.exec(line) ?? []
  const what = target.includes('/') && !target.endsWith('/32') ? `a /${target.split('/')[1]}` : 'one address'
  if (refusal !== undefined) return `${what} ends here (${refusal})`
  const device = cableOf(/ dev (\S+)/u.exec(line)?.[1] ?? 'no device')
  return `${what} ${/ via /u.test(line) ? 'via another node, ' : ''}dev ${device}${/ onlink/u.test(line) ? ' onlink' : ''}`
}

function addressesText({ addresses }: MatrixFindings): string {
  const filled = addresses.filter(({ pods }) => pods.length > 0)
  if (filled.length === 0) return 'not found'
  if (filled.every(({ network }) => network !== undefined)) return `the network of the nodes, a /${filled[0]?.network?.split('/')[1]}`
  const width = filled[0]?.range.split('/')[1] ?? '?'
  return filled.every(({ inRange }) => inRange) ? `the node's own /${width} (Node.spec.podCIDR)` : `the plugin's own pool, not the node's /${width}`
}

/** Whether a policy was seen at work, and by whose rules. */
function policyText({ answers, findings }: MatrixColumn): string {
  const verdict = answers.find(({ id }) => id === 'policy-deny')?.verdict
  if (verdict === 'not-offered') return 'enforced by nobody'
  if (verdict !== 'pass') return 'not seen at work'
  const chains = [...new Set((findings?.policyChains ?? []).map((chain) => chain.replace(/^(\w+-\w+)-.+$/u, '$1-…')))]
  return `enforced by ${findings?.agent.name}${chains.length === 0 ? '' : `; chains that came with the policy: ${chains.join(', ')}`}`
}

/** Name and tag without the registry. */
const shortImage = (image: string): string => image.replace(/^.*\//u, '').replace(/@sha256:.*$/u, '')
