import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from './testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab(); lab.networkFacts = { ...lab.networkFacts, networkPolicy: true } })
const check = { kind: 'reach', from: client, to: { ...hello, via: 'cluster-ip' }, within: 10 } as const
const deny = () => lab.kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'lab' }, spec: { podSelector: {} } })
/** Verifies; connections end as `how` says of the milliseconds since the first of them. */
async function look(how: (ms: number) => 'TIMEOUT' | 'REFUSED' | undefined) {
  let first: number | undefined
  lab.network.weather.between = () => how(lab.clock.now() - (first ??= lab.clock.now()))
  return (await lab.verify([check]))[0]
}

describe('where policies are enforced', () => {
  test('a policy that is written a moment later is seen', async () => {
    deny()
    expect(await look((ms) => (ms > 1_500 ? 'TIMEOUT' : undefined))).toMatchObject({ verdict: 'fail' })
  })
  test('a way that stays open beside a policy passes', async () => {
    deny()
    const result = await look(() => undefined)
    expect(result).toMatchObject({ verdict: 'pass', flapped: false })
    // Few looks: what is waited for does not come and go.
    expect(result?.attempts).toBeLessThanOrEqual(4)
  })
  test('a policy that was deleted and is still enforced for a moment fails nobody', async () => {
    expect(await look((ms) => (ms < 1_500 ? 'REFUSED' : undefined))).toMatchObject({ verdict: 'pass' })
  })
  test('what stays shut without a policy fails before its time is up', async () => {
    const result = await look(() => 'REFUSED')
    expect(result).toMatchObject({ verdict: 'fail' })
    expect(result?.durationMs).toBeLessThan(6_000)
  })
})

test('where nobody enforces them, nothing is waited for', async () => {
  lab.networkFacts = { ...lab.networkFacts, networkPolicy: false }
  deny()
  expect(await look(() => undefined)).toMatchObject({ verdict: 'pass', attempts: 1 })
})
