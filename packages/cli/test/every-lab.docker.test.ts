import { join } from 'node:path'
import { listLabs, readLab } from '@hoplab/catalog/fs'
import { kindProvider } from '@hoplab/cluster/kind'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { Deadline } from '@hoplab/core'
import { openLab, runStory } from '@hoplab/engine'
import { imageSet, useOwnEngine } from '@hoplab/images'
import { addonName } from '@hoplab/model'
import { createVerifier } from '@hoplab/verify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderStore } from '../src/folder-store.ts'
import { addonsOf } from '../src/implementations.ts'
import { LentCluster } from './lent-cluster.ts'

const root = join(import.meta.dirname, '../../../labs')
const name = 't-every-lab'
/** Labs that leave something on nodes come last, in an order in which none mends what the next one begins with. */
const last = ['network-model', 'pod-to-pod', 'internet-to-service', 'recap']

useOwnEngine()
const ids = (await listLabs(root)).flatMap((one) => ('file' in one ? [one.file.id] : [])).toSorted((a, b) => last.indexOf(a) - last.indexOf(b))
let deadline: Deadline
let lent: LentCluster | undefined

async function clean(): Promise<void> {
  using bound = Deadline.start('remove the cluster of every lab', 180_000)
  await kindProvider().clean({ name, deadline: bound })
}

beforeAll(async () => {
  deadline = Deadline.start('every lab', 1_200_000)
  const addons = await addonsOf(addonName.options)
  await clean()
  lent = await LentCluster.make({ name, addons, installer: flannelInstaller(), deadline })
})
afterAll(async () => {
  await lent?.[Symbol.asyncDispose]()
  await clean()
  deadline[Symbol.dispose]()
})

// What a whole proof of one lab shows more than this, the gate sees for another lab with each commit (prove.drawn.docker.test.ts).
test.each(ids)('%s: untouched it earns nothing, and its first solution everything', async (id) => {
  const lab = await readLab(root, id)
  const cluster = lent
  if (!cluster) throw new Error('there is no cluster to lend')
  const run = openLab({
    lab, name, provider: cluster.provider(lab.file.namespaces), installer: flannelInstaller(), addons: await addonsOf(addonName.options), verifier: createVerifier(),
    images: { 'hoplab/echo': imageSet('local').echo }, store: folderStore(name), imageSource: 'local', temporary: true,
  })
  const { phases = [] } = await runStory(run, deadline)
  // Its end says nothing here: the cluster stays for the next one.
  const seen = phases.slice(0, 2)
  expect(seen.map((phase) => [phase.name, phase.deviation])).toEqual([['untouched', undefined], ['solution:1', undefined]])
  expect(seen.map(({ points }) => points)).toEqual([0, phases[1]?.maxPoints])
  expect(phases[1]?.maxPoints).toBeGreaterThan(0)
})

test('those are all labs that there are', () => {
  expect(ids.length).toBeGreaterThanOrEqual(8)
  expect(ids).toEqual(expect.arrayContaining(last))
})
