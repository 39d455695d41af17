import { once } from 'node:events'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { forwardFromInternet } from '@hoplab/cluster/kind'
import { Deadline, HOP_INTERRUPTED, poll } from '@hoplab/core'
import { ingressController } from '@hoplab/model'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

const { http, https } = ingressController.ports

/** Programs of this machine get in by a port of 127.0.0.1, and nothing of it is left. Needs the Ingress, the Secret and the Service `shop` of the suite that calls it. */
export function fromThisMachine(lab: { readonly it: LiveLab }): void {
  test('a browser of this machine gets in by the Ingress controller, plain and by TLS at one port; stopped, the port is closed and no program is left', async () => {
    const user = new AbortController()
    using deadline = Deadline.start('open the Ingress controller', 200_000, { signal: user.signal })
    const node = lab.it.cluster.nodes.find(({ role }) => role === 'worker')?.address
    const lost: string[] = []
    const { port } = await open(lab.it, { to: `${node}:${http}`, tls: `${node}:${https}`, lost }, deadline)
    const ca = Buffer.from((await lab.it.cluster.kube.get({ apiVersion: 'v1', kind: 'Secret', name: 'cart-tls', namespace: 'live' }, deadline) as unknown as { data: Record<string, string> }).data['tls.crt'] ?? '', 'base64')
    const at = { host: '127.0.0.1', port, agent: false }
    const [shop, cart] = await Promise.all([
      answered(getPlain({ ...at, headers: { host: `shop.example:${port}` } })), answered(getSecure({ ...at, ca, servername: 'cart.example', headers: { host: `cart.example:${port}` } })),
    ])
    expect([shop, cart]).toEqual([expect.objectContaining({ echo: 1, pod: 'shop' }), expect.objectContaining({ echo: 1, pod: 'cart' })])
    const waits = connect(port, '127.0.0.1').on('error', () => {})
    const ended = new Promise((resolve) => { waits.once('close', resolve) })
    waits.write('GET / HTTP/1.1\r\n')
    await poll(() => carriers(lab.it, deadline), { deadline, withinMs: 10_000, until: (count) => count === 1 })
    user.abort(HOP_INTERRUPTED())
    await ended
    expect(await knock(port)).toBe('refused')
    using after = Deadline.start('look for what is left', 200_000)
    expect((await poll(() => carriers(lab.it, after), { deadline: after, withinMs: 10_000, until: (count) => count === 0 })).last).toBe(0)
    expect(lost).toEqual([])
  })
  test('and by the load balancer; a port where nobody listens is told as the host on the internet sees it', async () => {
    await lab.it.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'front' }, spec: { type: 'LoadBalancer', selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 8080 }] } })
    try {
      expect((await lab.it.verify([{ kind: 'reach', within: 30, from: { outside: 'internet' }, to: { service: 'front', port: 80, via: 'load-balancer' } }])).results.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
      using deadline = Deadline.start('open the load balancer', 200_000)
      const front = await lab.it.cluster.kube.get({ apiVersion: 'v1', kind: 'Service', name: 'front', namespace: 'live' }, deadline)
      const address = (front?.status as { loadBalancer?: { ingress?: { ip: string }[] } } | undefined)?.loadBalancer?.ingress?.[0]?.ip
      const lost: string[] = []
      await using way = await open(lab.it, { to: `${address}:80`, lost }, deadline)
      await using nowhere = await open(lab.it, { to: `${address}:81`, lost }, deadline)
      expect(await answered(getPlain({ host: '127.0.0.1', port: way.port, agent: false }))).toMatchObject({ echo: 1, pod: 'shop' })
      expect(await knock(nowhere.port, 'x')).toBe('open')
      expect((await poll(() => Promise.resolve(lost), { deadline, withinMs: 10_000, until: ({ length }) => length > 0 })).last).toEqual([expect.stringMatching(/Connection refused$/u)])
    } finally { await lab.it.remove('Service', 'front') }
  })
}

const open = ({ cluster }: LiveLab, { lost, ...to }: { to: string; tls?: string; lost: string[] }, deadline: Deadline): ReturnType<typeof forwardFromInternet> =>
  forwardFromInternet({ lab: cluster.spec.name, runId: cluster.runId, port: 0, ...to, lost: (why) => lost.push(why) }, deadline)

/** The JSON that a server answers with. */
async function answered(request: ReturnType<typeof getPlain>): Promise<unknown> {
  const [response] = await once(request, 'response') as [IncomingMessage]
  return JSON.parse(await text(response)) as unknown
}

/** Programs that carry connections, on the host on the internet. */
async function carriers({ cluster }: LiveLab, deadline: Deadline): Promise<number> {
  return Number((await cluster.toolbox('internet').exec(['pgrep', '--count', '--exact', 'socat'], { deadline })).stdout)
}

/** `refused`, or how a connection to this port of 127.0.0.1 that says something goes on: it was open, and was ended. */
async function knock(port: number, said?: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = await once(socket, 'connect').then(() => 'open', () => 'refused')
  if (said === undefined) socket.destroy()
  else { socket.resume(); socket.end(said); await once(socket, 'close') }
  return answer
}
