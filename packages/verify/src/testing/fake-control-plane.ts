import type { FakeKube } from '@hoplab/kube/testing'
import { listControlProcesses } from '../witness/control-processes.ts'
import type { Printed } from './fake-lab.ts'

/** A program of the control plane of a fake lab. */
export interface FakeComponent {
  /** State of its process as in proc(5); undefined: it does not run. */
  state: string | undefined
  /** Who renews its Lease at each read; undefined: nobody does. */
  renewedBy: string | undefined
  /** Whether the kubelet is asked for it. @default true */
  asked?: boolean
}

/** The processes of a control plane, and the Leases they lead by. */
export class FakeControlPlane {
  readonly components = new Map<string, FakeComponent>()
  readonly #kube: FakeKube
  readonly #node: string
  #renewals = 0

  constructor(kube: FakeKube, node: string) {
    this.#kube = kube
    this.#node = node
    for (const name of ['kube-scheduler', 'kube-controller-manager']) {
      this.components.set(name, { state: 'S', renewedBy: `${node}_1` })
      this.lease(name, `${node}_1`)
    }
    this.components.set('kube-apiserver', { state: 'S', renewedBy: undefined })
    const get = kube.get.bind(kube)
    kube.get = (ref, deadline) => {
      const by = ref.kind === 'Lease' ? this.components.get(ref.name)?.renewedBy : undefined
      if (by !== undefined) this.lease(ref.name, by)
      return get(ref, deadline)
    }
  }

  component(name: string): FakeComponent { return this.components.get(name) ?? { state: undefined, renewedBy: undefined } }

  /** Writes a Lease anew. */
  lease(name: string, holderIdentity: string): void {
    this.#kube.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-system' }, spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: `renewal ${++this.#renewals}` } })
  }

  /** What a program prints on a node; undefined when it reads nothing of this. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    if (argv[2] !== listControlProcesses) return undefined
    const files = node === this.#node ? [...this.components].filter(([, { asked }]) => asked !== false).map(([name]) => `file ${name}.yaml\n`) : []
    const running = [...this.components].filter(([, { state }]) => node === this.#node && state !== undefined)
    return { exitCode: 0, stdout: running.map(([name, { state }], index) => `${700 + index} ${state} ${name === 'kube-apiserver' ? name : `/usr/local/bin/${name}`}\n`).join('') + files.join(''), stderr: '' }
  }
}
