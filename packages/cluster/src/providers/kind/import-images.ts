import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import type { Deadline } from '@hoplab/core'
import { exec, labFolder } from '@hoplab/core/node'
import { HOP_NODES_FAILED } from '../../errors.ts'
import { runVariable } from '../../state/processes.ts'

/** Waits for containerd, takes an archive from standard input, and counts only when every image is there under its name. */
const importScript = `
for try in $(seq 150); do ctr version > /dev/null 2>&1 && break; sleep 0.2; done
ctr --namespace k8s.io images import - > /dev/null || exit 1
for image in "$@"; do ctr --namespace k8s.io images list --quiet | grep -qxF "$image" || { echo "no image $image after the import" >&2; exit 1; }; done`

/** Which images go where. */
export interface ImageImport { lab: string; runId: string; nodes: readonly string[]; images: readonly string[] }

/**
 * Puts images of the engine into nodes that run already, while kubeadm still works in them: kind's own way waits until it is done, and then takes as
 * long again. The archive lies in the lab's folder for that long, named like every half-written file, and the programs carry the run's mark: so a
 * killed command's are found and removed.
 * @throws HOP_NODES_FAILED with what the engine or a node said
 */
export async function importImages({ lab, runId, nodes, images }: ImageImport, deadline: Deadline): Promise<void> {
  const archive = join(labFolder(lab), 'images.tar.new')
  const shell = async (script: string, argv: readonly string[]): Promise<void> => {
    const result = await exec('sh', ['-c', script, archive, ...argv], { deadline, env: { [runVariable]: runId } })
    if (result.exitCode !== 0) throw HOP_NODES_FAILED({ said: `${argv.slice(0, 4).join(' ')}: ${result.stderr || result.stdout}` })
  }
  try {
    // The client would write to a file of its own name first and leave that behind when it is killed.
    await shell('exec "$@" > "$0"', ['docker', 'save', ...images])
    await Promise.all(nodes.map((node) => shell('exec "$@" < "$0"', ['docker', 'exec', '--interactive', node, 'sh', '-c', importScript, 'sh', ...images.map(qualified)])))
  } finally {
    await rm(archive, { force: true })
  }
}

/** containerd keeps whole names: `hoplab/echo:1` is `docker.io/hoplab/echo:1` there. */
export const qualified = (image: string): string => (/^[^/]+[.:][^/]*\//u.test(image) ? image : `docker.io/${image}`)
