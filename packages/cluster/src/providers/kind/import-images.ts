import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import type { Deadline } from '@hoplab/core'
import { exec, labFolder } from '@hoplab/core/node'
import { dockerOk } from '../../engine/docker.ts'
import { HOP_NODES_FAILED } from '../../errors.ts'
import { qualified } from './unpack.ts'

/** Waits for containerd, takes an archive from standard input, and counts only when every image is there under its name. */
const importScript = `
for try in $(seq 150); do ctr version > /dev/null 2>&1 && break; sleep 0.2; done
ctr --namespace k8s.io images import - > /dev/null || exit 1
for image in "$@"; do ctr --namespace k8s.io images list --quiet | grep -qxF "$image" || { echo "no image $image after the import" >&2; exit 1; }; done`

/**
 * Puts images of the engine into nodes that run already, while kubeadm still works in them: kind's own way waits until it is done, and then takes as
 * long again. The archive lies in the lab's folder for that long, named like every half-written file.
 * @throws HOP_NODES_FAILED with what a node said
 */
export async function importImages(lab: string, nodes: readonly string[], images: readonly string[], deadline: Deadline): Promise<void> {
  if (images.length === 0) return
  const archive = join(labFolder(lab), 'images.tar.new')
  try {
    await dockerOk(['save', '--output', archive, ...images], { deadline })
    await Promise.all(nodes.map(async (node) => {
      const argv = ['docker', 'exec', '--interactive', node, 'sh', '-c', importScript, 'sh', ...images.map(qualified)]
      const result = await exec('sh', ['-c', 'archive=$1; shift; exec "$@" < "$archive"', 'sh', archive, ...argv], { deadline })
      if (result.exitCode !== 0) throw HOP_NODES_FAILED({ said: `${node}: ${result.stderr || result.stdout}` })
    }))
  } finally {
    await rm(archive, { force: true })
  }
}
