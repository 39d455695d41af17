import { buildImages, listImages, useOwnEngine } from '@hoplab/images'
import { columns, duration } from '@hoplab/report'
import { type CommandContext, printResult } from '../context.ts'

/** `hoplab images build|list` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  return context.args[0] === 'build' ? build(context) : list(context)
}

async function build(context: CommandContext): Promise<number> {
  const { deadline, reporter } = context
  const only = context.flags.only
  const steps = await buildImages({ deadline, progress: (event) => reporter.hear(event), ...(Array.isArray(only) ? { only: only as string[] } : {}) })
  const made = steps.filter((step) => step.made)
  printResult(context, { steps }, () => (made.length === 0
    ? `All ${steps.length} steps were done already.`
    : `${made.length} of ${steps.length} steps done now: ${made.map((step) => `${step.name} (${duration(step.durationMs)})`).join(', ')}.`))
  return 0
}

async function list(context: CommandContext): Promise<number> {
  const images = (await Promise.all((['local', 'upstream'] as const).map(async (source) =>
    (await listImages({ source, deadline: context.deadline })).map((image) => ({ source, ...image }))))).flat()
  printResult(context, { images }, () => columns(['source', 'use', 'image', 'state', 'size'],
    images.map((image) => [image.source, image.use, image.ref, image.state, image.bytes === undefined ? '-' : `${Math.round(image.bytes / 1e6)} MB`]), context.look))
  return 0
}
