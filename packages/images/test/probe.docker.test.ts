import { randomUUID } from 'node:crypto'
import { Deadline, labels } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImages, imageSet, useOwnEngine } from '../src/index.ts'

/**
 * The probe between two containers that look like Pods from outside (their cgroups carry a Pod's uid), entered from a toolbox
 * that shares the network of one of them. With a whole cluster it is tested by `@hoplab/cluster`.
 */
const name = `hoplab-probe-test-${process.pid}`
const deadline = Deadline.start('probe test', 600_000)
const docker = async (...args: string[]): Promise<string> => (await run('docker', args, { deadline })).stdout.trim()
const [client, server] = [randomUUID(), randomUUID()]
const address: Record<string, string> = {}

interface Echo { pod: string; nonce: string; remote: string; local: string; bytes: number; sha256?: string }
interface Connection {
  class: string; nonce: string; local?: string; status?: number; errno?: string; echo?: Echo
  flow?: { class: string; nonce: string; echo?: Echo }[]
  transfer?: { sent: number; sentSha256: string; received: number; receivedSha256: string; announcedSha256: string; expectedSha256: string }
  ping?: { device: string; deviceMtu: number; pathMtu: number; refused?: string }
}
interface Line {
  id: string; class: string; detail?: string; end?: string; count?: number
  connections?: Connection[]
  listeners?: { local: string; container: string; program: string }[]
  dns?: { rcode: string; name: string; answers: { data: string }[] }
}

async function startPod(role: string, uid: string): Promise<void> {
  const systemd = await docker('info', '--format', '{{.CgroupDriver}}') === 'systemd'
  const parent = systemd ? `hoplabtest-pod${uid.replaceAll('-', '_')}.slice` : `/hoplabtest/pod${uid}`
  await docker('run', '--detach', '--name', `${name}-${role}`, '--hostname', role, '--network', name, '--cgroup-parent', parent, '--label', `${labels.run}=${name}`,
    '--env', role === 'server' ? 'ECHO_LISTEN=:8080' : 'ECHO_LISTEN=none', imageSet('local').echo)
  address[role] = await docker('inspect', '--format', `{{(index .NetworkSettings.Networks "${name}").IPAddress}}`, `${name}-${role}`)
}

async function probe(probes: object[]): Promise<Record<string, Line>> {
  const answer = await exec('docker', ['exec', '--interactive', `${name}-toolbox`, 'hoplab-probe'], { deadline, input: JSON.stringify({ batch: 'b1', probes }) })
  expect({ exitCode: answer.exitCode, stderr: answer.stderr }).toEqual({ exitCode: 0, stderr: '' })
  const lines = answer.stdout.trim().split('\n').map((line) => JSON.parse(line) as Line)
  expect(lines.at(-1)).toEqual({ end: 'b1', count: probes.length })
  return Object.fromEntries(lines.slice(0, -1).map((line) => [line.id, line]))
}

beforeAll(async () => {
  useOwnEngine()
  await buildImages({ deadline, only: ['toolbox', 'echo'] })
  await docker('network', 'create', '--label', `${labels.run}=${name}`, name)
  await startPod('server', server)
  await startPod('client', client)
  await docker('run', '--detach', '--name', `${name}-toolbox`, '--privileged', '--pid', 'host', '--network', `container:${name}-server`,
    '--label', `${labels.run}=${name}`, imageSet('local').toolbox, 'sleep', 'infinity')
})

afterAll(async () => {
  const containers = (await docker('ps', '--all', '--quiet', '--filter', `label=${labels.run}=${name}`)).split('\n').filter(Boolean)
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers)
  await docker('network', 'rm', name)
})

describe('hoplab-probe', () => {
  test('starts in the named Pod, and the server sees that Pod\'s address', async () => {
    const target = `${address.server}:8080`
    const { http, udp, big } = await probe([
      { id: 'http', nonce: 'n1', from: { podUid: client }, kind: 'http', target, count: 20, parallel: 4 },
      { id: 'udp', nonce: 'n2', from: { podUid: client }, kind: 'udp', target },
      { id: 'big', nonce: 'n3', from: { podUid: client }, kind: 'http', target, bodyBytes: 2_000_000 },
    ])
    expect(http?.connections?.map((one) => one.nonce).sort()).toEqual(Array.from({ length: 20 }, (_, index) => `n1.${index}`).sort())
    for (const one of http?.connections ?? []) {
      expect(one).toMatchObject({ class: 'OK', status: 200, echo: { pod: 'server', nonce: one.nonce, remote: one.local, local: target } })
      expect(one.local?.split(':')[0]).toBe(address.client)
    }
    expect(udp).toMatchObject({ class: 'OK', connections: [{ echo: { pod: 'server', nonce: 'n2.0', remote: udp?.connections?.[0]?.local } }] })
    expect(big?.connections?.[0]?.echo?.bytes).toBe(2_000_000)
  })

  test('tells refused, timed out and absent apart', async () => {
    const results = await probe([
      { id: 'refused', from: { podUid: client }, kind: 'tcp', target: `${address.server}:81` },
      { id: 'refused-udp', from: { podUid: client }, kind: 'udp', target: `${address.server}:81` },
      { id: 'timeout', from: { podUid: client }, kind: 'http', target: `${address.server?.replace(/\d+$/u, '250')}:80`, timeoutMs: 500 },
      { id: 'unreachable', from: { podUid: client }, kind: 'tcp', target: `${address.server?.replace(/\d+$/u, '250')}:80`, timeoutMs: 10_000 },
      { id: 'idle', from: { node: true }, kind: 'tcp', target: `${address.client}:8080` },
      { id: 'gone', from: { podUid: randomUUID() }, kind: 'tcp', target: '127.0.0.1:1' },
    ])
    expect(Object.fromEntries(Object.values(results).map((line) => [line.id, line.class]))).toEqual({
      refused: 'REFUSED', 'refused-udp': 'REFUSED', timeout: 'TIMEOUT', unreachable: 'UNREACHABLE', idle: 'REFUSED', gone: 'ERROR',
    })
    expect(results.gone?.detail).toBe('pod not found')
  })

  test('sends a mebibyte there and back whole', async () => {
    const size = 1_048_576
    const { both } = await probe([{ id: 'both', nonce: 'n4', from: { podUid: client }, kind: 'http', target: `${address.server}:8080`, bodyBytes: size, answerBytes: size }])
    const { transfer, echo } = both?.connections?.[0] ?? {}
    expect(both?.class).toBe('OK')
    expect(transfer).toMatchObject({ sent: size, received: size, receivedSha256: transfer?.expectedSha256, announcedSha256: transfer?.expectedSha256 })
    expect(echo).toMatchObject({ nonce: 'n4.0', bytes: size, sha256: transfer?.sentSha256 })
    expect(transfer?.sentSha256).not.toBe(transfer?.receivedSha256)
  })

  test('holds one UDP flow, and the server tells the address it was asked at', async () => {
    const target = `${address.server}:8080`
    const { flow } = await probe([{ id: 'flow', nonce: 'n5', from: { podUid: client }, kind: 'udp', target, datagrams: 5, everyMs: 20 }])
    const [connection] = flow?.connections ?? []
    expect(connection?.flow?.map((one) => [one.class, one.nonce, one.echo?.nonce, one.echo?.remote, one.echo?.local])).toEqual(
      [0, 1, 2, 3, 4].map((index) => ['OK', `n5.0.${index}`, `n5.0.${index}`, connection?.local, target]))
  })

  test('pings without fragments up to the MTU', async () => {
    const ping = { from: { podUid: client }, kind: 'ping', target: address.server }
    const { fits, big } = await probe([{ id: 'fits', ...ping, size: 1472 }, { id: 'big', ...ping, size: 1473 }])
    expect(fits).toMatchObject({ class: 'OK', connections: [{ local: address.client, ping: { device: 'eth0', deviceMtu: 1500, pathMtu: 1500 } }] })
    expect(big).toMatchObject({ class: 'TOOBIG', connections: [{ errno: 'EMSGSIZE', ping: { refused: 'here' } }] })
  })

  test('finds the container that would be given a connection', async () => {
    const { listening, nobody } = await probe([
      { id: 'listening', from: { podUid: server }, kind: 'listeners', target: '127.0.0.1:8080' }, { id: 'nobody', from: { podUid: client }, kind: 'listeners', target: '127.0.0.1:8080' },
    ])
    const id = await docker('inspect', '--format', '{{.Id}}', `${name}-server`)
    expect(listening).toMatchObject({ class: 'OK', listeners: [{ container: id, program: 'echo' }] })
    expect(nobody).toMatchObject({ class: 'OK' })
    expect(nobody?.listeners ?? []).toEqual([])
  })

  test('asks the name server of the Pod itself', async () => {
    const { found } = await probe([{ id: 'found', from: { podUid: client }, kind: 'dns', name: `${name}-server` }])
    expect(found).toMatchObject({ class: 'OK', dns: { rcode: 'NOERROR', answers: [{ data: address.server }] } })
  })
})
