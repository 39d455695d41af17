import { describe, expect, test } from 'vitest'
import { replay } from '../../test/recorded-trace.ts'
import { brokenHopOf } from './broken/broken-hop.ts'
import { type Told, tell } from './trace.ts'
import { type Seen, watchRequests } from './window.ts'

const server = '10.244.1.7:8080'

/** The recorded request of a node, as if port 8080 of its endpoint were refused: the kernel has no record of it then, and a reset comes in place of the handshake's second segment. */
async function refusedFromNode(change: (seen: Seen) => Seen = (seen) => seen): Promise<{ told: Told; broken: string | undefined }> {
  const nothingSaid = `forward ${btoa('1')}\nroute ${btoa('10.96.4.82 via 172.28.0.1 dev eth0')}\nneighbours \nfdb \nproxy \nend x`
  const { round, asked, identity } = replay('node', (stdout) => (stdout === '' ? nothingSaid : stdout.replace(/^conntrack \S*$/mu, 'conntrack ')))
  const seen = change(refused(await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity })))
  const [attempt] = seen.attempts
  if (!attempt) throw new Error('no attempt was recorded')
  const told = tell(round, asked, seen, attempt)
  return { told, broken: (await brokenHopOf(round, asked, told, seen))?.hop }
}

function refused(seen: Seen): Seen {
  return {
    ...seen, attempts: seen.attempts.map((attempt) => ({ ...attempt, status: 0, exitCode: 7 })),
    captures: seen.captures.map((capture) => ({ ...capture, packets: capture.packets.map((caught) => {
      const packet = structuredClone(caught.packet)
      const { tcp } = packet.inside?.packet ?? packet
      if (tcp?.from === server && tcp.syn) Object.assign(tcp, { syn: false, rst: true })
      return { ...caught, packet }
    }) })),
  }
}

/** A refused connection of somebody else on the node to the same endpoint, e.g. a probe of the kubelet. */
function besideIt(seen: Seen): Seen {
  return { ...seen, captures: seen.captures.map((capture) => ({ ...capture, packets: capture.packets.flatMap((caught) => {
    const packet = structuredClone(caught.packet)
    const { tcp } = packet.inside?.packet ?? packet
    if (!tcp || ![tcp.from, tcp.to].includes(server)) return [caught]
    Object.assign(tcp, { from: tcp.from.replace(':15624', ':40000'), to: tcp.to.replace(':15624', ':40000'), seq: tcp.seq + 77, ack: tcp.ack + 77 })
    return [caught, { ...caught, packet }]
  }) })) }
}

describe('a node\'s own request to a Service whose targetPort is wrong', () => {
  test('is followed without the kernel\'s record, and the Service is named', async () => {
    const { told, broken } = await refusedFromNode()
    expect(told).toMatchObject({ class: 'REFUSED', endpoint: server, tracked: undefined })
    expect(broken).toBe('Service tr/far:80')
  })
  test('is not mixed up with a refused connection of somebody else: nothing is named', async () => {
    const { told, broken } = await refusedFromNode(besideIt)
    expect(told).toMatchObject({ class: 'UNREACHABLE', flow: undefined, endpoint: undefined })
    expect(broken).toBeUndefined()
  })
  test('of several at once, each has its own packets', async () => {
    const { told, broken } = await refusedFromNode((seen) => besideIt({ ...seen, attempts: seen.attempts.flatMap((one) => [one, { ...one, ports: [1], nonce: 'other' }]) }))
    expect(told.flow?.request[0]?.ends.from).toBe('10.244.2.0:15624')
    expect(broken).toBe('Service tr/far:80')
  })
})
