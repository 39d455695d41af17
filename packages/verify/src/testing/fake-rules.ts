import type { FakeKube } from '@hoplab/kube/testing'
import type { ProxyMode } from '@hoplab/model'
import type { EndpointSlice, Pod, Service } from '../scene/kube-shapes.ts'
import { clusterIpOf, endpointsOf } from '../scene/services.ts'

interface Port { ip: string; port: number; name: string; endpoints: string[]; sticky: boolean }

/** What kube-proxy writes on every node for the Services of a {@link FakeKube}, and how often each was used; printed as the real programs print it. */
export class FakeRules {
  /** Last word on a node's listing. */
  spoil: (listing: string, node: string) => string = (listing) => listing
  /** Stands in a listing where that of the other iptables begins. */
  readonly legacy = '# legacy from here\n'
  /** Counters stand still: something else takes the packets. */
  idle = false
  readonly #kube: FakeKube
  readonly #sent = new Map<string, number>()

  constructor(kube: FakeKube) { this.#kube = kube }

  /** `count` new connections to `target` (`ip:port`) started on `node`. */
  count(node: string, target: string, count: number): void {
    if (!this.idle) this.#sent.set(`${node} ${target}`, (this.#sent.get(`${node} ${target}`) ?? 0) + count)
  }

  /** Output of a rule program; undefined when argv is none. */
  print(node: string, argv: readonly string[], mode: ProxyMode): string | undefined {
    if (argv.at(-1) === 'iptables-save') return `${argv[3]} nft\n${this.spoil(mode === 'iptables' ? this.#saved(node) : this.legacy, node).replace(this.legacy, `${argv[3]} legacy\n`)}${argv[3]} end\n`
    return argv[0] === 'nft' ? this.spoil(mode === 'nftables' ? JSON.stringify(this.#listed(node)) : '', node) : undefined
  }

  #saved(node: string): string {
    const rules = this.#ports(node).filter(({ endpoints }) => endpoints.length > 0)
    const nat = rules.flatMap((entry, index) => savedService(entry, index, this.#sent.get(`${node} ${entry.ip}:${entry.port}`) ?? 0))
    const chains = [...new Set(nat.map((line) => / -A (\S+)/u.exec(line)?.[1] ?? ''))].map((chain) => `:${chain} - [0:0]`)
    const refusals = this.#ports(node).filter(({ endpoints }) => endpoints.length === 0)
      .map(({ ip, port, name }) => `[0:0] -A KUBE-SERVICES -d ${ip}/32 -p tcp -m comment --comment "${name} has no endpoints" -m tcp --dport ${port} -j REJECT --reject-with icmp-port-unreachable`)
    return [
      '*nat', ':PREROUTING ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ':KUBE-PROXY-CANARY - [0:0]', ...chains,
      '[1:60] -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', '[1:60] -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', ...nat, 'COMMIT',
      '*filter', ':KUBE-SERVICES - [0:0]', ...refusals, 'COMMIT', this.legacy,
    ].join('\n')
  }

  #listed(node: string): object {
    const ports = this.#ports(node)
    const key = ({ ip, port }: Port) => ({ concat: [ip, 'tcp', port] })
    const balanced = ports.filter(({ endpoints }) => endpoints.length > 0)
    const rule = (chain: string, ...expr: object[]) => ({ rule: { family: 'ip', table: 'kube-proxy', chain, handle: 1, expr } })
    return { nftables: [
      { metainfo: { version: '1.0.6' } },
      { map: { name: 'no-endpoint-services', elem: ports.filter(({ endpoints }) => endpoints.length === 0).map((entry) => [{ elem: { val: key(entry), comment: entry.name } }, { goto: { target: 'reject-chain' } }]) } },
      { map: { name: 'service-ips', elem: balanced.map((entry) => [key(entry), { goto: { target: `service-4TDK2WAF-${entry.name}/tcp/` } }]) } },
      ...['nat-prerouting', 'nat-output'].map((hook) => rule(hook, { jump: { target: 'services' } })), rule('reject-chain', { reject: null }),
      ...balanced.flatMap(({ name, endpoints }) => [
        rule(`service-4TDK2WAF-${name}/tcp/`, { match: {} }, { jump: { target: 'mark-for-masquerade' } }),
        rule(`service-4TDK2WAF-${name}/tcp/`, { vmap: { key: { numgen: { mode: 'random', mod: endpoints.length, offset: 0 } }, data: { set: endpoints.map((endpoint, index) => [index, { goto: { target: `endpoint-${name}-${endpoint}` } }]) } } }),
        ...endpoints.map((endpoint) => rule(`endpoint-${name}-${endpoint}`, { dnat: { addr: endpoint.split(':')[0], port: Number(endpoint.split(':')[1]) } })),
      ]),
    ] }
  }

  /** Ports with the endpoints that are meant for clients on this node. */
  #ports(node: string): Port[] {
    const of = <T>(kind: string): T[] => [...this.#kube.objects.values()].filter((object) => object.kind === kind) as T[]
    const snapshot = { pods: of<Pod>('Pod'), services: of<Service>('Service'), slices: of<EndpointSlice>('EndpointSlice') }
    return snapshot.services.flatMap((service) => (service.spec?.ports ?? []).flatMap(({ port }): Port[] => {
      const ip = clusterIpOf(service)
      const endpoints = endpointsOf(snapshot, service, port).filter((endpoint) => service.spec?.internalTrafficPolicy !== 'Local' || endpoint.node === node).map((endpoint) => `${endpoint.ip}:${endpoint.port}`)
      return ip === undefined ? [] : [{ ip, port, name: `${service.metadata.namespace}/${service.metadata.name}`, endpoints, sticky: service.spec?.sessionAffinity === 'ClientIP' }]
    }))
  }
}

function savedService({ ip, port, name, endpoints, sticky }: Port, index: number, sent: number): string[] {
  const comment = `-m comment --comment "${name}"`
  const chain = `KUBE-SVC-${index}`
  return [
    `[${sent}:${sent * 60}] -A KUBE-SERVICES -d ${ip}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport ${port} -j ${chain}`,
    `[0:0] -A ${chain} ! -s 10.244.0.0/16 -d ${ip}/32 -p tcp ${comment} -m tcp --dport ${port} -j KUBE-MARK-MASQ`,
    ...(sticky ? endpoints.map((_, at) => `[0:0] -A ${chain} ${comment} -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-${index}-${at} --mask 255.255.255.255 --rsource -j KUBE-SEP-${index}-${at}`) : []),
    ...endpoints.map((endpoint, at) => {
      const probability = at === endpoints.length - 1 ? '' : ` -m statistic --mode random --probability ${(1 / (endpoints.length - at)).toFixed(11)}`
      return `[${at === 0 ? sent : 0}:0] -A ${chain} -m comment --comment "${name} -> ${endpoint}"${probability} -j KUBE-SEP-${index}-${at}`
    }),
    ...endpoints.flatMap((endpoint, at) => [
      `[0:0] -A KUBE-SEP-${index}-${at} -s ${endpoint.split(':')[0]}/32 ${comment} -j KUBE-MARK-MASQ`,
      `[0:0] -A KUBE-SEP-${index}-${at} -p tcp ${comment} -m tcp -j DNAT --to-destination ${endpoint}`,
    ]),
  ]
}
