import { Deadline, type HopError } from '@hoplab/core'
import { refusalOf } from '@hoplab/kube'
import { connect } from '@hoplab/kube/client-node'
import { kubeClientContract } from '@hoplab/kube/contract'
import type { RunningCluster } from '@hoplab/cluster'
import { controlNamespace } from '@hoplab/cluster/kind'
import { describe, expect, test } from 'vitest'

/** The real client passes the contract, and runs commands in Pods with their true ends. */
export function kubeSuite(get: () => RunningCluster): void {
  kubeClientContract('client-node on a cluster', async () => {
    const kube = await connect(get().kubeconfig)
    return { kube, [Symbol.asyncDispose]: async () => kube[Symbol.dispose]() }
  })

  describe('exec in a Pod', () => {
    const podOn = async (position: string, deadline: Deadline): Promise<{ namespace: string; pod: string }> => {
      const [found] = await get().kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: controlNamespace, fieldSelector: `spec.nodeName=${get().nodeName(position)}` }, deadline)
      return { namespace: controlNamespace, pod: found?.metadata.name ?? '' }
    }

    test('gives exit code, both streams whole', async () => {
      using deadline = Deadline.start('exec', 200_000)
      const pod = await podOn('worker-1', deadline)
      expect(await get().kube.exec(pod, ['sh', '-c', 'echo out; echo err >&2; exit 9'], deadline)).toEqual({ exitCode: 9, stdout: 'out\n', stderr: 'err\n' })
      const long = await get().kube.exec(pod, ['sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x'], deadline)
      expect(long).toMatchObject({ exitCode: 0, stderr: '' })
      expect(long.stdout).toHaveLength(300_000)
    })

    test('a program that is not there, and a Pod that is not there, are no exit codes', async () => {
      using deadline = Deadline.start('exec', 200_000)
      const { kube } = get()
      const pod = await podOn('worker-1', deadline)
      expect((await kube.exec(pod, ['/no/such/program'], deadline).catch((error: unknown) => error) as HopError).code).toBe('HOP_KUBE_EXEC_CUT')
      expect(refusalOf(await kube.exec({ ...pod, pod: 'no-such-pod' }, ['true'], deadline).catch((error: unknown) => error))?.status).toBe(404)
    })

    test('a Pod killed under a command is a cut, not an exit code', async () => {
      using deadline = Deadline.start('exec', 200_000)
      const pod = await podOn('worker-2', deadline)
      const running = get().kube.exec(pod, ['sleep', '50'], deadline).catch((error: unknown) => error)
      await deadline.sleep(1_500)
      await get().kube.delete({ apiVersion: 'v1', kind: 'Pod', name: pod.pod, namespace: controlNamespace }, deadline, { gracePeriodSeconds: 0 })
      // The kubelet may still tell that the program was killed; what must never come is success.
      const end = await running
      expect([137, 'HOP_KUBE_EXEC_CUT']).toContain(end instanceof Error ? (end as HopError).code : (end as { exitCode: number }).exitCode)
    })
  })
}
