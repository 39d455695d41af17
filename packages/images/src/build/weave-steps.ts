import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go, staticEnv, trim } from './go.ts'
import { cniImage, fromDockerfile } from './image-steps.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { BuildContext, Step } from './step.ts'
import { edited, weaveEdits } from './weave-edits.ts'

const weave = 'github.com/weaveworks/weave'
const module = join(packageFolder, 'modules', 'weave')
/** The part of Weave's module that its programs are made of, and its licence. */
const parts = ['api', 'common', 'db', 'ipam', 'nameserver', 'net', 'npc', 'plugin', 'prog', 'proxy', 'router', 'LICENSE']

/**
 * Weave Net as its module has it, verified by go.sum, less what its programs do not need, with {@link weaveEdits}; beside it the go.mod that compiles it.
 * It is copied, because Go refuses to compile files of its module cache otherwise than they are.
 */
export const weaveSource: Step = {
  name: 'weave-source', needs: [], expectedMs: 15_000, tools: ['go'], onRequest: true,
  inputs: async () => ({ files: await filesBelow('modules/weave'), parts, edits: weaveEdits }),
  output: {
    kind: 'folder',
    async make(folder, context) {
      const answer = await go(['mod', 'download', '-json', weave], module, 'weave-source', context, staticEnv)
      const { Dir: verified } = JSON.parse(answer) as { Dir: string }
      const source = join(folder, 'source')
      await mkdir(source)
      for (const part of parts) await cp(join(verified, part), join(source, part), { recursive: true })
      for (const file of new Set(weaveEdits.map((edit) => edit.file))) await editFile(file, verified, source)
      await writeFile(join(source, 'go.mod'), `module ${weave}\n\ngo 1.13\n`)
      await writeFile(join(folder, 'go.mod'), `${await readFile(join(module, 'go.mod'), 'utf8')}\nreplace ${weave} => ./source\n`)
      await cp(join(module, 'go.sum'), join(folder, 'go.sum'))
    },
  },
}

async function editFile(file: string, verified: string, source: string): Promise<void> {
  // Files of Go's cache can only be read, and so can their copies.
  await rm(join(source, file))
  await writeFile(join(source, file), edited(file, await readFile(join(verified, file), 'utf8')))
}

/** weaver reads and writes packets with libpcap; the others need nothing of where they run, one of them is copied onto the node. */
const programs = { weaver: { cgo: true }, weaveutil: { cgo: false }, 'kube-utils': { cgo: false }, 'weave-npc': { cgo: false } } as const

const flags = ({ local }: BuildContext['versions']): string => `-s -w -X main.version=${local.weave.tag}`

/** Router, plugin, peers and policies of Weave Net. */
export const weavePrograms: Step = {
  name: 'weave-programs', needs: [weaveSource.name], expectedMs: 230_000, tools: ['go', 'gcc', 'pcap-config'], onRequest: true,
  inputs: async ({ versions }) => ({ programs, flags: flags(versions) }),
  output: {
    kind: 'folder',
    async make(folder, context) {
      for (const [name, { cgo }] of Object.entries(programs)) {
        const argv = ['build', ...trim, '-mod=readonly', '-tags', 'osusergo netgo', '-ldflags', flags(context.versions), '-o', join(folder, name), `${weave}/prog/${name}`]
        await go(argv, context.folderOf(weaveSource.name), 'weave-programs', context, { ...staticEnv, CGO_ENABLED: cgo ? '1' : '0' })
      }
      await cp(join(context.folderOf(weaveSource.name), 'source', 'LICENSE'), join(folder, 'LICENSE'))
    },
  },
}

/** All of Weave Net in one image. */
export const weaveImage: Step = {
  ...fromDockerfile({
    name: 'weave', expectedMs: 30_000, needs: ['base', weavePrograms.name], ref: cniImage('weave'), bases: { BASE: 'base' },
    binaries: [...Object.keys(programs), 'LICENSE'].map((file) => [weavePrograms.name, file] as [string, string]),
  }),
  onRequest: true,
}
