import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { readImageFile } from './image-file.ts'
import { FakeEngine } from './testing/fake-engine.ts'

test('a file is read without pulling, without a network, and leaves no container', async () => {
  using deadline = Deadline.start('read', 280_000)
  const engine = new FakeEngine()
  await readImageFile('hoplab/calico-crds:v1', '/crds.yaml', deadline, engine)
  expect(engine.commands).toEqual(['run --rm --pull never --network none --label hoplab.dev/role=read --entrypoint cat hoplab/calico-crds:v1 /crds.yaml'])
})
