import { listLabs } from '@hoplab/catalog/fs'
import { columns } from '@hoplab/report'
import { type CommandContext, printResult } from '../context.ts'
import { labsRoot } from '../labs-root.ts'

/** `hoplab labs` */
export async function run(context: CommandContext): Promise<number> {
  const found = await listLabs(labsRoot())
  const { language } = context
  const labs = found.flatMap((one) => ('file' in one ? [{
    id: one.file.id, folder: one.folder, section: one.file.section, title: one.file.title[language], minutes: one.file.minutes,
    points: one.file.steps.flatMap((step) => step.checks).reduce((sum, check) => sum + check.points, 0),
    steps: one.file.steps.map((step) => ({ id: step.id, title: step.title[language] })), providers: ['kind'], cnis: one.file.cnis,
  }] : []))
  const problems = found.flatMap((one) => ('problem' in one ? [{ folder: one.folder, error: one.problem.facts }] : []))
  printResult(context, { labs, problems }, () => columns(
    ['lab', 'section', 'title', 'minutes', 'points', 'steps', 'runs on'],
    labs.map((lab) => [lab.id, String(lab.section), lab.title, String(lab.minutes), String(lab.points), lab.steps.map((step) => step.id).join(', '), `kind with ${lab.cnis.join(', ')}`]),
    context.look))
  for (const problem of problems) context.say(`${problem.folder} cannot be read: ${problem.error.what}`)
  return problems.length > 0 ? 2 : 0
}
