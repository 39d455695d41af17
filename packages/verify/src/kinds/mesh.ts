import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { controlEvidence } from '../probes/control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { positionOf } from '../scene/node-place.ts'
import { type Origin, originsOf, podOrigin, podsCommand } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { type Cell, matrixOf } from '../witness/matrix.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Bad cells that `why` names; the evidence has all. */
const named = 4
/** Somebody else's connection may have taken over a kernel's record since; what is wrong for good still is after this many milliseconds. */
const recordMs = 300

/**
 * `mesh`: the matrix of n Pods is whole, n×(n−1) pairs and every node to every Pod, and each cell is OK. A cell is OK when the Pod that was asked
 * answered: by the kernel's record, or by the request's nonce in the words of the lab's own server. Each cell is told with how it ended.
 *
 * Witnesses: the client, the server, the kernels' records, and the API for the size of the matrix, which counts before any cell does. Control: the
 * control Pods' path between all nodes of the matrix.
 * Known false pass: a node or Pod that is silently absent (a tainted node, a Pod that is not running): each is red by name; all Pods on one node; a
 * Pod on the host's network. Known false fail: none seen.
 */
export const mesh: CheckKind<'mesh'> = {
  origins: ({ pods }) => [{ pod: pods }],
  async look(spec, round) {
    const pods = runningPods(round, spec.pods)
    const nodes = spec.fromNodes ? await everyNode(round) : []
    const size = requireSize(spec, pods, nodes)
    const origins: Origin[] = [...pods.map(podOrigin), ...nodes.flatMap((node) => originsOf(round, { node: positionOf(round.view, node) }))]
    const { cells, paths } = await matrixOf(round, origins, pods, spec.port)
    const evidence = [size, ...origins.map((origin) => rowEvidence(origin, cells, spec.port)), ...witnesses(cells), ...controlEvidence(paths)]
    const dead = paths.find(({ alive }) => !alive)
    const bad = cells.filter(({ end }) => end !== 'OK')
    if (bad.length > 0) throw new NotMet(`${bad.length} of ${cells.length} cells are not OK: ${list(bad)}.${dead ? ` Not even the control Pods of ${dead.from} and ${dead.to} reach each other.` : ''}`,
      evidence, dead && `path ${dead.from} → ${dead.to}`, bad.every(({ end }) => end === 'OTHER') ? recordMs : undefined)
    if (dead) throw new NotMet(`Every cell is OK, and still the control Pods of ${dead.from} and ${dead.to} do not reach each other (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
    const beside = nodes.length === 0 ? '' : `, and ${nodes.join(', ')} reach each of them`
    return { state: 'green', nodes: [], evidence, why: `${cells.length} of ${cells.length} cells are OK: ${pods.length} Pods on ${nodesOf(pods).length} nodes reach each other${beside}.` }
  },
}

const nodesOf = (pods: readonly Pod[]): string[] => [...new Set(pods.map((pod) => pod.spec?.nodeName ?? ''))].sort()

/** The cluster's nodes as it was made; each is also in the API, and no other. */
async function everyNode(round: Round): Promise<string[]> {
  const made = round.view.nodes.map(({ name }) => name)
  const known = (await round.view.kube.list({ apiVersion: 'v1', kind: 'Node' }, round.deadline)).map(({ metadata }) => metadata.name)
  const odd = made.find((name) => !known.includes(name)) ?? known.find((name) => !made.includes(name))
  if (odd === undefined) return made
  const observed = plainLine(known.join(', ') || 'no node', 300)
  throw new NotMet(made.includes(odd) ? `Node ${odd} is not in the cluster any more, so the matrix lacks its row.` : `Node ${plainLine(odd, 80)} is none that this cluster was made of, so nothing can ask from it.`,
    [{ witness: 'api', command: 'hoplab kubectl get nodes', observed, expected: made.join(', ') }], `node ${plainLine(odd, 80)}`)
}

/** The matrix is as large as the author says, before any of its cells counts. */
function requireSize({ podCount, nodeCount }: CheckOf<'mesh'>, pods: readonly Pod[], nodes: readonly string[]): Evidence {
  const places = nodesOf(pods)
  const cells = pods.length * (pods.length - 1) + nodes.length * pods.length
  const evidence: Evidence = {
    witness: 'api', command: podsCommand(pods[0]?.metadata.namespace ?? ''),
    observed: plainLine(`${pods.length} Pods on ${places.join(', ')}${nodes.length === 0 ? '' : `, and ${nodes.length} nodes that ask`}: ${cells} cells`, 300), expected: `at least ${podCount} Pods on ${nodeCount} nodes`,
  }
  const onHost = pods.find((pod) => pod.spec?.hostNetwork)
  if (onHost) throw new NotMet(`Pod ${podName(onHost)} is on its node's network: it has no row or column of its own.`, [evidence])
  if (pods.length < podCount) throw new NotMet(`There are ${pods.length} Pods for the matrix, and ${podCount} are needed: ${pods.map(podName).join(', ')}.`, [evidence])
  if (places.length < nodeCount) throw new NotMet(`The Pods of the matrix are on ${places.join(', ')} only; ${nodeCount} nodes are needed, or no way between nodes is in it.`, [evidence])
  return evidence
}

const endOf = ({ end, doubt }: Cell): string => (doubt === undefined ? end : `${end} (${doubt})`)

function list(bad: readonly Cell[]): string {
  const shown = bad.slice(0, named).map((cell) => `${cell.from.name} → ${podName(cell.to)} ${endOf(cell)}`).join(', ')
  return bad.length > named ? `${shown} and ${bad.length - named} more` : shown
}

function rowEvidence(origin: Origin, cells: readonly Cell[], port: number): Evidence {
  const row = cells.filter(({ from }) => from === origin)
  const address = (row.find(({ end }) => end !== 'OK') ?? row[0])?.to.status?.podIP ?? ''
  return { witness: 'client', command: origin.at(`curl -s -m 2 http://${address}:${port}/`), observed: plainLine(`${origin.name} → ${row.map((cell) => `${podName(cell.to)} ${endOf(cell)}`).join(', ')}`, 4_000), expected: `${row.length} OK` }
}

function witnesses(cells: readonly Cell[]): Evidence[] {
  const tracked = cells.filter((cell) => cell.tracked).length
  const believed = cells.filter((cell) => cell.believed).length
  return [
    { witness: 'server', observed: `${believed} of ${cells.length} answers are in the words of the lab's own server`, expected: 'all, where the Pods run it' },
    { witness: 'conntrack', observed: `${tracked} of ${cells.length} connections are in the kernels' records`, expected: 'all, where the nodes track' },
  ]
}
