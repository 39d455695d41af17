import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go, staticEnv } from './go.ts'
import { moduleBinary } from './module-binary.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { Step } from './step.ts'

const calico = 'github.com/projectcalico/calico'
const calicoProgram = (name: string, path: string, binary: string, variables: readonly string[], expectedMs: number): Step => moduleBinary({
  name, module: 'calico', expectedMs, target: `${calico}/${path}`, binary, version: (v) => v.local.calico.tag,
  flags: (tag) => variables.map((variable) => `-X ${variable}=${tag}`).join(' '),
})
/** Felix and the small jobs beside it, without eBPF: that part is C. */
export const calicoNodeBinary = calicoProgram('calico-node', 'node/cmd/calico-node', 'calico-node', [`${calico}/node/pkg/lifecycle/startup.VERSION`, `${calico}/felix/buildinfo.GitVersion`], 100_000)
/** CNI and IPAM plugin in one: which it is, its name tells. */
export const calicoCniBinary = calicoProgram('calico-cni', 'cni-plugin/cmd/calico', 'calico', ['main.VERSION'], 95_000)
/** Puts the plugins, their access to the API and their configuration onto a node. */
export const calicoInstallBinary = calicoProgram('calico-install', 'cni-plugin/cmd/install', 'install', ['main.VERSION'], 3_000)

/** The kinds of objects that Calico adds to the API, as its module has them: one YAML file. */
export const calicoCrdsFile: Step = {
  name: 'calico-crds-file', needs: [], expectedMs: 3_000, tools: ['go'],
  inputs: async () => filesBelow('modules/calico'),
  output: {
    kind: 'folder',
    async make(folder, context) {
      const answer = await go(['mod', 'download', '-json', calico], join(packageFolder, 'modules', 'calico'), 'calico-crds-file', context, staticEnv)
      const source = join((JSON.parse(answer) as { Dir: string }).Dir, 'libcalico-go', 'config', 'crd')
      const files = (await readdir(source)).filter((name) => name.endsWith('.yaml')).sort()
      const texts = await Promise.all(files.map((name) => readFile(join(source, name), 'utf8')))
      await writeFile(join(folder, 'crds.yaml'), texts.map((text) => `---\n${text}`).join(''))
    },
  },
}
