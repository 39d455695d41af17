import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import { calicoInstaller } from '@hoplab/cni/calico'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { routesInstaller } from '@hoplab/cni/routes'
import { weaveInstaller } from '@hoplab/cni/weave'
import { optionsText } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../testing/index.ts'

/** Every kind that looks at what a CNI plugin makes, on networks as their installers describe them. */
const installers = [
  flannelInstaller(), flannelInstaller({ backend: 'host-gw' }), flannelInstaller({ directRouting: true }), calicoInstaller(), calicoInstaller({ vxlanMode: 'CrossSubnet' }),
  weaveInstaller(), routesInstaller(), awsVpcInstaller(),
]
const servers = { labels: { app: 'hello' } }
const far = { pod: { name: 'hello-b' }, port: 8080 }
const checks = {
  'cni-plugin': { kind: 'cni-plugin' }, addresses: { kind: 'addresses', pods: { name: 'client' } }, route: { kind: 'route', to: servers }, sysctl: { kind: 'sysctl' },
  mtu: { kind: 'mtu', from: client, to: { name: 'hello-b' } }, same: { kind: 'capture', from: client, to: { pod: { name: 'hello-a' }, port: 8080 }, expect: 'nothing' },
} as const

function labOn({ name, capabilities }: (typeof installers)[number]): FakeLab {
  const lab = helloLab()
  const { bridge: _bridge, overlay: _overlay, ...rest } = lab.networkFacts
  lab.networkFacts = { ...rest, ...capabilities, cni: name }
  lab.cni.agent(lab.nodes.length)
  lab.wire.works = true
  if (capabilities.overlay) lab.network.weather.mtu.pod = 1_500 - capabilities.overlay.overhead
  // The fake network wraps whatever passes between nodes.
  else Object.assign(lab.network.weather.mtu, { pod: 1_500, tunnel: 9_000, way: 1_550 })
  return lab
}
const look = async (lab: FakeLab, check: object) => (await lab.verify([check as never]))[0]

describe.each(installers.map((installer) => [`${installer.name} ${optionsText(installer.options)}`, installer] as const))('on %s', (_name, installer) => {
  test.each(Object.entries(checks))('a healthy network is green: %s', async (_kind, check) => {
    expect(await look(labOn(installer), check)).toMatchObject({ verdict: 'pass' })
  })
  test('the wire carries what the network says it does, and the opposite is red', async () => {
    const [right, wrong] = installer.capabilities.overlay ? ['overlay', 'plain'] : ['plain', 'overlay']
    expect(await look(labOn(installer), { kind: 'capture', from: client, to: far, expect: right })).toMatchObject({ verdict: 'pass' })
    expect(await look(labOn(installer), { kind: 'capture', from: client, to: far, expect: wrong })).toMatchObject({ verdict: 'fail' })
  })
  test('a check of a tunnel or of policies is offered exactly where there is one', async () => {
    const asked = async (capability: string): Promise<string | undefined> => (await look(labOn(installer), { kind: 'sysctl', requires: [capability] }))?.verdict
    expect(await asked('overlay')).toBe(installer.capabilities.overlay ? 'pass' : 'not-offered')
    expect(await asked('network-policy')).toBe(installer.capabilities.networkPolicy ? 'pass' : 'not-offered')
  })
  test('another plugin\'s device, a lost agent and a route astray are red', async () => {
    const foreign = labOn(installer)
    foreign.kernel.strangers.set('a', [installer.name === 'calico' ? 'flannel.1' : 'vxlan.calico'])
    expect(await look(foreign, checks['cni-plugin'])).toMatchObject({ verdict: 'fail', why: expect.stringContaining('a device of another plugin') })
    const lost = labOn(installer)
    lost.cni.agent(2)
    expect(await look(lost, checks['cni-plugin'])).toMatchObject({ verdict: 'fail', why: expect.stringContaining(`DaemonSet ${installer.capabilities.agent.namespace}/${installer.capabilities.agent.name}`) })
    const astray = labOn(installer)
    astray.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.254' })
    expect(await look(astray, checks.route)).toMatchObject({ verdict: 'fail', firstBrokenHop: 'route on a' })
  })
})
