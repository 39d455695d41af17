import type { FakeKube } from '@hoplab/kube/testing'
import type { ContainerStatus, Pod } from '../scene/kube-shapes.ts'
import type { Printed } from './fake-lab.ts'

/** One running container or sandbox. Namespaces are numbers; Pods of the host's network have the host's. */
export interface FakeTask { id: string; sandbox: string; pid: number; net: number; pidSpace: number; mnt: number; began: number; node: string; pod: Pod }

/** Status of a container that runs, as the kubelet writes it. */
export const runningAs = (id: string): Omit<ContainerStatus, 'name'> => ({ containerID: `containerd://${id}`, state: { running: { startedAt: '2026-01-01T00:00:01Z' } }, started: true, restartCount: 0 })

const ok = (stdout: string, exitCode = 0): Printed => ({ exitCode, stdout, stderr: '' })

/** containerd and the processes it started on all nodes of a fake lab: one sandbox per Pod and a task for each container that runs, until a test changes one. */
export class FakeRuntime {
  readonly #kube: FakeKube
  readonly #mtuOf: (pod: Pod) => number
  /** What is unlike a healthy runtime, by container id or `sandbox-<namespace>-<pod>`; `undefined` = the runtime does not have it. */
  readonly changes = new Map<string, Partial<FakeTask> | undefined>()
  /** Addresses in a Pod unlike its status: by `namespace/pod`. */
  readonly addresses = new Map<string, string[]>()
  /** Log files by path. */
  readonly logs = new Map<string, string>()
  /** Files of containers, by `container id path`: on which device, and when made. The id is the container's, `/` is there by itself. */
  readonly files = new Map<string, { device: number; inode: number; made?: number; changed: number }>()
  /** When files were last written, in seconds, by their path. */
  readonly written = new Map<string, number>()
  /** `ss -Hltnp` by `namespace/pod`. */
  readonly listeners = new Map<string, string>()

  /** @param mtuOf largest packet of a Pod's own device, in bytes */
  constructor(kube: FakeKube, mtuOf: (pod: Pod) => number) {
    this.#kube = kube
    this.#mtuOf = mtuOf
  }

  /** Everything that runs on a node. Numbers follow the order in which Pods were put. */
  tasks(node: string): FakeTask[] {
    const pods = [...this.#kube.objects.values()].filter((object) => object.kind === 'Pod') as Pod[]
    return pods.flatMap((pod, index) => (pod.spec?.nodeName === node ? this.#tasksOf(pod, index) : [])).flatMap((task) => {
      const change = this.changes.get(task.id)
      return this.changes.has(task.id) && change === undefined ? [] : [{ ...task, ...change }]
    })
  }

  #tasksOf(pod: Pod, index: number): FakeTask[] {
    const sandbox = `sandbox-${pod.metadata.namespace}-${pod.metadata.name}`
    const net = pod.spec?.hostNetwork ? 0 : 1_000 + index
    const common = { sandbox, net, node: pod.spec?.nodeName ?? '', pod }
    const running = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].filter(({ state }) => state?.running)
    const containers = running.map((status, number) => ({ ...common, id: status.containerID?.replace('containerd://', '') ?? '', pid: 10_001 + index * 100 + number, pidSpace: 3_000 + index * 100 + number, mnt: 5_000 + index * 100 + number, began: 50_001 + index * 100 + number }))
    return containers.length === 0 ? [] : [{ ...common, id: sandbox, pid: 10_000 + index * 100, pidSpace: 2_000 + index, mnt: 4_000 + index, began: 50_000 + index * 100 }, ...containers]
  }

  /** What a program prints on a node; undefined when it reads nothing of this. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    const line = argv.join(' ')
    if (line.includes('cd /run/containerd')) return ok(this.tasks(node).map((task) => this.#folder(task)).join(''))
    if (argv[0] === 'readlink' && !line.includes('self')) return this.#each(node, argv.slice(1), /^\/proc\/(\d+)\/ns\/(net|pid|mnt)$/u, (task, space) => `${space}:[${4_026_000_000 + (task ? { net: task.net, pid: task.pidSpace, mnt: task.mnt }[space] ?? 0 : 0)}]\n`)
    if (argv[0] === 'cat' && argv[1]?.endsWith('/stat')) return this.#each(node, argv.slice(1), /^\/proc\/(\d+)\/stat$/u, (task) => `${task?.pid ?? 1} (a) b) S ${'0 '.repeat(18)}${task?.began ?? 1} 0 0\n`)
    const [, pid, rest] = /^nsenter -t (\d+) -n (.*)$/u.exec(line) ?? []
    const inside = pid === undefined ? undefined : this.tasks(node).find((task) => task.pid === Number(pid))
    if (inside && rest === 'ip -j address show') return ok(JSON.stringify(this.#links(inside)))
    if (inside && rest === 'ip -j route show') return ok(JSON.stringify([{ dst: 'default', gateway: '10.244.0.1', dev: 'eth0', flags: [] }]))
    if (inside && rest === 'ss -Hltnp') return ok(this.listeners.get(nameOf(inside.pod)) ?? '')
    if (argv[3] === 'stat-in-root') return this.#statInside(node, [`${argv[4]}/`, `${argv[4]}${argv[5]}`])
    if (line.includes(' stat -c %.9Y ')) return this.#stat(argv.slice(8))
    if (line.includes('tail -qc')) return this.#tail(argv.at(-1) ?? '')
    return undefined
  }

  #folder({ id, sandbox, pid }: FakeTask): string {
    const type = id === sandbox ? 'sandbox' : 'container'
    return `${id}/config.json:"io.kubernetes.cri.container-type":"${type}"\n${id}/config.json:"io.kubernetes.cri.sandbox-id":"${sandbox}"\n${id}/init.pid:${pid}\n`
  }

  #each(node: string, paths: readonly string[], shape: RegExp, text: (task: FakeTask | undefined, space: string) => string): Printed {
    const lines = paths.map((path) => {
      const [, pid, space = ''] = shape.exec(path) ?? []
      const task = this.tasks(node).find((one) => one.pid === Number(pid))
      return task || pid === '1' ? text(task, space) : ''
    })
    return ok(lines.join(''), lines.includes('') ? 1 : 0)
  }

  #links({ pod }: FakeTask): object[] {
    const addresses = this.addresses.get(nameOf(pod)) ?? [pod.status?.podIP ?? '']
    return [
      { ifname: 'lo', mtu: 65_536, address: '00:00:00:00:00:00', addr_info: [{ local: '127.0.0.1', prefixlen: 8, scope: 'host' }] },
      { ifname: 'eth0', mtu: this.#mtuOf(pod), address: '02:00:00:00:00:01', addr_info: [...addresses.map((local) => ({ local, prefixlen: 24, scope: 'global' })), { local: 'fe80::1', prefixlen: 64, scope: 'link' }] },
    ]
  }

  #stat(paths: readonly string[]): Printed {
    const times = paths.map((path) => this.written.get(path))
    return ok(times.flatMap((time) => (time === undefined ? [] : [`${time.toFixed(9)}\n`])).join(''), times.includes(undefined) ? 1 : 0)
  }

  #statInside(node: string, paths: readonly string[]): Printed {
    const lines = paths.map((path) => {
      const [, pid, name = ''] = /^\/proc\/(\d+)\/root(.*)$/u.exec(path) ?? []
      const task = this.tasks(node).find((one) => one.pid === Number(pid))
      if (name === '/') return task || pid === '1' ? `${task?.mnt ?? 1}:2 0.000000000 1.000000000\n` : ''
      const file = this.files.get(`${task?.id} ${name}`)
      return file ? `${file.device}:${file.inode} ${(file.made ?? 0).toFixed(9)} ${file.changed.toFixed(9)}\n` : ''
    })
    return ok(lines.join(''), lines.includes('') ? 1 : 0)
  }

  #tail(folder: string): Printed {
    const texts = [...this.logs].filter(([path]) => path.startsWith(`${folder}/`)).map(([, text]) => text)
    return texts.length === 0 ? ok('', 1) : ok(texts.join(''))
  }
}

const nameOf = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}`
