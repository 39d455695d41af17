import { Deadline, poll } from '@hoplab/core'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

/** UDP ports of Flannel's and of Calico's VXLAN. */
const vxlanPorts = [8472, 4789]
const folder = '/run/hoplab-test-uplink'

/** What one tcpdump on the uplink of worker-1 printed, sorted by what it caught. */
interface Caught { controls: string[]; vxlan: string[]; plain: string[] }

/**
 * A capture of our own on a real uplink, beside that of the checks: with a network that wraps nothing, Pods' addresses and no VXLAN; with one that wraps, VXLAN
 * and no Pods' addresses outside of it. Control: a datagram to each VXLAN port before and after the requests, which the same tcpdump must catch by the same filter.
 */
export function uplinkSuite(get: () => LiveLab): void {
  test('a capture on the uplink shows plain Pod addresses or VXLAN, as the network says, and never both', async () => {
    const wraps = get().installer.capabilities.overlay?.kind === 'vxlan'
    const [client, far] = [await get().addressOf('client'), await get().addressOf('far')]
    const { controls, vxlan, plain } = await caughtWhile(get(), { client, far }, async () => {
      const { results } = await get().verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, count: 5 }])
      expect(results.map(({ verdict }) => verdict)).toEqual(['pass'])
    })
    expect(controls).toHaveLength(2 * vxlanPorts.length)
    // Each request and each answer is several packets.
    const between = (from: string, to: string): boolean => plain.filter((line) => line.includes(` IP ${from}`) && line.includes(` > ${to}`)).length > 5
    expect({ vxlan: vxlan.length > 5, anyVxlan: vxlan.length > 0, requests: between(`${client}.`, `${far}.8080:`), answers: between(`${far}.8080 `, `${client}.`), anyPlain: plain.length > 0 })
      .toEqual({ vxlan: wraps, anyVxlan: wraps, requests: !wraps, answers: !wraps, anyPlain: !wraps })
  })
  test('Pods send packets as large as the uplink carries, less what a tunnel whose device is there would add', async () => {
    const { overlay, overlayBetweenSubnets } = get().installer.capabilities
    const uplink = Number(/ mtu (\d+) /u.exec(await get().onNode('worker-1', ['ip', 'link', 'show', 'eth0']))?.[1])
    const { results } = await get().verify([{ kind: 'mtu', from: { pod: { name: 'client' } }, to: { name: 'far' } }])
    const most = uplink - ((overlay ?? overlayBetweenSubnets)?.overhead ?? 0)
    expect(results).toEqual([expect.objectContaining({ verdict: 'pass', why: expect.stringContaining(`Packets of ${most} bytes,`) })])
  })
}

async function caughtWhile(lab: LiveLab, { client, far }: { client: string; far: string }, work: () => Promise<void>): Promise<Caught> {
  const other = lab.cluster.nodes.find(({ name }) => name === lab.cluster.nodeName('worker-2'))?.address ?? ''
  const control = (): Promise<string> => lab.onNode('worker-1', ['sh', '-ec', vxlanPorts.map((port) => `printf hoplab-control | nc -u -w 1 -q 0 -p 48720 ${other} ${port}`).join('; ')])
  const capture = lab.onNode('worker-1', ['sh', '-c', captureScript, 'capture', folder, `(${vxlanPorts.map((port) => `udp port ${port}`).join(' or ')}) or (host ${client} and host ${far} and tcp port 8080)`])
  // Awaited below; if the work fails first, its own failure is the one to be told.
  capture.catch(() => undefined)
  try {
    using deadline = Deadline.start('tcpdump listens', 200_000)
    await poll(() => lab.onNode('worker-1', ['sh', '-c', `cat ${folder}/told 2>/dev/null || true`]), { deadline, until: (told) => told.includes('listening on') })
    await control()
    await work()
    await control()
  } finally { await lab.onNode('worker-1', ['touch', `${folder}/stop`]) }
  const lines = (await capture).split('\n').filter((line) => /^\S+ IP /u.test(line))
  const isVxlan = (line: string): boolean => vxlanPorts.some((port) => line.includes(`.${port}:`))
  const isControl = (line: string): boolean => isVxlan(line) && / IP \S+\.48720 > /u.test(line)
  return { controls: lines.filter(isControl), vxlan: lines.filter((line) => isVxlan(line) && !isControl(line)), plain: lines.filter((line) => !isVxlan(line)) }
}

/** Prints what tcpdump with this filter caught on the uplink until the file `stop` is there, or for a quarter of a minute. */
const captureScript = `
mkdir -p "$1"; rm -f "$1"/*
tcpdump -nn -l --immediate-mode -i eth0 "$2" > "$1/caught" 2> "$1/told" & pid=$!
for try in $(seq 150); do [ -e "$1/stop" ] && break; sleep 0.1; done
kill $pid; wait $pid
cat "$1/caught"; rm -rf "$1"`
