import { readLab } from '@hoplab/catalog/fs'
import type { LoadedLab } from '@hoplab/catalog'
import type { CniInstaller } from '@hoplab/cni'
import { type LabRun, openLab } from '@hoplab/engine'
import { imageSet, useOwnEngine } from '@hoplab/images'
import { type CniName, defaultSeed, type ImageSource, type ProxyMode, type SavedLab } from '@hoplab/model'
import type { Heard } from '@hoplab/report'
import { createVerifier } from '@hoplab/verify'
import { askedOptions } from './cni-option.ts'
import { type CommandContext, textFlag } from './context.ts'
import { folderStore } from './folder-store.ts'
import { addonsOf, installerOf, providerOf } from './implementations.ts'
import { labsRoot } from './labs-root.ts'
import { refuseUnproven } from './refuse-unproven.ts'
import { nameForNew, whichLab } from './which-lab.ts'

/** A lab opened for a command, with its texts. */
export interface OpenedLab { run: LabRun; lab: LoadedLab }

/** A lab to be made by this command, from its flags. Nothing is created. @throws HOP_SEED_INVALID, HOP_LAB_UNKNOWN and the lab's own problems, HOP_NOT_OFFERED */
export async function openNew(context: CommandContext, asked: string, options: { temporary: boolean }): Promise<OpenedLab> {
  const seed = await seedForNew(context, asked, options)
  const asksFor = textFlag(context, 'cni')
  const lab = await readLab(labsRoot(), asked, seed, asksFor as CniName | undefined)
  const cni = asksFor ?? lab.file.cnis[0] ?? 'flannel'
  const proxyMode = (textFlag(context, 'proxyMode') ?? 'iptables') as ProxyMode
  const cniOptions = askedOptions(context, cni)
  await refuseUnproven(lab.file, { cni, proxyMode, ...(cniOptions ? { options: cniOptions } : {}) })
  const run = await opened(context, lab, {
    name: nameForNew(context, lab.file.id), provider: textFlag(context, 'provider') ?? 'auto', installer: await installerOf(cni, cniOptions ?? lab.file.cniOptions), proxyMode,
    images: (textFlag(context, 'images') ?? 'auto') as ImageSource, internet: context.flags.internet === true,
    seed, temporary: options.temporary,
  })
  return { run, lab }
}

/** The seed that is asked for; else that of the lab that is up under the name, unless everything of it is to be forgotten; else the default. */
async function seedForNew(context: CommandContext, asked: string, { temporary }: { temporary: boolean }): Promise<string> {
  const said = textFlag(context, 'seed')
  if (said !== undefined || temporary || context.flags.startOver === true) return said ?? defaultSeed
  const { file } = await readLab(labsRoot(), asked)
  const saved = await folderStore(nameForNew(context, file.id)).read()
  return saved?.lab === file.id ? saved.seed : defaultSeed
}

/** A lab that is up: the one named or the only one. @throws HOP_NO_LAB_UP, HOP_LAB_AMBIGUOUS */
export async function openUp(context: CommandContext): Promise<OpenedLab & { saved: SavedLab }> {
  const saved = await whichLab(context)
  return { ...await openSaved(context, saved), saved }
}

/** A lab from what is remembered of it. */
export async function openSaved(context: CommandContext, saved: SavedLab): Promise<OpenedLab> {
  const lab = await readLab(labsRoot(), saved.lab, saved.seed, saved.cni)
  const run = await opened(context, lab, { ...saved, installer: await installerOf(saved.cni, saved.cniOptions) })
  return { run, lab }
}

interface Choice {
  name: string
  provider: string
  installer: CniInstaller
  proxyMode: ProxyMode
  images: ImageSource
  internet: boolean
  seed: string
  temporary: boolean
}

async function opened(context: CommandContext, lab: LoadedLab, choice: Choice): Promise<LabRun> {
  useOwnEngine()
  const hear = (event: Heard): void => context.reporter.hear(event)
  return openLab({
    lab, name: choice.name, provider: await providerOf(choice.provider), installer: choice.installer, addons: await addonsOf(lab.file.addons), verifier: createVerifier(),
    // The name and tag of our own images are the same in every source.
    images: { 'hoplab/echo': imageSet('local').echo },
    store: folderStore(choice.name), imageSource: choice.images, proxyMode: choice.proxyMode, internet: choice.internet, seed: choice.seed,
    temporary: choice.temporary, language: context.language, progress: hear, emit: hear,
  })
}
