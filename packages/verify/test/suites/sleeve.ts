import { randomUUID } from 'node:crypto'
import { Deadline } from '@hoplab/core'
import type { CniInstaller } from '@hoplab/cni'
import { expect, test } from 'vitest'
import { segment, pushAck, sleeved } from '../../src/testing/fake-packets.ts'
import { sleevePackets } from '../../src/trace/capture/sleeve.ts'
import type { LiveLab } from '../live-lab.ts'
import { type OnUplink, watchUplinks } from '../uplinks.ts'

const port = 6783
/** What the control is sent from: a sleeve packet that anybody can read, which no peer has sent. */
const controlPort = 40_678
/** Headers of IPv4 and UDP. */
const headers = 28

/**
 * Of Weave: one request between nodes, and whether the wire tells what is in it. Where peers have a password it must not, and the same capture must read a
 * packet that is written as peers without one do.
 */
export function sleeveSuite(get: () => LiveLab): void {
  const encrypted = (installer: CniInstaller): boolean => installer.capabilities.overlay?.encrypted === true

  test('frames between nodes can be read on the uplink where there is no password, and not at all where there is one', async () => {
    const lab = get()
    const [client, far] = await Promise.all([lab.addressOf('client'), lab.addressOf('far')])
    const [quiet, loud] = [`quiet-${randomUUID()}`, `loud-${randomUUID()}`]
    const watch = await watchUplinks(lab, `ip and not net 127.0.0.0/8 and (udp port ${port} or host ${client} or host ${far})`)
    await ask(lab, far, quiet)
    await sendReadable(lab, { from: `${client}:40000`, to: `${far}:8080`, word: loud })
    const seen = await watch.stop()

    const isControl = ({ packet }: OnUplink): boolean => packet.udp?.from.endsWith(`:${controlPort}`) === true
    const [controls, others] = [seen.filter(isControl), seen.filter((one) => !isControl(one))]
    const readable = (ones: readonly OnUplink[]): OnUplink[] => ones.filter(({ packet }) => sleevePackets(packet.udp?.payload ?? new Uint8Array()).some(({ src, dst }) => [src, dst].every((address) => [client, far].includes(address))))
    expect(readable(controls).map(({ node, way }) => `${node} ${way}`).sort()).toEqual([`${lab.cluster.nodeName('worker-1')} out`, `${lab.cluster.nodeName('worker-2')} in`])
    expect(controls.every(({ text }) => text.includes(loud))).toBe(true)

    expect(others.filter(({ packet: { src, dst } }) => [src, dst].some((address) => [client, far].includes(address)))).toEqual([])
    const carried = others.filter(({ packet }) => packet.udp?.to.endsWith(`:${port}`))
    expect(new Set(carried.map(({ node, way }) => `${node} ${way}`)).size).toBeGreaterThanOrEqual(4)
    const told = { frames: readable(others).length > 0, word: others.some(({ text }) => text.includes(quiet)) }
    expect(told).toEqual(encrypted(lab.installer) ? { frames: false, word: false } : { frames: true, word: true })
  })
}

/** One request of Pod `client` that carries `nonce`, and was answered. */
async function ask(lab: LiveLab, far: string, nonce: string): Promise<void> {
  using deadline = Deadline.start('one request', 20_000)
  const pod = await lab.cluster.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'client', namespace: 'live' }, deadline)
  const probe = { id: 'one', nonce, from: { podUid: pod?.metadata.uid }, kind: 'http', target: `${far}:8080`, timeoutMs: 4_000, count: 1, parallel: 1 }
  const { stdout, stderr } = await lab.cluster.toolbox(lab.cluster.nodeName('worker-1')).exec(['hoplab-probe'], { deadline, input: JSON.stringify({ batch: 'sleeve', probes: [probe] }) })
  expect(stdout, stderr).toContain('"OK"')
}

/** A sleeve packet from worker-1's node to worker-2's with a readable frame in it. */
async function sendReadable(lab: LiveLab, { from, to, word }: { from: string; to: string; word: string }): Promise<void> {
  const address = (position: string): string => lab.cluster.nodes.find(({ name }) => name === lab.cluster.nodeName(position))!.address
  const outer = { from: `${address('worker-1')}:${controlPort}`, to: `${address('worker-2')}:${port}` }
  const payload = sleeved(outer, segment({ from, to, seq: 1, ack: 1, flags: pushAck, payload: word })).subarray(headers)
  await lab.onNode('worker-1', ['bash', '-ec', `printf %s "$0" | base64 -d | socat -u - UDP-SENDTO:${outer.to},sourceport=${controlPort}`, Buffer.from(payload).toString('base64')])
}
