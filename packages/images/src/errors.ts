import { defineError } from '@hoplab/core'
import { startOwnEngine } from '@hoplab/core/node'

export const HOP_IMAGES_ENGINE_UNREACHABLE = defineError<{ said: string }>('HOP_IMAGES_ENGINE_UNREACHABLE', {
  exitCode: 3,
  what: 'No container engine answers.',
  why: (p) => p.said.trim() || 'The docker client printed nothing.',
  fix: () => `Start Docker; on a bare Linux machine run "${startOwnEngine()}".`,
  state: 'Nothing was built or pulled.',
})
export const HOP_IMAGES_MISSING = defineError<{ missing: string[]; source: string; build: string }>('HOP_IMAGES_MISSING', {
  exitCode: 3,
  what: (p) => `The engine lacks ${p.missing.join(', ')}.`,
  why: (p) => (p.source === 'local' ? 'Images of the source "local" are built on this machine; no registry is asked for them.' : 'With CI=true no registry is asked unless HOPLAB_REGISTRY names one.'),
  fix: (p) => (p.source === 'local' ? `Run "${p.build}".` : `Set HOPLAB_REGISTRY, or run "${p.build}" and use "--images local".`),
  state: 'Nothing was created.',
})
export const HOP_IMAGES_STALE = defineError<{ stale: string[]; build: string }>('HOP_IMAGES_STALE', {
  exitCode: 3,
  what: (p) => `Built from older sources: ${p.stale.join(', ')}.`,
  why: 'The recipes or programs of these images have changed since they were built.',
  fix: (p) => `Run "${p.build}".`,
  state: 'Nothing was created.',
})
export const HOP_IMAGES_UNPUBLISHED = defineError<{ images: string[]; build: string }>('HOP_IMAGES_UNPUBLISHED', {
  exitCode: 2,
  what: (p) => `No registry has ${p.images.join(', ')}.`,
  why: 'What was published under this version does not fit; these images are built on this machine only.',
  fix: (p) => `Run "${p.build}", and use "--images local".`,
  state: 'Nothing was created.',
})
export const HOP_IMAGES_PULL_FAILED = defineError<{ image: string; said: string }>('HOP_IMAGES_PULL_FAILED', {
  exitCode: 3,
  what: (p) => `The image ${p.image} could not be pulled.`,
  why: (p) => p.said.trim().slice(-400),
  fix: 'Check the network, set HOPLAB_REGISTRY to a registry that has it, or run "./hoplab images build" and add "--images local".',
  state: 'Images pulled before stay in the engine.',
})
export const HOP_IMAGES_TOOL_MISSING = defineError<{ tool: string; step: string; install: string }>('HOP_IMAGES_TOOL_MISSING', {
  exitCode: 3,
  what: (p) => `Building "${p.step}" needs ${p.tool}, which is not here.`,
  why: 'Images of the source "local" are compiled from Go modules and made from Debian packages on this machine.',
  fix: (p) => p.install,
  state: 'Steps finished before are kept and will not be repeated.',
})
export const HOP_IMAGES_NEED_ROOT = defineError<{ step: string }>('HOP_IMAGES_NEED_ROOT', {
  exitCode: 3,
  what: (p) => `Building "${p.step}" needs root.`,
  why: 'debootstrap makes device files and changes root.',
  fix: 'Run "sudo ./hoplab images build".',
  state: 'Steps finished before are kept and will not be repeated.',
})
export const HOP_IMAGES_DISK_LOW = defineError<{ folder: string; freeGiB: number; neededGiB: number }>('HOP_IMAGES_DISK_LOW', {
  exitCode: 3,
  what: (p) => `${p.freeGiB.toFixed(1)} GiB are free under ${p.folder}; building needs ${p.neededGiB} GiB.`,
  why: 'Compiled programs, root file systems and the images made of them are kept side by side.',
  fix: 'Free space there, or set HOPLAB_HOME to a folder on a larger disk, then run "./hoplab images build".',
  state: 'Nothing was built.',
})
export const HOP_IMAGES_MODULE_MISSING = defineError<{ module: string; said: string }>('HOP_IMAGES_MODULE_MISSING', {
  exitCode: 3,
  what: (p) => `The Go module ${p.module} cannot be had.`,
  why: (p) => p.said.trim().slice(-400),
  fix: 'Check that "go env GOPROXY" names a proxy that this machine reaches, then run "./hoplab images build".',
  state: 'Steps finished before are kept and will not be repeated.',
})
export const HOP_IMAGES_STEP_FAILED = defineError<{ step: string; said: string; log: string }>('HOP_IMAGES_STEP_FAILED', {
  exitCode: 3,
  what: (p) => `Building "${p.step}" failed.`,
  why: (p) => p.said.trim().slice(-400) || 'The program that failed printed nothing.',
  fix: (p) => `Read ${p.log}, then run "./hoplab images build".`,
  state: 'Steps finished before are kept and will not be repeated.',
})
export const HOP_IMAGES_UNKNOWN_STEP = defineError<{ name: string; known: string[] }>('HOP_IMAGES_UNKNOWN_STEP', {
  exitCode: 2,
  what: (p) => `There is no image or step "${p.name}".`,
  why: (p) => `Known: ${p.known.join(', ')}.`,
  fix: 'Run "./hoplab images build --only node".',
  state: 'Nothing was built.',
})
export const HOP_KIND_MISSING = defineError<{ version: string; said: string }>('HOP_KIND_MISSING', {
  exitCode: 3,
  what: (p) => `kind ${p.version} is not here and could not be made.`,
  why: (p) => p.said.trim().slice(-400),
  fix: (p) => `Install kind ${p.version} on the PATH, or install Go and try again.`,
  state: 'Nothing was created.',
})
