import type { Deadline, Progress } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { ensureKind } from '@hoplab/images'
import type { ClusterNeeds } from '@hoplab/model'
import { HOP_NODES_FAILED } from '../../errors.ts'
import type { ClusterSpec } from '../../port.ts'
import { runVariable } from '../../state/processes.ts'
import { kubeconfigFile } from '../../state/state-file.ts'
import { kindConfig } from './kind-config.ts'
import { clusterName } from './names.ts'

/** Which nodes are made, and from what. */
interface NodesWanted { spec: ClusterSpec; runId: string; image: string; needs: ClusterNeeds | undefined }

/**
 * Lets kind make the nodes on the lab's own network and write the lab's own kubeconfig; the user's is never touched.
 * `--retain`: without it kind deletes the nodes on failure, and with them the evidence.
 * @throws HOP_NODES_FAILED with the end of what kind said
 */
export async function makeNodes({ spec, runId, image, needs }: NodesWanted, deadline: Deadline, progress: Progress): Promise<void> {
  const kind = await ensureKind(deadline)
  const name = clusterName(spec.name)
  const result = await exec(kind, ['create', 'cluster', '--name', name, '--config', '-', '--image', image, '--kubeconfig', kubeconfigFile(spec.name), '--retain'], {
    deadline, input: kindConfig(spec, needs), env: kindEnvironment(spec.name, runId),
    onLine: (line) => { if (/^ [✓✗]/u.test(line)) progress({ type: 'note', text: `kind:${line}` }) },
  })
  if (result.exitCode !== 0) throw HOP_NODES_FAILED({ said: result.stderr || result.stdout })
}

/** Loads images that the node image does not hold into every node. */
export async function loadImages(lab: string, runId: string, images: readonly string[], deadline: Deadline): Promise<void> {
  if (images.length === 0) return
  const result = await exec(await ensureKind(deadline), ['load', 'docker-image', '--name', clusterName(lab), ...images], { deadline, env: kindEnvironment(lab, runId) })
  if (result.exitCode !== 0) throw HOP_NODES_FAILED({ said: result.stderr || result.stdout })
}

/** kind's way to another network than its own `kind`, and the mark by which a killed run's processes are found. */
const kindEnvironment = (lab: string, runId: string): Record<string, string> => ({
  KIND_EXPERIMENTAL_DOCKER_NETWORK: clusterName(lab), KIND_EXPERIMENTAL_PROVIDER: 'docker', [runVariable]: runId,
})
