import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go, staticEnv } from './go.ts'
import { moduleBinary } from './module-binary.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { Step } from './step.ts'

const cni = 'github.com/aws/amazon-vpc-cni-k8s'
const program = (name: string, command: string, expectedMs: number): Step => ({ onRequest: true, ...moduleBinary({
  name: `aws-vpc-${name}`, module: 'aws-vpc', expectedMs, target: `${cni}/cmd/${command}`, binary: command, version: (v) => v.local.awsVpc.version,
  // ipamd refuses a plugin whose version, which is another variable, is not its own.
  flags: (version) => `-X ${cni}/pkg/version.Version=${version} -X main.version=${version}`,
}) })
/** Keeps the node's addresses and hands them to the plugin. The code for EC2 that is linked into it takes nearly all of the time, and 2.2 GB of memory. */
export const ipamdBinary = program('ipamd', 'aws-k8s-agent', 335_000)
/** The plugin that the container runtime calls; for IPv4 alone the second one of its configuration does nothing, but must be there. */
export const awsCniBinary = program('plugin', 'routed-eni-cni-plugin', 8_000)
export const egressCniBinary = program('egress-plugin', 'egress-cni-plugin', 3_000)
/** Starts ipamd and writes the configuration once that is healthy, which the third tells. */
export const awsEntrypointBinary = program('entrypoint', 'aws-vpc-cni', 3_000)
export const awsInitBinary = program('init', 'aws-vpc-cni-init', 3_000)
export const awsHealthBinary = program('health', 'grpc-health-probe', 3_000)

const files = ['10-aws.conflist', 'eni-max-pods.txt'] as const
/** What its programs read from the folder they are started in. */
export const awsVpcFiles: Step = {
  name: 'aws-vpc-files', needs: [], expectedMs: 3_000, tools: ['go'], onRequest: true,
  inputs: async () => ({ module: await filesBelow('modules/aws-vpc'), files }),
  output: {
    kind: 'folder',
    async make(folder, context) {
      const answer = await go(['mod', 'download', '-json', cni], join(packageFolder, 'modules', 'aws-vpc'), 'aws-vpc-files', context, staticEnv)
      for (const file of files) await copyFile(join((JSON.parse(answer) as { Dir: string }).Dir, 'misc', file), join(folder, file))
    },
  },
}

/** Everything that its image is made of. */
export const awsVpcParts: readonly Step[] = [awsVpcFiles, awsInitBinary, awsEntrypointBinary, awsHealthBinary, egressCniBinary, awsCniBinary, ipamdBinary]

/** Step and file of each part, and where it goes: both of its images in one, /init for the one that prepares a node, and beside them our own program. */
export const awsVpcCopies: [step: string, file: string, to: string][] = [
  ['aws-vpc-init-binary', 'aws-vpc-cni-init', '/init/aws-vpc-cni-init'],
  ['aws-vpc-entrypoint-binary', 'aws-vpc-cni', '/app/aws-vpc-cni'], ['aws-vpc-ipamd-binary', 'aws-k8s-agent', '/app/aws-k8s-agent'],
  ['aws-vpc-health-binary', 'grpc-health-probe', '/app/grpc-health-probe'],
  ['aws-vpc-plugin-binary', 'routed-eni-cni-plugin', '/app/aws-cni'], ['aws-vpc-egress-plugin-binary', 'egress-cni-plugin', '/app/egress-cni'],
  ...files.map((file): [string, string, string] => ['aws-vpc-files', file, `/app/${file}`]),
  ['instance-metadata-program', 'instance-metadata', '/usr/local/bin/instance-metadata'],
]
