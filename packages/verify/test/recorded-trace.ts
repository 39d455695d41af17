import { readFileSync } from 'node:fs'
import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import type { LabView } from '@hoplab/verify'
import { Round } from '../src/round.ts'
import { Nobodies } from '../src/scene/nobodies.ts'
import type { Snapshot } from '../src/scene/snapshot.ts'
import { askedEnds } from '../src/trace/ends/resolve.ts'
import type { Asked } from '../src/trace/goal.ts'
import { followRequest, type Trace } from '../src/trace/request.ts'
import type { Identity } from '../src/trace/identity.ts'

/** What a real cluster's toolboxes printed during one trace. */
interface Recorded {
  own: number; namespace: string; from: string; to: string; nodes: LabView['nodes']; networkFacts: LabView['networkFacts']
  position: Record<string, string>; snapshot: Snapshot; outputs: Record<string, string[]>
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`./recorded-traces/${name}.json`, import.meta.url), 'utf8')) as Recorded
}

/** The recorded request, to be followed again; `change` may take something away that was seen. */
export function replay(name: string, change: (stdout: string, node: string) => string = (stdout) => stdout): { round: Round; asked: Asked; identity: Identity } {
  const tape = recorded(name)
  const left = structuredClone(tape.outputs)
  const view: LabView = {
    kube: new FakeKube(), nodes: tape.nodes, networkFacts: tape.networkFacts, namespaces: [tape.namespace], trustedImages: [], nobody: () => Promise.resolve(''),
    nodeName: (position) => tape.position[position] ?? position,
    shell: (node) => ({ node, exec: (argv) => {
      const stdout = change(left[node]?.shift() ?? '', node).replace(/^end \S+$/mu, `end ${argv[4]}`)
      return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 1 })
    } }),
  }
  const deadline = Deadline.start('test', 200_000)
  const round = new Round(view, tape.snapshot, { answers: {}, deadline, nobodies: new Nobodies(view, deadline) })
  return { round, asked: askedEnds(round, tape.from, tape.to), identity: { id: 'recorded', own: tape.own } }
}

/** Follows the recorded request again. */
export function follow(name: string, change?: (stdout: string, node: string) => string): Promise<Trace> {
  const { round, asked, identity } = replay(name, change)
  return followRequest(round, asked, { identity })
}
