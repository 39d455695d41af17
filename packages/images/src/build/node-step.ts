import { join } from 'node:path'
import { contentHash, Deadline, labels as ourLabels } from '@hoplab/core'
import { imageSet } from '../image-set.ts'
import { buildFolder, type BuildContext, type Step } from './step.ts'

/** Folder of the volume that images are unpacked in. */
const store = '/unpack'
/** What the container that unpacks was started otherwise than a node is. */
const likeNode = ['ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]', 'CMD []']

/**
 * The node image: `root` with the images of the steps `preloaded` inside, unpacked. kind copies what lies below /var of an image into each node, and a
 * node unpacks what is not; together that was half of all processor time of a cluster that comes up (686 MB copied and 284 MB unpacked per node, measured
 * here on two cores). So the unpacked files lie outside of /var, read by all nodes of all clusters from the same place, and only their index below.
 */
export const nodeStep = (root: string, preloaded: readonly string[]): Step => ({
  name: 'node', expectedMs: 60_000, needs: [root, ...preloaded], tools: [],
  inputs: async () => ({ store, likeNode }),
  output: {
    kind: 'image',
    ref: (versions) => imageSet('local', [], versions).node,
    async make({ ref, labels, scratch }, context) {
      const archive = join(scratch, 'images.tar')
      await context.engine.run(['save', '--output', archive, ...preloaded.map((step) => context.refOf(step))], { deadline: context.deadline })
      await unpackInside({ root: context.refOf(root), archive, ref, labels }, context)
    },
  },
})

interface Unpacking { root: string; archive: string; ref: string; labels: Record<string, string> }

async function unpackInside({ root, archive, ref, labels }: Unpacking, { engine, deadline, onLine }: BuildContext): Promise<void> {
  // One build at a time works in this folder, so one of this name was killed half-way.
  const container = `hoplab-build-node-${(await contentHash(buildFolder())).slice(0, 8)}`
  const ask = (...args: string[]): Promise<string> => engine.run(args, { deadline, onLine })
  const remove = (bound: Deadline): Promise<unknown> => engine.run(['rm', '--force', '--volumes', container], { deadline: bound }).catch(() => undefined)
  await remove(deadline)
  try {
    await ask('create', '--name', container, '--label', `${ourLabels.role}=build`, '--privileged', '--network', 'none', '--volume', store, '--entrypoint', 'sh', root,
      '/usr/local/lib/hoplab/preload.sh', '/images.tar', store)
    await ask('cp', archive, `${container}:/images.tar`)
    await ask('start', '--attach', container)
    const changes = [...likeNode, ...Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`)]
    await ask('commit', ...changes.flatMap((change) => ['--change', change]), container, ref)
  } finally {
    using last = Deadline.start('remove the container that unpacked', 60_000)
    await remove(last)
  }
}
