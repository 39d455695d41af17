import { Deadline } from '@hoplab/core'
import type { FakeKube } from '@hoplab/kube/testing'
import { expect, test } from 'vitest'
import { addonContract, kubeForAddons } from '../../testing/addon-contract.ts'
import { ingressAddon } from './index.ts'

const images = { haproxyIngress: 'registry.test/controller:v1' }
const rolledOut = { desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 }
const status = (kube: FakeKube, kind: string, value: object): void => {
  for (const object of [...kube.objects.values()].filter((one) => one.kind === kind)) kube.put({ ...object, status: value })
}

/** One worker, on which the controller runs and has given the Ingress its address. */
function settle(kube: FakeKube): void {
  const node = (name: string, labels: Record<string, string>, address: string): void => {
    kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { addresses: [{ type: 'InternalIP', address }] } })
  }
  node('cp', { 'node-role.kubernetes.io/control-plane': '' }, '172.28.4.2')
  node('worker', {}, '172.28.4.3')
  status(kube, 'DaemonSet', rolledOut)
  status(kube, 'Ingress', { loadBalancer: { ingress: [{ ip: '172.28.4.3' }] } })
}

addonContract('ingress', ingressAddon, { healthy: 'ok', settle, readsSecrets: true })

async function pendingWhen(spoil: (kube: FakeKube) => void): Promise<{ reasons: string[]; asked: string[] }> {
  using deadline = Deadline.start('pending', 280_000)
  const kube = kubeForAddons()
  const asked: string[] = []
  await ingressAddon().install({ kube, apiServer: 'https://cp:6443', images }, deadline)
  settle(kube)
  spoil(kube)
  const reasons = await ingressAddon().pending((argv) => { asked.push(argv.at(-1) ?? ''); return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }) }, deadline, kube)
  return { reasons, asked }
}

test('it is asked at every worker and nowhere else, from the internet', async () => {
  expect(await pendingWhen(() => undefined)).toEqual({ reasons: [], asked: ['http://172.28.4.3:30080/healthz'] })
})

test('a leader that hangs is no controller, whatever its probes say: its Ingress has no address', async () => {
  expect((await pendingWhen((kube) => status(kube, 'Ingress', {}))).reasons).toEqual([expect.stringContaining('has been given no address')])
})

test('a Pod that is not available is waited for', async () => {
  expect((await pendingWhen((kube) => status(kube, 'DaemonSet', { ...rolledOut, numberAvailable: 0 }))).reasons).toEqual(['DaemonSet hoplab-ingress/haproxy-ingress is available on 0 of 1 nodes'])
})

test('the controller has no capability and cannot get one', async () => {
  using deadline = Deadline.start('install', 280_000)
  const kube = kubeForAddons()
  await ingressAddon().install({ kube, apiServer: 'https://cp:6443', images }, deadline)
  const daemonSet = [...kube.objects.values()].find(({ kind }) => kind === 'DaemonSet')
  expect(daemonSet?.spec).toMatchObject({ template: { spec: { containers: [{ image: images.haproxyIngress, securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }] } } })
  expect(JSON.stringify(daemonSet)).not.toMatch(/hostNetwork|hostPort|"privileged"/u)
})
