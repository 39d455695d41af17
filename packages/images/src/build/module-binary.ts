import { join } from 'node:path'
import { go, staticEnv, trim } from './go.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { BuildContext, Step } from './step.ts'

/** A program of somebody else's, compiled from its published module. */
interface ModuleBinary {
  name: string; expectedMs: number
  /** Folder below modules/. @default name */
  module?: string
  /** What is compiled: `.` = the module folder's own main. */
  target: string
  binary: string
  /** flanneld's udp backend is C. */
  cgo?: boolean
  flags?: (version: string) => string
  version: (versions: BuildContext['versions']) => string
}

/** One program compiled from a folder of modules/, whose go.mod and go.sum pin everything. */
export function moduleBinary({ name, module = name, expectedMs, target, binary, cgo = false, flags, version }: ModuleBinary): Step {
  const ldflags = (versions: BuildContext['versions']): string => ['-s -w', flags?.(version(versions)) ?? ''].join(' ').trim()
  return {
    name: `${name}-binary`, needs: [], expectedMs, tools: cgo ? ['go', 'gcc'] : ['go'],
    inputs: async ({ versions }) => ({ files: await filesBelow(`modules/${module}`), flags: ldflags(versions), cgo, target }),
    output: {
      kind: 'folder',
      async make(folder, context) {
        const source = join(packageFolder, 'modules', module)
        await go(['build', ...trim, '-ldflags', ldflags(context.versions), '-o', join(folder, binary), target], source, `${name}-binary`, context,
          { ...staticEnv, CGO_ENABLED: cgo ? '1' : '0' })
      },
    },
  }
}
