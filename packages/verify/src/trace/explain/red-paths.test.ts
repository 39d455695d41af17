import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { Round } from '../../round.ts'
import { Nobodies } from '../../scene/nobodies.ts'
import { takeSnapshot } from '../../scene/snapshot.ts'
import { helloLab } from '../../testing/index.ts'
import { redPaths } from './red-paths.ts'

async function askedAt(members: Record<string, string>): Promise<string[]> {
  const lab = helloLab()
  for (const [index, [name, node]] of Object.entries(members).entries()) lab.pod({ name, node, ip: `10.244.9.${index + 1}`, labels: { role: 'member' } })
  using deadline = Deadline.start('test', 280_000)
  const round = new Round(lab, await takeSnapshot(lab, deadline), { answers: {}, deadline, nobodies: new Nobodies(lab, deadline) })
  const pod = { labels: { role: 'member' } }
  const paths = await redPaths(round, { spec: { kind: 'source', from: { pod }, to: { pod, port: 8080 }, expect: 'client-pod' } as never, firstBrokenHop: undefined })
  return paths.map(({ goal }) => goal.endpoints[0]?.pod ?? '')
}

test('of Pods that ask each other the first asks two others, those of other nodes first: a node that changes what passes it is not missed behind neighbours', async () => {
  expect(await askedAt({ 'm-1': 'a', 'm-2': 'a', 'm-3': 'a', 'm-4': 'b' })).toEqual(['m-4', 'm-2'])
})
test('two others are both looked at, in their order', async () => {
  expect(await askedAt({ 'm-1': 'a', 'm-2': 'a', 'm-3': 'b' })).toEqual(['m-2', 'm-3'])
})
