import { columns } from '@hoplab/report'
import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { faultToBreak, faultToUndo } from '../which-fault.ts'

/** `hoplab break [FAULT | any] [--undo]` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun, lab, saved } = await openUp(context)
  await using _connections = labRun
  const [asked] = context.args
  const undo = context.flags.undo === true
  if (asked === undefined && !undo) {
    const faults = lab.faults.map((fault) => ({ name: fault.name, layer: fault.layer, in: saved.faults.includes(fault.name) }))
    // The title would tell the learner what to find.
    printResult(context, { lab: lab.file.id, faults }, () => columns(['fault', 'state'], faults.map((fault) => [fault.name, fault.in ? 'in' : 'out']), context.look))
    return 0
  }
  const fault = undo ? await labRun.undo(context.deadline, faultToUndo(asked, saved)) : await labRun.inject(context.deadline, faultToBreak(asked, lab.faults, saved))
  printResult(context, { lab: lab.file.id, fault: fault.name, in: !undo }, () => (undo
    ? `Fault ${fault.name} is taken back: ${fault.title[context.language]}.`
    : 'The lab is broken. Find out where with "hoplab check" and "hoplab evidence"; "hoplab break --undo" takes it back and tells what it was.'))
  return 0
}
