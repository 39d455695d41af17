import { ingressController } from '@hoplab/model'
import { controllerProgram } from '../witness/controller.ts'
import type { FakeLab, Printed } from './fake-lab.ts'

/** An Ingress controller, and curl on the host on the internet that asks it. */
export class FakeIngress {
  /** Service by `host path`: who is asked. What is not there is answered with 404. */
  readonly rules = new Map<string, string>()
  /** Hosts for which it has a certificate that proves them. */
  readonly proven = new Set<string>()
  /** Asks Services at their own address, as from a node, instead of their endpoints. */
  hidden = false
  readonly #lab: FakeLab
  constructor(lab: FakeLab) { this.#lab = lab }

  /** Puts the controller's Pods onto nodes `a` and `b`. */
  start(): void {
    for (const [index, node] of ['a', 'b'].entries()) {
      this.#lab.pod({ name: `controller-${node}`, namespace: ingressController.namespace, node, ip: `10.244.${index + 1}.30`, labels: { app: ingressController.name }, image: 'haproxy' })
    }
  }

  /** What the program prints; undefined when it is another one. */
  print(argv: readonly string[]): Printed | undefined {
    if (argv[3] !== controllerProgram) return undefined
    const [begin = '', pem] = argv.slice(4)
    const nonce = begin.slice('begin '.length)
    const url = new URL(argv.at(-1) ?? '')
    const node = this.#lab.nodes.find(({ address }) => argv[argv.indexOf('--resolve') + 1]?.endsWith(`:${address}`))?.name ?? ''
    const print = (exitCode: number, status: string, body: string): Printed => ({ exitCode, stdout: `${begin}\n${body}\n${nonce} ${status}`, stderr: '' })
    if (pem && !this.proven.has(url.hostname)) return print(60, '000', '')
    const service = this.rules.get(`${url.hostname} ${url.pathname}`)
    if (service === undefined) return print(0, '404', '<html>The requested URL was not found.</html>')
    const { status, body } = this.#forward(node, service, nonce)
    return print(0, String(status), body)
  }

  #forward(node: string, service: string, nonce: string): { status: number; body: string } {
    const objects = [...this.#lab.kube.objects.values()].filter(({ metadata }) => metadata.namespace === 'lab')
    const slice = objects.find(({ kind, metadata }) => kind === 'EndpointSlice' && metadata.labels?.['kubernetes.io/service-name'] === service) as { endpoints?: { addresses: string[] }[] } | undefined
    const address = slice?.endpoints?.[0]?.addresses[0]
    if (address === undefined) return { status: 503, body: '<html>No server is available.</html>' }
    const controller = [...this.#lab.kube.objects.values()].find(({ metadata }) => metadata.name === `controller-${node}`)
    const done = this.#lab.network.connect(node, this.hidden ? { node: true } : { podUid: controller?.metadata.uid ?? '' }, `${address}:8080`, nonce)
    return { status: done.status ?? 502, body: JSON.stringify({ echo: 1, ...done.body }) }
  }
}
