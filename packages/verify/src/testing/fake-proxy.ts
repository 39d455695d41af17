import type { FakeKube } from '@hoplab/kube/testing'
import type { Printed } from './fake-lab.ts'

/** What one node's kube-proxy says of itself. */
export interface FakeProxyState { up: boolean; mode: string; health: number; live: number; pending: number; rules: string; frozen: boolean }

const rules = `*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-X\nCOMMIT\n`

/** kube-proxy's pages and rules on each node of a fake lab; each Service that is made is a sync. */
export class FakeProxy {
  readonly #kube: FakeKube
  readonly #states = new Map<string, FakeProxyState>()

  constructor(kube: FakeKube) { this.#kube = kube }

  /** State of one node's kube-proxy, to be changed by a test. */
  on(node: string): FakeProxyState {
    const known = this.#states.get(node)
    if (known) return known
    const fresh = { up: true, mode: 'iptables', health: 200, live: 200, pending: 0, rules, frozen: false }
    this.#states.set(node, fresh)
    return fresh
  }

  /** What a program prints on a node; undefined when it asks for nothing of kube-proxy's. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    const state = this.on(node)
    if (argv[0] === 'iptables-save') return { exitCode: 0, stdout: state.rules, stderr: '' }
    if (argv[0] === 'nft') return state.rules.includes('table ip kube-proxy') ? { exitCode: 0, stdout: state.rules, stderr: '' } : { exitCode: 1, stdout: '', stderr: 'No such file or directory' }
    const page = argv[0] === 'curl' ? /:(?:10249|10256)\/(\w+)$/u.exec(argv.at(-1) ?? '')?.[1] : undefined
    if (page === undefined) return undefined
    if (!state.up) return { exitCode: 7, stdout: '\n000', stderr: '' }
    const [body, status] = this.#page(page, state)
    return { exitCode: 0, stdout: `${body}\n${status}`, stderr: '' }
  }

  #page(page: string, state: FakeProxyState): [string, number] {
    if (page === 'proxyMode') return [state.mode, 200]
    if (page !== 'metrics') return ['{"healthy":true}', page === 'healthz' ? state.health : state.live]
    const syncs = state.frozen ? 0 : this.#kube.writes.filter((write) => write.startsWith('create Service ')).length
    const pending = (name: string, count: number): string => `# TYPE kubeproxy_sync_proxy_rules_${name}_changes_pending gauge\nkubeproxy_sync_proxy_rules_${name}_changes_pending ${count}\n`
    return [`${pending('endpoint', state.pending)}kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family="IPv4"} 9.9e+09\nkubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv6"} 9.9e+09\nkubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} ${1_795_421_985 + syncs}\n${pending('service', 0)}`, 200]
  }
}
