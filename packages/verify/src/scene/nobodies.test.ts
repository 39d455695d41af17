import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { helloLab, IdleClock } from '../testing/index.ts'
import { Nobodies } from './nobodies.ts'

const start = () => Deadline.start('nobodies', 60_000, { clock: new IdleClock() })

test('an address is asked for once, and once more when a Pod got it', async () => {
  using deadline = start()
  const lab = helloLab()
  const nobodies = new Nobodies(lab, deadline)
  expect([await nobodies.at('pod-ip'), await nobodies.becameSomebodys(['pod-ip']), await nobodies.at('pod-ip')]).toEqual(['10.244.1.250', false, '10.244.1.250'])
  lab.pod({ name: 'newcomer', node: 'b', ip: '10.244.1.250' })
  expect([await nobodies.becameSomebodys(['cluster-ip']), await nobodies.becameSomebodys(['pod-ip', 'pod-ip']), await nobodies.at('pod-ip')]).toEqual([false, true, '10.244.1.249'])
})

test('a Pod that has no address yet is waited for, until it says one or five seconds are over', async () => {
  using deadline = start()
  const lab = helloLab()
  const nobodies = new Nobodies(lab, deadline)
  await nobodies.at('pod-ip')
  const { status, ...newcomer } = lab.pod({ name: 'newcomer', node: 'b', ip: '' })
  const nameless = { ...newcomer, status: { ...(status as object), podIP: undefined } }
  lab.kube.put(nameless)
  const asked = nobodies.becameSomebodys(['pod-ip'])
  await deadline.sleep(1_000)
  lab.pod({ name: 'newcomer', node: 'b', ip: '10.244.1.250' })
  expect(await asked).toBe(true)
  lab.kube.put(nameless)
  await nobodies.at('pod-ip')
  const began = deadline.clock.now()
  expect(await nobodies.becameSomebodys(['pod-ip'])).toBe(false)
  expect(deadline.clock.now() - began).toBeGreaterThanOrEqual(5_000)
})

test('an address that a Pod of the same verification had is somebody\'s, also when that Pod is gone', async () => {
  using deadline = start()
  const nobodies = new Nobodies(helloLab(), deadline)
  nobodies.taken(await nobodies.at('pod-ip'))
  expect(await nobodies.becameSomebodys(['pod-ip'])).toBe(true)
})
