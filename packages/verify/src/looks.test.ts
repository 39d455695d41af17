import { mostLooks } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import type { Look } from './kinds/look.ts'
import { client, hello, helloLab } from './testing/index.ts'
import { Looks } from './looks.ts'

const look = (state: 'green' | 'red', why: string): Look => ({ state, why, evidence: [], nodes: [] })

describe('the looks of a check', () => {
  test('in a row that say the same share an entry that counts them', () => {
    const looks = new Looks()
    for (const [index, why] of ['a', 'a', 'b', 'a'].entries()) looks.add(look('red', why), true, index * 100)
    expect(looks.list().map(({ why, times, atMs }) => [why, times, atMs])).toEqual([['a', 2, 0], ['b', 1, 200], ['a', 1, 300]])
  })
  test('are bounded: the first and the last stay', () => {
    const looks = new Looks()
    for (let index = 0; index < 1_000; index += 1) looks.add(look('red', `${index}`), true, index)
    const kept = looks.list().map(({ why }) => Number(why))
    expect(kept).toHaveLength(mostLooks)
    expect([kept[0], kept.at(-1)]).toEqual([0, 999])
  })
  test('show nothing that a terminal would obey', () => {
    const looks = new Looks()
    looks.add(look('red', '\u001B[2Jgone\u202E'), true, 0)
    expect(looks.list()[0]?.why).toBe('gone')
  })
})

describe('in time', () => {
  const blocked = { kind: 'blocked', from: { pod: { name: 'stranger' } }, to: { ...hello, via: 'cluster-ip' }, control: { from: client, to: hello } } as const
  const strangerLab = () => {
    const lab = helloLab()
    lab.pod({ name: 'stranger', node: 'b', ip: '10.244.2.20', command: ['sleep', 'infinity'] })
    return lab
  }
  test('what must stay and opened once is a fail, though it closed again; every look is kept', async () => {
    const lab = strangerLab()
    // Policies hold back a red that may still become right; not one after a believed green.
    lab.kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'lab' } })
    let knocks = 0
    lab.network.weather.between = (from) => (from === 'stranger' && (knocks += 1) !== 3 ? 'TIMEOUT' : undefined)
    const [result] = await lab.verify([{ ...blocked, within: 20, hold: 3 }])
    expect(result).toMatchObject({ verdict: 'fail', points: 0, flapped: true, why: expect.stringMatching(/^It was as asked and then no longer: .*should be blocked/u) })
    expect(result?.looks?.filter(({ believed }) => believed).map(({ state }) => state)).toEqual(['green', 'red'])
  })
  test('what must become so passes after a red, and tells of it', async () => {
    const lab = helloLab()
    let knocks = 0
    lab.network.weather.between = (from) => (from === 'client' && (knocks += 1) === 1 ? 'TIMEOUT' : undefined)
    lab.kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'allow', namespace: 'lab' } })
    const [result] = await lab.verify([{ kind: 'reach', from: client, to: hello, within: 10, hold: 1 }])
    expect(result).toMatchObject({ verdict: 'pass', flapped: false })
    expect(result?.looks?.map(({ state }) => state)).toEqual(['red', 'green'])
    expect(result?.looks?.reduce((sum, { times }) => sum + times, 0)).toBe(result?.attempts)
  })
  test('what must become so and held for less than its hold does not pass', async () => {
    const lab = helloLab()
    lab.kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'allow', namespace: 'lab' } })
    // Each look knocks five times: all are answered in the first, and none after it.
    let knocks = 0
    lab.network.weather.between = (from) => (from === 'client' && (knocks += 1) > 5 ? 'TIMEOUT' : undefined)
    const [result] = await lab.verify([{ kind: 'reach', from: client, to: hello, within: 3, hold: 2 }])
    expect(result).toMatchObject({ verdict: 'fail', flapped: true })
  })
})
