import type { HopError } from '@hoplab/core'
import { HOP_LAB_COMMAND_DENIED, HOP_LAB_NODE_UNKNOWN } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { checksOf, pointAt } from './position.ts'
import { caseVerbs, faultVerbs, namedFaults } from './verbs.ts'

/** Nodes exist in the lab's cluster, and only allowed programs run on them. */
export function nodeProblems(lab: LoadedLab): HopError[] {
  const nodes = ['control-plane', ...Array.from({ length: lab.file.workers }, (_, i) => `worker-${i + 1}`)]
  const verbs = [...caseVerbs(lab), ...faultVerbs(lab)].flatMap((verb) => {
    if (!('node' in verb)) return []
    const program = verb.argv[0] ?? ''
    return [
      ...unknownNode(lab, verb, verb.node, ['node'], nodes),
      ...(lab.file.nodeCommands.includes(program) ? [] : [HOP_LAB_COMMAND_DENIED(
        { problem: `"${program}" may not be run on a node here.`, fix: `Use one of: ${lab.file.nodeCommands.join(', ') || '(none)'}; a lab's author may add to nodeCommands.` },
        pointAt(lab, verb, ['argv', 0]))]),
    ]
  })
  const faults = namedFaults(lab).flatMap((verb) => (['node', 'peer'] as const).flatMap((key) => {
    const node = (verb.with as { node?: string; peer?: string })[key]
    return node === undefined ? [] : unknownNode(lab, verb, node, ['with', key], nodes)
  }))
  return [...verbs, ...faults, ...checksOf(lab).flatMap(({ check, path }) =>
    'from' in check && 'node' in check.from ? unknownNode(lab, lab.file, check.from.node, [...path, 'from', 'node'], nodes) : [])]
}

function unknownNode(lab: LoadedLab, value: object, node: string, path: readonly (string | number)[], nodes: readonly string[]): HopError[] {
  return nodes.includes(node) ? [] : [HOP_LAB_NODE_UNKNOWN(
    { problem: `This lab has no node "${node}".`, fix: `Name one of: ${nodes.join(', ')}.` }, pointAt(lab, value, path))]
}
