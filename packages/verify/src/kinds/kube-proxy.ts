import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { Canary } from '../barrier/canary.ts'
import { askUntil } from '../probes/ask-until.ts'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import { nodesAt, onNode } from '../scene/node-place.ts'
import { type Page, pages, progressIn, type Progress, readPage, rulesTable } from '../witness/proxy-status.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** How long its metrics may tell of an older sync after its rules already work, in milliseconds: it counts when a sync is over. Syncs are a second apart at least, and on a busy node one takes seconds. */
const countingMs = 5_000

/** A kube-proxy that has just begun listens some seconds later, and nothing says when: one that is broken for good still is after this many milliseconds. */
const beginningMs = 6_000

/**
 * `kube-proxy`: on each node it is in the asked mode, alive, healthy, and writes what is asked of it. Witnesses: its own pages and metrics, the rules in
 * the kernel, and a Service made during the look that must work on the node; the time of its last sync must have moved on since before that Service,
 * both by the node's clock. Control: the node's control Pod, which the Service leads to, answers when asked directly. Known false pass: rules
 * that a dead kube-proxy left behind serve old Services. None of its words is believed about another clock.
 */
export const kubeProxy: CheckKind<'kube-proxy'> = {
  async look(spec, round) {
    const nodes = nodesAt(round, spec.nodes)
    const controls = (await Promise.all(nodes.map((node) => controlPaths(round, node, [node])))).flat()
    const before = await Promise.all(nodes.map((node) => statusOf(round, node)))
    const evidence = before.flatMap((status) => statusEvidence(round, status))
    for (const status of before) requireHealthy(round, status, evidence)
    await using canary = await Canary.release(round.view, round.snapshot, round.deadline)
    const after = await Promise.all(before.map((status) => catchUp(round, canary, status)))
    evidence.push(...after.map(({ node, answered, progress }, index): Evidence => ({
      witness: 'canary', command: onNode(round.view, node, `curl -s ${pages.metrics}`), expected: 'a Service made now works, a later sync, nothing pending',
      observed: plainLine(`${node}: a Service made now ${answered ? 'works' : 'does not work'}; last sync ${describe(before[index]?.progress.syncedAt)} → ${describe(progress.syncedAt)}, ${progress.pending ?? '?'} changes pending`, 200),
    })), ...controlEvidence(controls))
    for (const [index, { node, answered, progress }] of after.entries()) {
      if (!answered) throw new NotMet(`kube-proxy on ${node} does not write a Service made some seconds ago, whatever its older rules still serve.`, evidence, `kube-proxy on ${node}`, beginningMs)
      const from = before[index]?.progress.syncedAt
      if (from === undefined || progress.syncedAt === undefined || progress.syncedAt <= from) throw new NotMet(`A Service made now works on ${node}, but not by this kube-proxy: its last sync is older.`, evidence, `kube-proxy on ${node}`, beginningMs)
      if (progress.pending !== 0) throw new NotMet(`kube-proxy on ${node} has ${progress.pending ?? 'an unknown number of'} changes that it has not written.`, evidence, `kube-proxy on ${node}`, beginningMs)
    }
    // Its own Service was made during the look: nothing older is waited for.
    return { state: 'green', nodes: [], evidence, why: `kube-proxy on ${nodes.join(', ')} is in mode ${round.view.networkFacts.proxyMode}, healthy, and wrote a Service made during the check.` }
  },
}

interface Status { node: string; mode: Page; healthz: Page; livez: Page; rules: Awaited<ReturnType<typeof rulesTable>>; progress: Progress }

async function statusOf(round: Round, node: string): Promise<Status> {
  const [mode, metrics, healthz, livez, rules] = await Promise.all([
    ...[pages.mode, pages.metrics, pages.healthz, pages.livez].map((url) => readPage(round, node, url)) as [Promise<Page>, Promise<Page>, Promise<Page>, Promise<Page>],
    rulesTable(round, node, round.view.networkFacts.proxyMode),
  ])
  return { node, mode, healthz, livez, rules, progress: progressIn(metrics.body) }
}

function requireHealthy(round: Round, { node, mode, healthz, livez, rules }: Status, evidence: Evidence[]): void {
  const hop = `kube-proxy on ${node}`
  const bad = [mode, livez, healthz].find(({ status }) => status !== 200)
  if (bad) throw new NotMet(bad.status === 0 ? `kube-proxy on ${node} does not run: nobody answers at ${bad.url}.` : `kube-proxy on ${node} is not well: ${bad.url} says ${bad.status}.`, evidence, hop, beginningMs)
  const wanted = round.view.networkFacts.proxyMode
  if (mode.body.trim() !== wanted) throw new NotMet(`kube-proxy on ${node} is in mode ${plainLine(mode.body, 40)}, not ${wanted}.`, evidence, hop)
  if (!rules.present) throw new NotMet(`The kernel of ${node} has no rules of kube-proxy for mode ${wanted}: ${rules.observed}.`, evidence, hop, beginningMs)
}

/** Waits until the Service works on the node and the metrics tell of a later sync; gives up after some seconds. */
async function catchUp(round: Round, canary: Canary, { node, progress: before }: Status): Promise<{ node: string; answered: boolean; progress: Progress }> {
  const answered = await canary.answersOn(node, round.deadline)
  let progress = before
  await askUntil(round.deadline, countingMs, async () => {
    progress = progressIn((await readPage(round, node, pages.metrics)).body)
    return !answered || (progress.pending === 0 && (progress.syncedAt ?? 0) > (before.syncedAt ?? Infinity))
  })
  return { node, answered, progress }
}

const describe = (at: number | undefined): string => (at === undefined ? 'unknown' : at.toFixed(3))

function statusEvidence(round: Round, { node, mode, healthz, livez, rules }: Status): Evidence[] {
  const page = ({ url, status, body }: Page, expected: string): Evidence => ({ witness: 'kube-proxy', command: onNode(round.view, node, `curl -s ${url}`), observed: plainLine(`${node}: ${status === 0 ? 'nobody answers' : `${status} ${body}`}`, 120), expected })
  return [
    page(mode, round.view.networkFacts.proxyMode), page(healthz, '200'), page(livez, '200'),
    { witness: 'rules', command: onNode(round.view, node, rules.command), observed: `${node}: ${rules.observed}`, expected: 'the entries of kube-proxy' },
  ]
}
