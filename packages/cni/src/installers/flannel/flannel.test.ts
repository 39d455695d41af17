import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import type { FlannelOptions } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { flannelInstaller } from './index.ts'
import { flannelObjects } from './manifest.ts'

const images = { flannel: 'registry.test/flannel:v1', flannelCniPlugin: 'registry.test/plugin:v1' }
const deadline = Deadline.start('flannel', 280_000)
const announced = { 'flannel.alpha.coreos.com/backend-type': 'vxlan', 'flannel.alpha.coreos.com/backend-data': '{"VNI":1,"VtepMAC":"aa:bb:cc:dd:ee:ff"}' }
/** As flanneld of host-gw writes it: it has nothing more to say than its type. */
const byRoute = { 'flannel.alpha.coreos.com/backend-type': 'host-gw', 'flannel.alpha.coreos.com/backend-data': 'null' }

async function installed(status: Record<string, number>, annotations: Record<string, string>[]): Promise<FakeKube> {
  const kube = new FakeKube(annotations.map((each, index) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: `n${index}`, annotations: each } })))
  await flannelInstaller().install({ kube, podSubnet: '10.244.0.0/16', images }, deadline)
  const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-flannel', name: 'kube-flannel-ds' }, deadline)
  kube.put({ ...set!, metadata: { ...set!.metadata, generation: 2 }, status })
  return kube
}
const rolledOut = { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }

describe('Flannel', () => {
  test('net-conf.json has the Pod range and the VXLAN backend; the conflist delegates to a bridge', () => {
    const config = flannelObjects({ podSubnet: '10.9.0.0/16', flannelImage: 'a', pluginImage: 'b' }).find((object) => object.kind === 'ConfigMap')
    const data = config?.data as Record<string, string>
    expect(JSON.parse(data['net-conf.json']!)).toMatchObject({ Network: '10.9.0.0/16', Backend: { Type: 'vxlan' } })
    expect(JSON.parse(data['cni-conf.json']!)).toMatchObject({ plugins: [{ type: 'flannel' }, { type: 'portmap' }] })
  })
  test.each([
    [{}, { Type: 'vxlan' }], [{ backend: 'host-gw' }, { Type: 'host-gw' }], [{ directRouting: true }, { Type: 'vxlan', DirectRouting: true }], [{ backend: 'vxlan', directRouting: false }, { Type: 'vxlan' }],
  ] as const)('with %j net-conf.json has the backend %j', async (options, backend) => {
    const kube = new FakeKube()
    await flannelInstaller(options).install({ kube, podSubnet: '10.244.0.0/16', images }, deadline)
    const config = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-flannel', name: 'kube-flannel-cfg' }, deadline)
    expect((JSON.parse((config!.data as Record<string, string>)['net-conf.json']!) as { Backend: object }).Backend).toEqual(backend)
  })
  test('only a network that wraps every packet says that it has a tunnel; one that keeps it for other subnets says that', () => {
    const tunnels = (options: FlannelOptions): (string | undefined)[] => { const { overlay, overlayBetweenSubnets } = flannelInstaller(options).capabilities; return [overlay?.device, overlayBetweenSubnets?.device] }
    expect([{}, { backend: 'host-gw' }, { directRouting: true }].map((options) => tunnels(options as FlannelOptions))).toEqual([['flannel.1', undefined], [undefined, undefined], [undefined, 'flannel.1']])
    expect([{}, { backend: 'vxlan', directRouting: false }, { backend: 'host-gw' }].map((options) => flannelInstaller(options as FlannelOptions).options)).toEqual([undefined, undefined, { flannel: { backend: 'host-gw' } }])
  })
  test('a node that announced another backend is pending', async () => {
    const pending = async (options: FlannelOptions, ...said: Record<string, string>[]): Promise<string[]> => flannelInstaller(options).pending({ kube: await installed(rolledOut, said), nodeCount: 2 }, deadline)
    expect(await pending({ backend: 'host-gw' }, byRoute, byRoute)).toEqual([])
    expect(await pending({ backend: 'host-gw' }, byRoute, announced)).toEqual(['flanneld on n1 has not announced how its Pods are reached by host-gw'])
    expect(await pending({}, announced, byRoute)).toEqual(['flanneld on n1 has not announced how its Pods are reached by vxlan'])
  })
  test('nothing is pending when every node runs it and has announced itself', async () => {
    expect(await flannelInstaller().pending({ kube: await installed(rolledOut, [announced, announced]), nodeCount: 2 }, deadline)).toEqual([])
  })
  test('a node that was never counted is pending, even when the DaemonSet is content', async () => {
    const kube = await installed(rolledOut, [announced, announced])
    expect(await flannelInstaller().pending({ kube, nodeCount: 3 }, deadline)).toEqual(['DaemonSet kube-flannel/kube-flannel-ds is meant to run on 2 of 3 nodes'])
  })
  test('an old generation, an unavailable Pod and a silent node are each named', async () => {
    const pending = async (status: Record<string, number>, annotations: Record<string, string>[]): Promise<string[]> =>
      flannelInstaller().pending({ kube: await installed(status, annotations), nodeCount: 2 }, deadline)
    expect(await pending({ ...rolledOut, observedGeneration: 1 }, [announced, announced])).toEqual([expect.stringContaining('has not seen')])
    expect(await pending({ ...rolledOut, numberAvailable: 1 }, [announced, announced])).toEqual([expect.stringContaining('available on 1 of 2')])
    expect(await pending(rolledOut, [announced, {}])).toEqual([expect.stringContaining('n1')])
  })
})
