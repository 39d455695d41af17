import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go, staticEnv, trim } from './go.ts'
import { moduleBinary } from './module-binary.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { BuildContext, Step } from './step.ts'

/** Commands of Kubernetes that a node and its control plane are made of. */
const kubernetesCommands = ['kubeadm', 'kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubectl'] as const
/** The version must be linked in: a plain `go build` leaves a v0.0.0 from which kubeadm derives impossible bounds. */
const kubernetesFlags = (version: string): string => {
  const [major = '', minor = ''] = version.slice(1).split('.')
  const set = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean', gitCommit: 'go-module', buildDate: '1970-01-01T00:00:00Z' }
  return ['-s -w', ...Object.entries(set).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)].join(' ')
}

/** The Kubernetes commands from its published modules. */
export const kubernetesBinaries: Step = {
  name: 'kubernetes-binaries', needs: [], expectedMs: 630_000, tools: ['go'],
  inputs: async ({ versions }) => ({ kubernetes: versions.local.kubernetes, commands: kubernetesCommands, flags: kubernetesFlags(versions.local.kubernetes.version) }),
  output: {
    kind: 'folder',
    async make(folder, context) {
      const { version, staging } = context.versions.local.kubernetes
      const env = { ...staticEnv, GOFLAGS: '-mod=mod' }
      await writeKubernetesModule(folder, version, staging, context)
      for (const command of kubernetesCommands) {
        context.onLine(`go build ${command}`)
        await go(['build', ...trim, '-ldflags', kubernetesFlags(version), '-o', command, `k8s.io/kubernetes/cmd/${command}`], folder, 'kubernetes-binaries', context, env)
      }
    },
  },
}

/**
 * Kubernetes as a dependency of a module of ours: its own go.mod points its staging modules at folders that the published
 * module does not hold, and replacements of a dependency do not count; so each gets its published version instead.
 */
async function writeKubernetesModule(folder: string, version: string, staging: string, context: BuildContext): Promise<void> {
  await writeFile(join(folder, 'go.mod'), 'module hoplab.dev/kubernetes\n')
  const answer = await go(['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], folder, 'kubernetes-binaries', context, staticEnv)
  const source = (JSON.parse(answer) as { Dir: string }).Dir
  await writeFile(join(folder, 'go.mod'), kubernetesModule(await readFile(join(source, 'go.mod'), 'utf8'), version, staging))
  await writeFile(join(folder, 'go.sum'), await readFile(join(source, 'go.sum')))
}

/** The go.mod of a module that compiles the commands of Kubernetes `version`, derived from that version's own go.mod. */
export function kubernetesModule(upstream: string, version: string, staging: string): string {
  const required = [...upstream.matchAll(/^require \(\n([\s\S]*?)^\)/gmu)].flatMap((block) => (block[1] ?? '').split('\n').filter((line) => line.trim()))
    .map((line) => line.replace(/^(\s*k8s\.io\/[\w-]+) v0\.0\.0(?=\s|$)/u, `$1 ${staging}`))
  const staged = [...upstream.matchAll(/^\s+(k8s\.io\/[\w-]+) => \.\/staging/gmu)].map((match) => `\t${match[1]} => ${match[1]} ${staging}`)
  const goLine = /^go \S+$/mu.exec(upstream)?.[0] ?? 'go 1.24.0'
  return ['module hoplab.dev/kubernetes', '', goLine, '', 'require (', ...required, `\tk8s.io/kubernetes ${version}`, ')', '', 'replace (', ...staged, ')', ''].join('\n')
}

export const etcdBinary = moduleBinary({ name: 'etcd', expectedMs: 27_000, target: 'go.etcd.io/etcd/server/v3', binary: 'etcd', version: (v) => v.local.etcd.version })
export const corednsBinary = moduleBinary({
  name: 'coredns', expectedMs: 70_000, target: '.', binary: 'coredns', version: (v) => v.local.coredns.version,
  flags: (version) => `-X github.com/coredns/coredns/coremain.GitCommit=${version}`,
})
export const flannelBinary = moduleBinary({
  name: 'flannel', expectedMs: 80_000, target: 'github.com/flannel-io/flannel', binary: 'flanneld', cgo: true, version: (v) => v.local.flannel.version,
  flags: (version) => `-X github.com/flannel-io/flannel/pkg/version.Version=${version}`,
})
export const flannelCniPluginBinary = moduleBinary({
  name: 'flannel-cni-plugin', expectedMs: 3_000, target: 'github.com/containernetworking/plugins/plugins/meta/flannel', binary: 'flannel',
  version: (v) => v.local.flannelCniPlugin.version,
})

/** One program of ours, from programs/cmd/NAME and the packages that it uses. */
function program(name: string, internal: string[] = []): Step {
  return {
    name: `${name}-program`, needs: [], expectedMs: 15_000, tools: ['go'],
    inputs: async () => filesBelow(`programs/cmd/${name}`, ...internal.map((folder) => `programs/internal/${folder}`), 'programs/go.mod'),
    output: {
      kind: 'folder',
      async make(folder, context) {
        const source = join(packageFolder, 'programs')
        await go(['build', ...trim, '-ldflags', '-s -w', '-o', join(folder, name), `./cmd/${name}`], source, `${name}-program`, context, staticEnv)
      },
    },
  }
}

export const echoProgram = program('echo', ['answer'])
export const probeProgram = program('hoplab-probe', ['answer', 'netns', 'dnswire', 'probe'])
export const agentProgram = program('hoplab-agent', ['agent'])
export const metadataProgram: Step = { ...program('instance-metadata'), onRequest: true }
export const pauseProgram = program('pause')
export const balancerProgram = program('hoplab-balancer', ['balancer'])
