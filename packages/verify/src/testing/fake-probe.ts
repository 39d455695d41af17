import type { ProbeRequest } from '../probes/request.ts'
import type { FakeLab } from './fake-lab.ts'

type FakeProbe = ProbeRequest & { id: string; nonce: string }
type OfKind<K extends ProbeRequest['kind']> = Extract<FakeProbe, { kind: K }>

/** What the probe program prints in the toolbox of `node`. */
export function runFakeProbe(lab: FakeLab, node: string, input: string): string {
  const { batch, probes } = JSON.parse(input) as { batch: string; probes: FakeProbe[] }
  const lines = probes.map((probe) => {
    const known = !('podUid' in probe.from) || [...lab.kube.objects.values()].some((object) => object.metadata.uid === (probe.from as { podUid: string }).podUid)
    if (!known) return { id: probe.id, nonce: probe.nonce, class: 'ERROR', detail: 'pod not found', durationMs: 0.1 }
    return { id: probe.id, nonce: probe.nonce, ...resultOf(lab, node, probe), durationMs: 0.4 }
  })
  return [...lines, { end: batch, count: probes.length }].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** What the program of a batch prints: results, and the records that its filter leaves (`probes/records-script.ts`). */
export function probeAndRecords(lab: FakeLab, node: string, input: string): string {
  const said = runFakeProbe(lab, node, input)
  const { probes } = JSON.parse(input) as { probes: FakeProbe[] }
  const flows = probes.flatMap((probe) => (probe.kind === 'udp' ? [probe.target.split(':')] : []))
  const ports = new Set([...said.replaceAll(/"echo":\{[^}]*\}/gu, '').matchAll(/"(?:local|sentFrom)":"[^"]*:(\d+)"/gu)].map(([, port]) => ` sport=${port} dport=`))
  const isOwn = (line: string): boolean => [...line.matchAll(/ sport=\d+ dport=/gu)].some(([port]) => ports.has(port))
  const isOfFlow = (line: string): boolean => flows.some(([ip, port]) => line.includes(` dst=${ip} sport=`) && line.includes(` dport=${port} `))
  const lines = (protocol: 'tcp' | 'udp'): string[] => lab.network.conntrack(node, protocol).split('\n').filter((line) => line !== '')
  const records = [...lines('tcp').filter(isOwn), ...(flows.length === 0 ? [] : lines('udp').filter((line) => isOwn(line) || isOfFlow(line)))]
  return [said, ...records.map((line) => `${line}\n`), 'records-end\n'].join('')
}

function resultOf(lab: FakeLab, node: string, probe: FakeProbe): object {
  if (probe.kind === 'dns') return resolve(lab, probe)
  if (probe.kind === 'listeners') return { class: 'OK', listeners: lab.network.listeners(probe.from, Number(probe.target.split(':')[1])) }
  if (probe.kind !== 'ping') lab.rules.count(node, probe.target, probe.count)
  const connections = Array.from({ length: probe.count }, (_, index) => {
    const nonce = `${probe.nonce}.${index}`
    return { nonce, ...(probe.kind === 'ping' ? lab.network.ping(node, probe.from, probe.target, probe.size) : connect(lab, node, probe, nonce)), connectMs: 0.1, totalMs: 0.3 }
  })
  const bad = connections.find((one) => one.class !== 'OK')
  return { class: bad?.class ?? 'OK', connections }
}

function isLate(lab: FakeLab, from: FakeProbe['from'], timeoutMs: number): boolean {
  const name = 'podUid' in from ? [...lab.kube.objects.values()].find(({ metadata }) => metadata.uid === from.podUid)?.metadata.name : undefined
  return (lab.answersAfterMs.get(name ?? '') ?? 0) > timeoutMs
}

function connect(lab: FakeLab, node: string, probe: OfKind<'http' | 'tcp' | 'udp'>, nonce: string): { class: string } {
  if ('datagrams' in probe) return flow(lab, node, probe, nonce)
  if (isLate(lab, probe.from, probe.timeoutMs)) return { class: 'TIMEOUT' }
  const { body, ...rest } = lab.network.connect(node, probe.from, probe.target, nonce, probe.kind === 'udp' ? 'udp' : 'tcp')
  const moved = probe.kind === 'http' && (probe.bodyBytes ?? 0) + (probe.answerBytes ?? 0) > 0 ? lab.network.transfer(probe.bodyBytes ?? 0, probe.answerBytes ?? 0) : undefined
  return { ...rest, ...(probe.kind === 'udp' ? {} : endOf(rest)), ...(moved && rest.class === 'OK' ? { class: moved.ends, transfer: moved.transfer } : {}), ...(probe.kind !== 'tcp' && body ? { echo: { ...body, ...moved?.said, ...(probe.kind === 'http' && probe.path?.startsWith('/?late=') ? { lateMs: lab.lateWakes.get(node) ?? 0 } : {}) } } : {}) }
}

/** A connection that was not made has no end of its own; of one that nobody answered the probe says where it was sent from. */
const endOf = ({ class: how, local }: { class: string; local: string }): object => (how === 'OK' ? {} : { local: undefined, ...(how === 'TIMEOUT' ? { sentFrom: local } : {}) })

/** One socket: whoever answers first keeps answering, unless the weather of flows says otherwise. */
function flow(lab: FakeLab, node: string, probe: { from: OfKind<'udp'>['from']; target: string; datagrams: number; everyMs: number }, nonce: string): { class: string } {
  const first = lab.network.connect(node, probe.from, probe.target, nonce, 'udp')
  const said = Array.from({ length: probe.datagrams }, (_, index) => {
    const own = `${nonce}.${index}`
    const special = lab.network.weather.flow(index)
    const { class: end, body } = special ?? first
    return { class: end, nonce: own, sentMs: index * probe.everyMs, totalMs: 0.1, ...(end === 'OK' && body ? { echo: { ...first.body, ...body, nonce: own } } : {}) }
  })
  return { ...first, class: said.find((one) => one.class !== 'OK')?.class ?? 'OK', ...(first.class === 'ERROR' ? {} : { flow: said }) } as { class: string }
}

function resolve(lab: FakeLab, { name: asked, type, server = '10.96.0.10:53', transport, timeoutMs, from }: OfKind<'dns'>): object {
  const dns = { server, name: asked, tried: [asked], transport: transport ?? 'udp', ...(lab.truncated && transport === 'udp' ? { truncated: true } : {}) }
  const own = lab.servers.has(server)
  const names = own ? lab.servers.get(server) : lab.names
  const lost = lab.losesAnswer(lab.questions++)
  if (!names || lost || isLate(lab, from, timeoutMs) || lab.deafTo.has(transport ?? 'udp')) return { class: 'TIMEOUT', detail: `read ${transport ?? 'udp'}: i/o timeout`, dns: { ...dns, answers: [] } }
  const special = own ? undefined : lab.records.get(`${type} ${asked}`)
  const plain = asked.replace(/\.svc\.cluster\.local\.?$/u, '')
  const addresses = type === 'A' ? names.get(plain) ?? names.get(`${plain}.lab`) : undefined
  const found = special ?? addresses?.map((data) => ({ data })) ?? lab.wildcard.get(type)?.map((data) => ({ data }))
  if (!found) return { class: 'DNS', detail: 'no such name: NXDOMAIN', dns: { ...dns, rcode: 'NXDOMAIN', answers: [] } }
  const answers = found.map(({ name = asked, type: kind = type, data }: { name?: string; type?: string; data: string }) => ({ name, type: kind, ttl: lab.ttl, data }))
  return { class: answers.some((one) => one.type === type) ? 'OK' : 'DNS', dns: { ...dns, rcode: 'NOERROR', answers } }
}
