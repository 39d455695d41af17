import type { Baseline } from '@hoplab/cluster'
import type { CniInstaller } from '@hoplab/cni'
import type { ErrorFacts } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { type Answers, type CheckResult, labFile, type SavedLab, savedLab, type Spent, type Verdict } from '@hoplab/model'
import type { PlacedCheck, Verifier } from '@hoplab/verify'
import type { LabStore } from '../lab-store.ts'
import type { LabMaterial } from '../material.ts'

/** A store in memory that goes through the same schema as the one on disk. */
export class MemoryStore implements LabStore {
  saved: SavedLab | undefined
  baseline: Baseline | undefined
  spent: Spent = { schemaVersion: 1, labs: {} }
  kept: ErrorFacts[] = []
  async read(): Promise<SavedLab | undefined> { return structuredClone(this.saved) }
  async write(saved: SavedLab): Promise<void> { this.saved = savedLab.parse(structuredClone(saved)) }
  async readBaseline(): Promise<Baseline | undefined> { return this.baseline }
  async writeBaseline(baseline: Baseline): Promise<void> { this.baseline = baseline }
  async readSpent(): Promise<Spent> { return structuredClone(this.spent) }
  async writeSpent(spent: Spent): Promise<void> { this.spent = structuredClone(spent) }
  async remove(): Promise<void> { this.saved = undefined; this.baseline = undefined }
  async keepEvidence(facts: ErrorFacts): Promise<string> { this.kept.push(facts); return `/evidence/${this.kept.length}` }
}

/** An installer that is never asked to install: the fake cluster has no network. */
export const fakeInstaller: CniInstaller = {
  name: 'flannel', images: [], memoryGiBPerNode: 0.25,
  capabilities: { networkPolicy: false, plugin: 'flannel', ipam: 'per-node', agent: { namespace: 'kube-flannel', name: 'kube-flannel-ds' } },
  probe: async () => ({ ready: true }), install: async () => {}, pending: async () => [], faults: async () => [],
}

/** How a fake verifier judges one check. */
export type Judge = (check: PlacedCheck, kube: KubeClient, answers: Answers) => Promise<Verdict> | Verdict

/** A verifier that asks `judge` for each verdict and earns points only for a pass, as the real one does. */
export function fakeVerifier(judge: Judge): Verifier {
  return {
    async verify(checks, view, { answers, onResult }) {
      const results: CheckResult[] = []
      for (const check of checks) {
        const verdict = await judge(check, view.kube, answers)
        const { points, id } = check.spec
        const result: CheckResult = { id, step: check.step, title: check.title, verdict, points: verdict === 'pass' ? points : 0, maxPoints: points,
          truth: 'real', why: `judged ${verdict}`, evidence: [], attempts: 1, flapped: false, durationMs: 1 }
        results.push(result)
        onResult?.(result)
      }
      return results
    },
  }
}

const both = (text: string): { en: string; 'hi-Latn': string } => ({ en: text, 'hi-Latn': text })
const service = { apiVersion: 'v1', kind: 'Service', name: 'web' }
const hints = [{ cost: 0, text: both('look') }, { cost: 1, text: both('look closer') }, { cost: 5, text: both('do this') }]

/** A Service whose selector is wrong, and a question: two steps, 3 + 2 points and a check that scores nothing. */
export const tinyLab: LabMaterial = {
  file: labFile.parse({
    id: 'tiny', section: 0, title: both('Tiny'), summary: both('Smallest lab'), minutes: 5, workers: 1, cnis: ['flannel'], namespaces: ['tiny'],
    nodeCommands: ['iptables'],
    steps: [
      { id: 'mend', title: both('Mend'), text: '01-mend', hints, checks: [
        { kind: 'object', id: 'selector', title: both('Selector'), points: 3, object: service, expect: [{ path: 'spec.selector.app', equals: 'web' }] },
        { kind: 'object', id: 'exists', title: both('Exists'), object: service, expect: [{ path: 'metadata.name', exists: true }] }] },
      { id: 'tell', title: both('Tell'), text: '02-tell', after: ['mend'], hints, questions: [{ key: 'who', prompt: both('Who?') }], checks: [
        { kind: 'answer', id: 'who', title: both('Who'), points: 2, needs: ['selector'], key: 'who', truth: { equals: 'pod-1' } }] },
    ],
  }),
  manifests: [
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'wep' } } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod-1', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'hoplab/echo' }] }, status: readyStatus() },
  ],
  solutions: [
    { name: '1-patch', title: both('Patch'), verbs: [selectorPatch('web')], answers: { who: { pod: { labels: { app: 'web' } }, field: 'metadata.name' } } },
    { name: '2-apply', title: both('Apply'), answers: { who: 'pod-1' },
      verbs: [{ apply: 'web.yaml', objects: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' } } }] }] },
  ],
  nearMisses: [{ name: '1-no-answer', title: both('No answer'), verbs: [selectorPatch('web')], answers: {}, caughtBy: ['who'] }],
  faults: [{ name: '1-selector', title: both('Selector typo'), layer: 'service', do: [selectorPatch('wep')], undo: [selectorPatch('web')], in: {}, on: {}, proxyModes: ['iptables', 'nftables'],
    expect: { selector: 'fail', exists: 'pass', who: 'skipped' } }],
}

/** Judges {@link tinyLab} by what is in the fake's store, as the real checks would. */
export const judgeTiny: Judge = async (check, kube, answers) => {
  const deadline = { throwIfOver() {} } as Parameters<KubeClient['get']>[1]
  const found = await kube.get({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'tiny' }, deadline)
  const mended = (found?.spec as { selector?: { app?: string } } | undefined)?.selector?.app === 'web'
  if (check.spec.id === 'exists') return found ? 'pass' : 'fail'
  if (check.spec.id === 'selector') return mended ? 'pass' : 'fail'
  return mended ? (answers.who === 'pod-1' ? 'pass' : 'fail') : 'skipped'
}

function selectorPatch(app: string): { patch: typeof service; type: 'strategic'; value: { spec: { selector: { app: string } } } } {
  return { patch: service, type: 'strategic', value: { spec: { selector: { app } } } }
}

function readyStatus(): KubeObject['status'] {
  return { phase: 'Running', podIP: '10.244.1.2', conditions: [{ type: 'Ready', status: 'True' }] }
}
