import { describe, expect, test } from 'vitest'
import { labFile } from './lab.ts'
import { labFileWith } from './open-check.ts'
import { seeded } from './seed.ts'

/** Where a `seed` is at fault, and what is said there. */
const problems = (seed: unknown): string[] => (seeded.safeParse(seed).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
const ofPods = (range: string): string[] => problems({ ranges: { pods: ['10.244.0.0/16', range] } })
const ofServices = (range: string): string[] => problems({ ranges: { services: ['10.96.0.0/16', range] } })

const notPrivate = 'must be private and inside 10.0.0.0/8: the engine and hoplab take their networks elsewhere'

describe('ranges that a seed decides', () => {
  test('are of Pods, of Services, of both or of neither', () => {
    expect(problems({ ranges: { pods: ['10.244.0.0/16', '10.42.0.0/16'], services: ['10.96.0.0/16', '10.112.0.0/12', '10.43.0.0/24'] } })).toEqual([])
    expect(ofPods('10.42.0.0/16')).toEqual([])
    expect(ofServices('10.43.0.0/16')).toEqual([])
    expect(seeded.parse({})).toEqual({ values: {}, ranges: {}, faults: {} })
  })
  test.each([
    ['one address', '10.42.0.0', 'must be an IPv4 range such as 10.42.0.0/16'],
    ['a place', '$seed.shop', 'must be an IPv4 range such as 10.42.0.0/16'],
    ['a number that no address has', '10.442.0.0/16', 'must be an IPv4 range such as 10.42.0.0/16'],
    ['a range by an address in it', '10.42.7.0/16', 'must begin with its first address: 10.42.0.0/16'],
    ['public addresses', '42.42.0.0/16', notPrivate],
    ['networks of nodes', '172.28.0.0/16', notPrivate],
    ['networks of the engine', '192.168.0.0/16', notPrivate],
    ['the internet of labs', '198.51.0.0/16', notPrivate],
    ['what no cluster has', '10.99.0.0/16', 'must not overlap with 10.99.0.0/16: labs and faults mean by it what no cluster has'],
    ['too few', '10.42.0.0/24', 'must be a /16: of it each node gets a /24'],
    ['too many', '10.128.0.0/10', 'must be a /16: of it each node gets a /24'],
  ])('%s is no range of Pods', (_what, range, message) => { expect(ofPods(range)).toEqual([`ranges.pods.1: ${message}`]) })
  test.each([
    ['too many', '10.128.0.0/11', 'must be a /12 to a /24: the API server takes no more addresses, and a lab wants some'],
    ['too few', '10.43.0.0/25', 'must be a /12 to a /24: the API server takes no more addresses, and a lab wants some'],
    ['one that holds what no cluster has', '10.96.0.0/12', 'must not overlap with 10.99.0.0/16: labs and faults mean by it what no cluster has'],
    ['that of Pods where a lab does not say', '10.240.0.0/12', 'must not overlap with 10.244.0.0/16 of the Pods: each may be drawn with each'],
  ])('%s is no range of Services', (_what, range, message) => { expect(ofServices(range)).toEqual([`ranges.services.1: ${message}`]) })
  test('no two that may be drawn together overlap, whichever they are', () => {
    expect(problems({ ranges: { pods: ['10.244.0.0/16', '10.42.0.0/16', '10.64.0.0/16'], services: ['10.96.0.0/16', '10.42.8.0/24', '10.32.0.0/12'] } })).toEqual([
      'ranges.services.1: must not overlap with 10.42.0.0/16 of the Pods: each may be drawn with each',
      'ranges.services.2: must not overlap with 10.42.0.0/16 of the Pods: each may be drawn with each',
    ])
    expect(ofPods('10.96.0.0/16')).toEqual(['ranges.pods.1: must not overlap with 10.96.0.0/16 of the Services: each may be drawn with each'])
  })
  test('one alone, or one twice, is no choice', () => {
    expect(problems({ ranges: { pods: ['10.42.0.0/16'] } })).toEqual([expect.stringMatching(/^ranges\.pods: /u)])
    expect(ofPods('10.244.0.0/16')).toEqual(['ranges.pods.1: must not be there twice'])
  })
  test.each([
    ['a value', { values: { pods: ['a', 'b'] } }, 'values.pods'],
    ['a draw of faults', { faults: { services: { dns: { plant: [{ fault: 'coredns-scaled-down' }] } } } }, 'faults.services'],
    ['a value of a fault', { faults: { front: { dns: { plant: [{ fault: 'coredns-scaled-down' }], values: { pods: 'a' } } } } }, 'faults.front.dns.values.pods'],
  ])('%s has another name than they', (_what, seed, at) => {
    expect(problems(seed)).toEqual([`${at}: must have another name: $seed.${at.split('.').at(-1)} is the range of the cluster`])
  })
})

test('a lab whose Pods would live among the nodes has no range for them', () => {
  const said = { en: 'a', 'hi-Latn': 'b' }
  const hint = { cost: 0, text: said }
  const checks = [{ kind: 'reach', id: 'reaches', title: said, from: { pod: { name: 'client' } }, to: { service: 'hello', port: 80 } }]
  const lab = (ranges: object) => ({
    id: 'demo', section: 0, title: said, summary: said, minutes: 1, workers: 1, cnis: ['flannel', 'aws-vpc'], namespaces: ['demo'], seed: { ranges },
    steps: [{ id: 'mend', title: said, text: '01-mend', hints: [hint, hint, hint], checks }],
  })
  for (const schema of [labFile, labFileWith([])]) {
    expect(schema.safeParse(lab({ pods: ['10.244.0.0/16', '10.42.0.0/16'] })).error?.issues).toEqual([expect.objectContaining({ path: ['seed', 'ranges', 'pods'] })])
    expect(schema.safeParse(lab({ services: ['10.96.0.0/16', '10.43.0.0/16'] })).success).toBe(true)
  }
})
