import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { addonContract, kubeForAddons } from '../testing/addon-contract.ts'
import { internetAddon } from './internet.ts'
import { loadBalancerAddon } from './load-balancer.ts'

addonContract('internet', internetAddon, { healthy: '' })
addonContract('load-balancer', loadBalancerAddon, { healthy: 'in step with the cluster\n' })

test('the load balancer signs in as an account that may list Services and Nodes and write the status of Services, and nothing else', async () => {
  using deadline = Deadline.start('install', 280_000)
  const kube = kubeForAddons()
  const [file] = await loadBalancerAddon().install({ kube, apiServer: 'https://cp:6443', images: {} }, deadline)
  expect(JSON.parse(file?.text ?? '')).toMatchObject({ clusters: [{ cluster: { server: 'https://cp:6443', 'certificate-authority-data': Buffer.from('CA').toString('base64') } }], users: [{ user: { token: 't1' } }] })
  expect([...kube.objects.values()].find(({ kind }) => kind === 'ClusterRole')?.rules).toEqual([
    { apiGroups: [''], resources: ['services', 'nodes'], verbs: ['list'] }, { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] }])
})
