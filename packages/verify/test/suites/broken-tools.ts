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

/**
 * Stands in for the probe program in a folder of PATH: runs it with its own input and kills it as soon as it is that program. One that was looked for
 * among all processes could be about to end, or be left from a check that was over (seen here: a pass).
 */
const killedProbe = `#!/bin/sh
exec 3<&0
PATH=\${PATH#*:} hoplab-probe <&3 & p=$!
n=0
until [ "$(basename "$(readlink /proc/$p/exe)")" = hoplab-probe ] || [ $n -ge 2000 ]; do n=$((n+1)); done
kill -9 $p
wait $p
`
const killedFolder = '/tmp/killed-probe'
const putKilledProbe = ['sh', '-c', 'mkdir -p "$0" && printf %s "$1" > "$0/hoplab-probe" && chmod 755 "$0/hoplab-probe"', killedFolder, killedProbe]
/** A folder with every program of the toolbox but one. */
const thinFolder = 'mkdir -p "$0"; IFS=:; for d in $PATH; do ln -sf "$d"/* "$0"/; done; rm -f "$0/$1"'

const allOf = (names: readonly Name[], verdict: string) => Object.fromEntries(names.map((name) => [name, verdict]))

/** Looks at the named checks of this lab. */
const verdictsIn = (get: () => LiveLab) => async (names: readonly Name[], view: Partial<LabView> = {}, within = 5) => {
  const { results, ms } = await get().verify(names.map((name) => ({ within, ...checks[name], id: name, points: 1 })), { view })
  return { seen: Object.fromEntries(results.map(({ id, verdict }) => [id, verdict])), results, ms }
}

/** Our own tools break in earnest, in real toolboxes: never a pass, never held against the learner. */
export function brokenTools(get: () => LiveLab): void {
  const verdicts = verdictsIn(get)
  const onNodes = (argv: string[]) => get().onNodes(argv)
  const through = (change: (argv: readonly string[]) => readonly string[]): Partial<LabView> => ({
    shell: (node): NodeShell => ({ node, exec: (argv, options) => get().cluster.toolbox(node).exec(change(argv), options) }),
  })

  describe('what our own tools do wrong is inconclusive', () => {
    test.each<[tool: string, names: Name[]]>([
      ['conntrack', ['reach', 'source', 'distribution', 'dns']], ['hoplab-probe', ['reach', 'dns', 'blocked', 'gone']], ['iptables-nft-save', ['rules']], ['ip', ['route']],
      ['curl', ['reach', 'dns', 'proxy']], ['nsenter', ['plugin']], ['bash', ['sysctl', 'route']],
    ])('without %s in the toolboxes', async (tool, names) => {
      const folder = `/tmp/without-${tool}`
      await onNodes(['sh', '-c', thinFolder, folder, tool])
      try {
        const { seen, results } = await verdicts(names, through((argv) => ['env', `PATH=${folder}`, ...argv]))
        expect(seen, JSON.stringify(results.map(({ why }) => why))).toEqual(allOf(names, 'inconclusive'))
        expect(results.every(({ points }) => points === 0)).toBe(true)
      } finally { await onNodes(['rm', '-rf', folder]) }
    })
    test('when output is cut after 60 bytes and the program still ends well', async () => {
      const names: Name[] = ['reach', 'source', 'dns', 'blocked', 'rules', 'route', 'sysctl', 'gone']
      const { seen } = await verdicts(names, through((argv) => (argv[3] === 'canary' ? argv : ['sh', '-c', '"$@" | head -c 60', 'sh', ...argv])))
      expect(seen).toEqual(allOf(names, 'inconclusive'))
    })
    test('when the program that is running is killed, and only then', async () => {
      await onNodes(putKilledProbe)
      const { seen, results } = await verdicts(['blocked'], through((argv) => ['sh', '-c', `PATH=${killedFolder}:$PATH exec "$@"`, 'sh', ...argv]))
      await onNodes(['rm', '-rf', killedFolder])
      expect(seen, results[0]?.why).toEqual({ blocked: 'inconclusive' })
      expect(results[0]?.why).toContain('ended with 137')
      expect((await verdicts(['blocked'])).seen).toEqual({ blocked: 'pass' })
    })
  })
}

/** What goes on beside a check and says nothing of the lab. */
export function goesOnBeside(get: () => LiveLab): void {
  const verdicts = verdictsIn(get)
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
