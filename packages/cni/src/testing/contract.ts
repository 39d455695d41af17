import { Deadline, HOP_INTERRUPTED, type HopError } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import type { CniInstaller } from '../port.ts'

/** Image names for every key an installer may ask for. */
const images = new Proxy<Record<string, string>>({}, { get: (_all, key) => `registry.test/${String(key)}:v1` })
const node = (name: string): Parameters<FakeKube['put']>[0] => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

/** What every {@link CniInstaller} promises before a cluster is needed; the rest is proved on a cluster by `clusterProviderContract`. */
export function cniInstallerContract(name: string, make: () => CniInstaller): void {
  describe(`CNI installer contract: ${name}`, () => {
    const target = { podSubnet: '10.11.0.0/16', images }

    test('installs the named images and the given Pod range, and nothing twice', async () => {
      using deadline = Deadline.start('install', 10_000)
      const kube = new FakeKube()
      await make().install({ kube, ...target }, deadline)
      const first = [...kube.objects.keys()]
      await make().install({ kube, ...target }, deadline)
      expect([...kube.objects.keys()]).toEqual(first)
      const all = JSON.stringify([...kube.objects.values()])
      expect(all).toContain('10.11.0.0/16')
      expect(all).toContain('registry.test/')
      expect(all).not.toContain('imagePullPolicy":"Always')
    })

    test('is pending before it is installed, and before any controller has seen it', async () => {
      using deadline = Deadline.start('pending', 10_000)
      const kube = new FakeKube([node('n1')])
      expect(await make().pending({ kube, nodeCount: 1 }, deadline)).not.toEqual([])
      await make().install({ kube, ...target }, deadline)
      expect(await make().pending({ kube, nodeCount: 1 }, deadline)).not.toEqual([])
    })

    test('names the image it has no name for, before anything is written', async () => {
      using deadline = Deadline.start('images', 10_000)
      const kube = new FakeKube()
      const error = await make().install({ kube, podSubnet: '10.11.0.0/16', images: {} }, deadline).catch((thrown: unknown) => thrown)
      expect((error as HopError).code).toBe('HOP_CNI_IMAGE_UNNAMED')
      expect(kube.writes).toEqual([])
    })

    test('a source that it cannot be installed from is refused with a reason and a fix', async () => {
      using deadline = Deadline.start('probe', 10_000)
      expect(await make().probe('bundle', deadline)).toEqual({ ready: false, reasons: [{ what: expect.any(String), fix: expect.stringMatching(/\w/u) }] })
      expect(await make().probe('upstream', deadline)).toEqual({ ready: true })
    })

    test('stops half-way when interrupted', async () => {
      const user = new AbortController()
      using deadline = Deadline.start('interrupted', 10_000, { signal: user.signal })
      const kube = new FakeKube()
      const apply = kube.apply.bind(kube)
      kube.apply = async (object, bound) => { const done = await apply(object, bound); user.abort(HOP_INTERRUPTED()); return done }
      const error = await make().install({ kube, ...target }, deadline).catch((thrown: unknown) => thrown)
      expect((error as HopError).code).toBe('HOP_INTERRUPTED')
      expect(kube.writes).toHaveLength(1)
    })
  })
}
