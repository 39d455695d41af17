import { imageSet } from '@hoplab/images'
import { expect, test } from 'vitest'
import type { ClusterSpec } from '../../port.ts'
import { differencesOf, hashOf, identityOf } from './identity.ts'

const spec: ClusterSpec = {
  name: 'a', workers: 2, cni: 'flannel', proxyMode: 'iptables', images: 'auto', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false,
}
const local = imageSet('local', ['flannel'])

test('how the images were asked for does not matter, which they are does', async () => {
  expect(await hashOf(identityOf({ ...spec, images: 'local' }, local))).toBe(await hashOf(identityOf(spec, local)))
  expect(await hashOf(identityOf(spec, imageSet('upstream')))).not.toBe(await hashOf(identityOf(spec, local)))
})

test('a cluster with other ranges is another one, and the difference is named', async () => {
  const other = identityOf({ ...spec, podSubnet: '10.42.0.0/16', serviceSubnet: '10.43.0.0/16' }, local)
  expect(await hashOf(other)).not.toBe(await hashOf(identityOf(spec, local)))
  expect(differencesOf(identityOf(spec, local), other)).toEqual([
    'podSubnet: runs with 10.244.0.0/16, asked for 10.42.0.0/16', 'serviceSubnet: runs with 10.96.0.0/16, asked for 10.43.0.0/16',
  ])
})

test('each differing field is named with both values', () => {
  expect(differencesOf(identityOf(spec, local), identityOf({ ...spec, workers: 3, proxyMode: 'nftables' }, local))).toEqual([
    'proxyMode: runs with iptables, asked for nftables', 'workers: runs with 2, asked for 3',
  ])
  expect(differencesOf(identityOf(spec, local), identityOf(spec, local))).toEqual([])
})
