import { describe, expect, test } from 'vitest'
import type { LabView, NodeShell } from '@hoplab/verify'
import { shiftedDate } from '../../src/contract/shifted-date.ts'
import type { LiveLab } from '../live-lab.ts'

const client = { pod: { name: 'client' } }
const byAddress = { service: 'hello', port: 80, via: 'cluster-ip' }
const backends = { labels: { app: 'hello' } }
const checks = {
  reach: { kind: 'reach', from: client, to: byAddress },
  source: { kind: 'source', from: client, to: byAddress, expect: 'client-pod' },
  distribution: { kind: 'distribution', from: client, to: byAddress, backends, backendCount: 2, requests: 60 },
  dns: { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } },
  blocked: { kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 8080 }, control: { from: client, to: byAddress } },
  rules: { kind: 'rules', service: 'hello', port: 80 },
  route: { kind: 'route', to: backends },
  sysctl: { kind: 'sysctl' },
  proxy: { kind: 'kube-proxy' },
  plugin: { kind: 'cni-plugin', nodes: ['worker-1'] },
  closed: { kind: 'reach', from: client, to: { pod: backends, port: 9 } },
  gone: { kind: 'dns', from: client, name: 'hello', expect: { nxdomain: true } },
} as const
type Name = keyof typeof checks

/** Kills the first probe program that runs in this process namespace, and fails when none comes within ten seconds. */
const killProbe = 'n=0; while [ $n -lt 200 ]; do for f in /proc/[0-9]*/comm; do if [ "$(cat "$f" 2>/dev/null)" = hoplab-probe ]; then p=${f%/comm}; kill -9 "${p#/proc/}" && exit 0; fi; done; n=$((n+1)); sleep 0.05; done; exit 1'
/** A folder with every program of the toolbox but one. */
const thinFolder = 'mkdir -p "$0"; IFS=:; for d in $PATH; do ln -sf "$d"/* "$0"/; done; rm -f "$0/$1"'

/** Our own tools break in earnest, in real toolboxes: never a pass, never held against the learner. */
export function brokenTools(get: () => LiveLab): void {
  const verdicts = async (names: readonly Name[], view: Partial<LabView> = {}, within = 5) => {
    const { results, ms } = await get().verify(names.map((name) => ({ within, ...checks[name], id: name, points: 1 })), { view })
    return { seen: Object.fromEntries(results.map(({ id, verdict }) => [id, verdict])), results, ms }
  }
  const allOf = (names: readonly Name[], verdict: string) => Object.fromEntries(names.map((name) => [name, verdict]))
  const through = (change: (argv: readonly string[]) => readonly string[]): Partial<LabView> => ({
    shell: (node): NodeShell => ({ node, exec: (argv, options) => get().cluster.toolbox(node).exec(change(argv), options) }),
  })

  describe('what our own tools do wrong is inconclusive', () => {
    test.each<[tool: string, names: Name[]]>([
      ['conntrack', ['reach', 'source', 'distribution', 'dns']], ['hoplab-probe', ['reach', 'dns', 'blocked', 'gone']], ['iptables-nft-save', ['rules']], ['ip', ['route']],
      ['curl', ['reach', 'dns', 'proxy']], ['nsenter', ['plugin']], ['bash', ['sysctl', 'route']],
    ])('without %s in the toolboxes', async (tool, names) => {
      const folder = `/tmp/without-${tool}`
      await get().onNodes(['sh', '-c', thinFolder, folder, tool])
      try {
        const { seen, results } = await verdicts(names, through((argv) => ['env', `PATH=${folder}`, ...argv]))
        expect(seen, JSON.stringify(results.map(({ why }) => why))).toEqual(allOf(names, 'inconclusive'))
        expect(results.every(({ points }) => points === 0)).toBe(true)
      } finally { await get().onNodes(['rm', '-rf', folder]) }
    })
    test('when output is cut after 60 bytes and the program still ends well', async () => {
      const names: Name[] = ['reach', 'source', 'dns', 'blocked', 'rules', 'route', 'sysctl', 'gone']
      const { seen } = await verdicts(names, through((argv) => (argv[3] === 'canary' ? argv : ['sh', '-c', '"$@" | head -c 60', 'sh', ...argv])))
      expect(seen).toEqual(allOf(names, 'inconclusive'))
    })
    test('when the program that is running is killed, and only then', async () => {
      const [{ seen, results }] = await Promise.all([verdicts(['blocked']), get().onNode('worker-1', ['sh', '-c', killProbe])])
      expect(seen, results[0]?.why).toEqual({ blocked: 'inconclusive' })
      expect(results[0]?.why).toContain('ended with 137')
      expect((await verdicts(['blocked'])).seen).toEqual({ blocked: 'pass' })
    })
  })

  describe('what is none of a check\'s business changes nothing', () => {
    test('a kubelet that is restarted while probes run', async () => {
      const names: Name[] = ['reach', 'source', 'distribution', 'dns', 'blocked', 'closed']
      const [{ seen, results }] = await Promise.all([verdicts(names, {}, 30), get().onNode('worker-1', ['nsenter', '-t', '1', '-m', '--', 'systemctl', 'restart', 'kubelet'])])
      expect(seen, JSON.stringify(results.map(({ why }) => why))).toEqual({ ...allOf(names, 'pass'), closed: 'fail' })
    })
    test.each([-10, 10])('a clock of the runner that is off by %d minutes', async (minutes) => {
      using _shift = shiftedDate(minutes * 60_000)
      const names: Name[] = ['reach', 'source', 'dns', 'blocked', 'proxy', 'closed']
      const { seen, results } = await verdicts(names, {}, 15)
      expect(seen, JSON.stringify(results.map(({ why }) => why))).toEqual({ ...allOf(names, 'pass'), closed: 'fail' })
    })
  })
}
