import { columns } from '@hoplab/report'
import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'

/** `hoplab break [FAULT] [--undo]` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun, lab, saved } = await openUp(context)
  await using _connections = labRun
  const [asked] = context.args
  if (asked === undefined) {
    const faults = lab.faults.map((fault) => ({ name: fault.name, layer: fault.layer, in: saved.faults.includes(fault.name) }))
    // The title would tell the learner what to find.
    printResult(context, { lab: lab.file.id, faults }, () => columns(['fault', 'state'], faults.map((fault) => [fault.name, fault.in ? 'in' : 'out']), context.look))
    return 0
  }
  const undo = context.flags.undo === true
  const fault = undo ? await labRun.undo(context.deadline, asked) : await labRun.inject(context.deadline, asked)
  printResult(context, { lab: lab.file.id, fault: fault.name, in: !undo },
    () => (undo ? `Fault ${fault.name} is taken back: ${fault.title[context.language]}.` : 'The lab is broken. Find out where with "hoplab check" and "hoplab evidence".'))
  return 0
}
