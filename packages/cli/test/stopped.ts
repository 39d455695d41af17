import { atEndOf, atStartOf, type Moment } from './typed-command.ts'

/** Every phase of a run, in its order. */
const all = ['images', 'network', 'nodes', 'gateway', 'toolboxes', 'cni', 'ready', 'lab', 'baseline', 'untouched', 'solution', 'down']
/** By default three of each, early and in the middle, and a late Ctrl-C. HOPLAB_TEST_PHASES takes `all` (about 13 minutes) or a list with commas. */
const byDefault = { 'Ctrl-C': ['network', 'toolboxes', 'solution'], 'kill -9': ['network', 'nodes', 'cni'] }

/** Phases in which a run is stopped this way. */
export function phasesFor(way: keyof typeof byDefault): readonly string[] {
  const asked = process.env.HOPLAB_TEST_PHASES
  if (!asked) return byDefault[way]
  const phases = asked === 'all' ? all : asked.split(',')
  const unknown = phases.filter((phase) => !all.includes(phase))
  if (unknown.length > 0) throw new Error(`HOPLAB_TEST_PHASES has no ${unknown.join(', ')}; a run has ${all.join(', ')}`)
  return phases
}

/** Sends the signal well inside the phase. The untouched lab is checked right after its baseline; nodes are ended once kind is well on its way. */
export const stopIn = (phase: string, signal: NodeJS.Signals): Moment => ({
  when: phase === 'untouched' ? atEndOf('baseline') : atStartOf(phase),
  then: async (pid) => { await pause(phase === 'nodes' ? 4_000 : 300); process.kill(pid, signal) },
})

/** Milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })
