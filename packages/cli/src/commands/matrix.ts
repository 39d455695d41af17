import { compareNetworks } from '@hoplab/engine'
import { imageSet, useOwnEngine } from '@hoplab/images'
import type { ImageSource } from '@hoplab/model'
import { type Heard, matrixMarkdown, matrixText } from '@hoplab/report'
import { createVerifier, traceRequest } from '@hoplab/verify'
import { askedNetworks } from '../asked-networks.ts'
import { type CommandContext, textFlag } from '../context.ts'
import { requireEngine } from '../engine-help.ts'
import { HOP_USAGE } from '../errors.ts'
import { folderStore } from '../folder-store.ts'
import { providerOf } from '../implementations.ts'
import { lockRun } from '../run-lock.ts'
import { exitOf } from '../verdict-exit.ts'
import { nameForNew } from '../which-lab.ts'

/** `hoplab matrix --cni a,b,c [--proxy-mode …]` */
export async function run(context: CommandContext): Promise<number> {
  if (context.json && context.flags.markdown === true) throw HOP_USAGE({ said: 'The result cannot be JSON and Markdown at once.', fix: 'Leave "--json" or "--markdown" out.' })
  useOwnEngine()
  const { deadline, look } = context
  const imageSource = (textFlag(context, 'images') ?? 'auto') as ImageSource
  const provider = await providerOf(textFlag(context, 'provider') ?? 'auto')
  const name = nameForNew(context, 'matrix')
  const networks = await askedNetworks(context, imageSource)
  await requireEngine(provider, deadline)
  await using _held = await lockRun(name, deadline)
  const hear = (event: Heard): void => context.reporter.hear(event)
  const result = await compareNetworks({
    name, networks, provider, verifier: createVerifier(), trace: traceRequest, images: { 'hoplab/echo': imageSet('local').echo },
    store: folderStore(name), imageSource, progress: hear, emit: hear,
  }, deadline)
  context.print(context.json ? JSON.stringify(result) : context.flags.markdown === true ? matrixMarkdown(result) : matrixText(result, look))
  return exitOf(result.verdict)
}
