import { chmod, copyFile, cp, link, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '@hoplab/core/node'
import { cniImageName, imageSet } from '../image-set.ts'
import type { CniImage } from '../cni-images.ts'
import type { Versions } from '../versions.ts'
import { awsVpcCopies } from './aws-vpc-steps.ts'
import { nodeStep } from './node-step.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { Step } from './step.ts'

/** Debian's smallest root, made from its packages instead of pulled. */
export const debian: Step = {
  name: 'debian', needs: [], expectedMs: 75_000, tools: ['debootstrap', 'root'],
  inputs: async ({ versions }) => ({ suite: versions.local.debian, variant: 'minbase' }),
  output: {
    kind: 'image',
    ref: (versions) => `hoplab/debian:${versions.local.debian}`,
    async make({ ref, labels, scratch }, { versions, engine, deadline, onLine }) {
      const root = join(scratch, 'root')
      const archive = join(scratch, 'root.tar')
      // In a mount namespace of its own, so that no mount inside the root outlives a killed build.
      await run('unshare', ['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase', versions.local.debian, root], { deadline, onLine })
      await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true })
      await run('tar', ['--directory', root, '--numeric-owner', '--create', '--file', archive, '.'], { deadline })
      const changes = Object.entries(labels).flatMap(([name, value]) => ['--change', `LABEL ${name}=${value}`])
      await engine.run(['import', ...changes, '--change', 'CMD ["/bin/bash"]', archive, ref], { deadline })
    },
  },
}

/** See {@link fromDockerfile}. */
interface FromDockerfile {
  name: string; expectedMs: number; needs: string[]
  ref: (versions: Versions) => string
  /** Build arguments whose values are images that earlier steps made. */
  bases: Record<string, string>
  /** Binaries of earlier steps: [step, file]. */
  binaries?: [step: string, file: string][]
}

/** An image of ours from dockerfiles/NAME. */
export function fromDockerfile({ name, expectedMs, needs, ref, bases, binaries = [] }: FromDockerfile): Step {
  return {
    name, expectedMs, needs, tools: [],
    inputs: async () => ({ files: await filesBelow(`dockerfiles/${name}`) }),
    output: {
      kind: 'image', ref,
      async make({ ref: image, labels, scratch }, context) {
        await cp(join(packageFolder, 'dockerfiles', name), scratch, { recursive: true })
        for (const [step, file] of binaries) await place(join(context.folderOf(step), file), join(scratch, file))
        const args = Object.fromEntries(Object.entries(bases).map(([argument, step]) => [argument, context.refOf(step)]))
        await context.engine.build({ folder: scratch, ref: image, args, labels, deadline: context.deadline, onLine: context.onLine })
      },
    },
  }
}

interface BinaryImage {
  name: string
  ref: (versions: Versions) => string
  /** Step of the image below, or none: the binary alone. */
  from?: string
  /** Step and file of each binary, and where it goes. */
  copies: [step: string, file: string, to: string][]
  /** Further names: [existing, other]. */
  links?: [existing: string, other: string][]
  entrypoint?: string
}

/** An image that is nothing but compiled programs on an optional base, named as kubeadm or a CNI's manifest name it. */
function binaryImage({ name, ref, from, copies, links = [], entrypoint }: BinaryImage): Step {
  const dockerfile = (base: string): string => [
    `FROM ${base}`, ...copies.map(([, file, to]) => `COPY ${file} ${to}`), ...links.map(([existing, other]) => `RUN ln -s ${existing} ${other}`),
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...(entrypoint ? [`ENTRYPOINT ["${entrypoint}"]`] : []), '',
  ].join('\n')
  return {
    name, expectedMs: 4_000, needs: [...new Set([...copies.map(([step]) => step), ...(from ? [from] : [])])], tools: [],
    inputs: async () => ({ dockerfile: dockerfile(from ?? 'scratch') }),
    output: {
      kind: 'image', ref,
      async make({ ref: image, labels, scratch }, context) {
        for (const [step, file] of copies) await place(join(context.folderOf(step), file), join(scratch, file))
        await writeFile(join(scratch, 'Dockerfile'), dockerfile(from ? context.refOf(from) : 'scratch'))
        await context.engine.build({ folder: scratch, ref: image, args: {}, labels, deadline: context.deadline, onLine: context.onLine })
      },
    },
  }
}

/** A binary into the folder that goes to the engine: linked where both are on one disk, else copied. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to))
  await chmod(to, 0o755)
}

const local = (versions: Versions): ReturnType<typeof imageSet> => imageSet('local', [], versions)
/** Name of a CNI's image that is built here. */
export const cniImage = (key: CniImage) => (versions: Versions): string => cniImageName('local', key, versions)
const kubernetes = (command: string, from?: string): Step => binaryImage({
  name: command, ref: (v) => `registry.k8s.io/${command}:${v.local.kubernetes.version}`,
  copies: [['kubernetes-binaries', command, `/usr/local/bin/${command}`]], ...(from ? { from } : {}),
})

export const base = fromDockerfile({ name: 'base', expectedMs: 60_000, needs: ['debian'], ref: (v) => `hoplab/base:${v.local.debian}`, bases: { DEBIAN: 'debian' } })
/** Compiled programs as an image, because a Dockerfile can only take files from its context or from images. */
const programImage = (name: string, ...beside: string[]): Step => binaryImage({
  name: `${name}-program-image`, ref: () => `hoplab/program-${name}:local`, copies: [name, ...beside].map((program) => [`${program}-program`, program, `/${program}`]),
})
export const probeImage = programImage('hoplab-probe', 'hoplab-agent')
export const echoImage = programImage('echo')
export const toolbox = fromDockerfile({
  name: 'toolbox', expectedMs: 5_000, needs: ['base', probeImage.name], ref: (v) => local(v).toolbox, bases: { BASE: 'base', PROGRAMS: probeImage.name },
})
export const echo = fromDockerfile({
  name: 'echo', expectedMs: 5_000, needs: ['base', echoImage.name], ref: (v) => local(v).echo, bases: { BASE: 'base', PROGRAMS: echoImage.name },
})

export const edgeImage = programImage('hoplab-balancer', 'echo', 'hoplab-probe', 'hoplab-agent')
export const edge = fromDockerfile({
  name: 'edge', expectedMs: 20_000, needs: ['base', edgeImage.name], ref: cniImage('edge'), bases: { BASE: 'base', PROGRAMS: edgeImage.name },
})

/** Every image that a node needs inside, in the order in which they are built. */
export const insideNode: Step[] = [
  kubernetes('kube-apiserver'), kubernetes('kube-controller-manager'), kubernetes('kube-scheduler'), kubernetes('kube-proxy', 'base'),
  binaryImage({ name: 'etcd', ref: (v) => `registry.k8s.io/etcd:${v.local.kubernetes.etcdTag}`, copies: [['etcd-binary', 'etcd', '/usr/local/bin/etcd']] }),
  binaryImage({ name: 'coredns', ref: (v) => `registry.k8s.io/coredns/coredns:${v.local.coredns.version}`, copies: [['coredns-binary', 'coredns', '/coredns']], entrypoint: '/coredns' }),
  binaryImage({ name: 'pause', ref: (v) => `registry.k8s.io/pause:${v.local.kubernetes.pauseTag}`, copies: [['pause-program', 'pause', '/pause']], entrypoint: '/pause' }),
  binaryImage({ name: 'flannel', ref: cniImage('flannel'), from: 'base', copies: [['flannel-binary', 'flanneld', '/opt/bin/flanneld']], entrypoint: '/opt/bin/flanneld' }),
  binaryImage({ name: 'flannel-cni-plugin', ref: cniImage('flannelCniPlugin'), from: 'base', copies: [['flannel-cni-plugin-binary', 'flannel', '/flannel']] }),
]

/** Images of CNI plugins that are not inside the node image: what they are for is told by cni-images.ts. */
export const besideNode: Step[] = [
  binaryImage({ name: 'calico-node', ref: cniImage('calicoNode'), from: 'base', copies: [['calico-node-binary', 'calico-node', '/usr/bin/calico-node']] }),
  binaryImage({
    name: 'calico-cni', ref: cniImage('calicoCni'), from: 'base', copies: [['calico-cni-binary', 'calico', '/opt/cni/bin/calico'], ['calico-install-binary', 'install', '/opt/cni/bin/install']],
    links: [['calico', '/opt/cni/bin/calico-ipam']],
  }),
  binaryImage({ name: 'calico-crds', ref: cniImage('calicoCrds'), from: 'base', copies: [['calico-crds-file', 'crds.yaml', '/crds.yaml']] }),
]

/** The AWS VPC CNI in one image. */
export const awsVpcImage: Step = { ...binaryImage({ name: 'aws-vpc', ref: cniImage('awsVpc'), from: 'base', copies: awsVpcCopies }), onRequest: true }

export const nodeRoot = fromDockerfile({
  name: 'node-root', expectedMs: 75_000, needs: ['debian', 'kubernetes-binaries'], ref: (v) => `hoplab/node-root:${v.local.kubernetes.version}`, bases: { DEBIAN: 'debian' },
  binaries: [['kubernetes-binaries', 'kubeadm'], ['kubernetes-binaries', 'kubelet'], ['kubernetes-binaries', 'kubectl']],
})
export const node = nodeStep(nodeRoot.name, [...insideNode.map((step) => step.name), echo.name])
