import { expect, test } from 'vitest'
import { qualified } from './unpack.ts'

test('image names as containerd keeps them', () => {
  expect(qualified('hoplab/echo:0.1.0')).toBe('docker.io/hoplab/echo:0.1.0')
  expect(qualified('ghcr.io/flannel-io/flannel:v0.26.7')).toBe('ghcr.io/flannel-io/flannel:v0.26.7')
  expect(qualified('127.0.0.1:5000/a/b:1')).toBe('127.0.0.1:5000/a/b:1')
})
