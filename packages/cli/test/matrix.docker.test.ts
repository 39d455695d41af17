import { matrixResult } from '@hoplab/model'
import { afterAll, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { typed } from './typed-command.ts'

const lab = 't-matrix'
afterAll(async () => { await typed(['clean', '--all', '--lab', lab]) })

test('hoplab matrix asks a real network everything, tells how it does it, and leaves nothing', async () => {
  const { exitCode, stdout, stderr } = await typed(['matrix', '--cni', 'routes', '--proxy-mode', 'nftables', '--lab', lab, '--json'])
  const said = matrixResult.safeParse(JSON.parse(stdout))
  expect(said.success, stdout + stderr).toBe(true)
  const { verdict, columns: [column, ...others] = [] } = said.data ?? {}
  expect(column?.answers.filter((answer) => answer.verdict !== 'pass').map(({ id, verdict: seen, why }) => [id, seen, why])).toEqual([
    ['policy-deny', 'not-offered', expect.stringContaining('network-policy')], ['policy-allow', 'not-offered', expect.stringContaining('network-policy')]])
  expect([exitCode, verdict, others], stderr).toEqual([0, 'pass', []])
  expect(column?.checks.filter((check) => check.verdict === 'pass' && check.evidence.length === 0)).toEqual([])
  const { ways = [], nodePort, routes, addresses = [], policyChains, bridge, mtu } = column?.findings ?? {}
  const way = (id: string) => ways.find((one) => one.id === id)
  expect(way('other-node')?.devices.map(({ where, kind, seen }) => `${where} ${kind} ${seen}`)).toEqual([
    'Pod matrix/one-a client captured', 'worker-1 veth captured', 'worker-1 uplink captured', 'worker-2 uplink captured', 'worker-2 veth captured', 'Pod matrix/two-a server captured'])
  expect(way('other-node')?.wire).toEqual({ inner: { from: expect.stringMatching(/^10\.244\./u), to: expect.stringMatching(/^10\.244\..*:8080$/u) } })
  expect(way('same-node')?.wire).toBeUndefined()
  expect(ways.map(({ id, source }) => [id, source?.whose])).toEqual([['same-node', "the client Pod's own"], ['other-node', "the client Pod's own"], ['from-node', "the client's node, eth0"], ['cluster-ip', "the client Pod's own"]])
  expect(nodePort?.sources.map(({ server }) => server)).toEqual(['on that node', 'on another node'])
  expect(routes?.lines.filter((line) => / via .* dev eth0/u.test(line))).toHaveLength(2)
  expect(addresses.every(({ inRange }) => inRange)).toBe(true)
  expect([policyChains, bridge, mtu?.pod === mtu?.uplink]).toEqual([[], undefined, true])
  expect(await leftovers(lab)).toEqual([])
})
