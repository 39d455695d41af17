import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CniInstaller, InstallTarget } from '@hoplab/cni'
import type { Deadline } from '@hoplab/core'
import { imageSet, imagesToLoad } from '@hoplab/images'
import type { ByHandInput } from './by-hand.ts'

const labFolder = join(import.meta.dirname, '../../labs/00-first-packet')
const namespace = 'first-packet'

/** The first lab on a network, as a person would bring it up: the same objects and images as hoplab's. Reads what the CNI adds to the API from its image, so that no clock runs then. */
export async function byHandInput({ folder, kind, installer }: { folder: string; kind: string; installer: CniInstaller }, deadline: Deadline): Promise<ByHandInput> {
  const { source: _source, kubernetes: _kubernetes, ...images } = imageSet('local', installer.images)
  const manifests = (await readdir(join(labFolder, 'manifests'))).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(manifests.map((name) => readFile(join(labFolder, 'manifests', name), 'utf8')))
  return {
    kind, folder, nodeImage: images.node, load: imagesToLoad('local', installer.images),
    cniYaml: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...await objectsOf(installer, images, deadline), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }] }),
    labYaml: texts.join('\n---\n').replaceAll(/(image:\s*)hoplab\/echo\b/gu, `$1${images.echo}`),
    namespace, deployments: ['hello'], servers: 'app.kubernetes.io/name=hello',
  }
}

/** What an installer applies to a cluster of three nodes, in its order. */
async function objectsOf(installer: CniInstaller, images: InstallTarget['images'], deadline: Deadline): Promise<object[]> {
  const objects: object[] = []
  // An installer promises to use nothing of a cluster but `apply`; another call would end the bench.
  const kube = { apply: async (object: object) => { objects.push(object); return object } } as unknown as InstallTarget['kube']
  await installer.install({ kube, podSubnet: '10.244.0.0/16', nodeCount: 3, images }, deadline)
  return objects
}
