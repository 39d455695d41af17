import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'cni-plugin', ...over } as never]))[0]
const freshPods = () => [...lab.kube.objects.keys()].filter((key) => key.startsWith('v1 Pod hoplab-control/fresh-'))
const conf = (type: string) => JSON.stringify({ name: 'x', plugins: [{ type }] })

describe('cni-plugin passes', () => {
  test('when one plugin is at work and new Pods get addresses; nothing is left behind', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'k, a, b use flannel alone, and a Pod made now on each gets an address and answers.' })
    expect(new Set(result?.evidence.map(({ witness }) => witness))).toEqual(new Set(['api', 'files', 'device', 'fresh Pod', 'control']))
    expect(result?.evidence).toContainEqual({ witness: 'files', command: 'hoplab shell node/a ls /etc/cni/net.d', observed: 'a: 10-flannel.conflist (flannel)', expected: 'one, of flannel' })
    expect(lab.kube.writes.filter((write) => write.includes('fresh-'))).toHaveLength(6)
    expect(freshPods()).toEqual([])
  })
  test('right after a node was mended, though its kubelet still reports what was before', async () => {
    lab.cni.ready('a', 'False', 'container runtime network not ready: NetworkReady=false')
    const patient = lab.verify([{ kind: 'cni-plugin', within: 1 } as never])
    lab.after(1_500, () => lab.cni.ready('a', 'True', ''))
    expect((await patient)[0]).toMatchObject({ verdict: 'pass' })
  })
  test('beside files that no runtime reads', async () => {
    lab.cni.files('a').set('10-flannel.conflist.bak', 'old').set('calico-kubeconfig', 'x')
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('cni-plugin fails', () => {
  test.each([
    ['the configuration is gone, though all Pods still work', () => lab.cni.files('a').clear(), /^a has no network configuration/u],
    ['another configuration sorts first', () => lab.cni.files('a').set('05-bridge.conf', JSON.stringify({ name: 'x', type: 'bridge' })), /05-bridge\.conf sorts first and makes bridge the plugin of new Pods, not flannel/u],
    ['a broken one sorts first', () => lab.cni.files('a').set('00-x.conflist', '{"name":'), /00-x\.conflist sorts first and cannot be loaded/u],
    ['another plugin\'s is left behind', () => lab.cni.files('a').set('99-calico.conflist', conf('calico')), /99-calico\.conflist lies beside/u],
    ['a device of the plugin is gone', () => lab.kernel.tunnels.set('a', undefined), /^a has no device flannel\.1/u],
    ['a device of another plugin is left', () => lab.kernel.strangers.set('a', ['vxlan.calico']), /still has vxlan\.calico/u],
    ['the agent is not ready everywhere', () => lab.cni.agent(2), /is ready on 2 of 3 nodes/u],
    ['the agent is gone', () => lab.kube.objects.delete('apps/v1 DaemonSet kube-flannel/kube-flannel-ds'), /The agent of flannel is gone/u],
    ['a node says that its network is not ready', () => lab.cni.ready('a', 'False', 'container runtime network not ready: NetworkReady=false'), /^Node a: Ready False, container runtime network not ready/u],
    ['a new Pod gets an address from elsewhere', () => lab.cni.gives.set('a', '192.0.2.7'), /gets the address 192\.0\.2\.7, which is not in/u],
  ])('when %s', async (_name, harm, why) => {
    harm()
    expect(await look({ within: 0.2 })).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
    expect(freshPods()).toEqual([])
  })
  test('when all looks well and a new Pod does not get to run, in the kubelet\'s words', async () => {
    lab.cni.gives.set('b', undefined)
    expect(await look({ within: 0.2 })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'CNI plugin on b', why: expect.stringContaining('ContainerCreating: failed to find plugin "flannel"') })
    expect(freshPods()).toEqual([])
  })
  test('but not when it had no time to: a node let its Pods wait for a processor', async () => {
    lab.cni.gives.set('b', undefined)
    lab.lateWakes.set('b', 4_000)
    expect(await look({ within: 0.2, nodes: ['b'] })).toMatchObject({ verdict: 'inconclusive', why: expect.stringMatching(/^The machine was out of breath: on b .* does not get to run/u) })
    expect(freshPods()).toEqual([])
  })
  test.each([
    ['nobody reaches it', { class: 'TIMEOUT' }, 'TIMEOUT'], ['another answers in its place', { class: 'OK', body: { pod: 'other', nonce: 'other', remote: '10.244.2.2:1', local: '10.244.2.240:8080' } }, 'somebody else answers'],
  ] as const)('when a new Pod runs and %s', async (_name, end, ended) => {
    lab.cni.gives.set('b', '10.244.2.240')
    const connect = lab.network.connect.bind(lab.network)
    lab.network.connect = (...args) => (args[2].startsWith('10.244.2.240') ? { local: '10.244.2.2:1', ...end } : connect(...args))
    const result = await look({ within: 0.2 })
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringContaining('does not answer') })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'fresh Pod', observed: `b: has 10.244.2.240, does not answer (${ended})` }))
  })
})

describe('cni-plugin is inconclusive', () => {
  test.each([['nsenter', 127, ''], ['nsenter', 0, ''], ['nsenter', 0, 'eA== eA==\n'], ['ip', 127, ''], ['ip', 0, '[{"ifn']])('when %s ends with %i and prints "%s"', async (program, exitCode, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { exitCode, stdout, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
  test('without a control Pod to make one like', async () => {
    for (const [key] of lab.kube.objects) if (key.endsWith('control-b')) lab.kube.objects.delete(key)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod') })
    expect(freshPods()).toEqual([])
  })
})
