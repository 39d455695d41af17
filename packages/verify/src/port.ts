import type { Deadline } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import type { AnyCheck, Answers, CheckResult, NetworkFacts, NodeFacts, OutsideFacts } from '@hoplab/model'

/** Runs argv in a node's network and process namespaces; structurally a `Toolbox` of `@hoplab/cluster`. */
export interface NodeShell {
  readonly node: string
  exec(argv: readonly string[], options: { deadline: Deadline; input?: string }): Promise<{ exitCode: number; stdout: string; stderr: string; durationMs: number }>
}

/** The cluster as checks see it. */
export interface LabView {
  kube: KubeClient
  nodes: readonly NodeFacts[]
  networkFacts: NetworkFacts
  /** Node name for a position such as `worker-1`. */
  nodeName(position: string): string
  shell(node: string): NodeShell
  /** The lab's namespaces; the first is the default of every reference. */
  namespaces: readonly string[]
  /** Image references whose server's own words count as a witness. */
  trustedImages: readonly string[]
  /** Ways in and out beside the nodes; `shell` enters its machines by the names of `outsideMachines`. @default none */
  outside?: OutsideFacts
  /**
   * How long the load balancer and the Ingress controller may take to do as the API says, in milliseconds: they follow at their own pace, and nothing tells when they have.
   * @default 4_000: the controller writes its configuration every other second at most, the load balancer judges new nodes for up to three
   */
  paceMs?: number
  /** Whether the network is a real kernel's or computed. @default real */
  truth?: 'real' | 'simulated'
  nobody(sort: 'cluster-ip' | 'pod-ip' | 'gateway' | 'link-local' | 'public', deadline: Deadline): Promise<string>
}

/** A check with the step it belongs to. */
export interface PlacedCheck { step: string; title: string; spec: AnyCheck }

/** Checks what is declared; never throws for anything in the cluster, only for an interrupted deadline. */
export interface Verifier {
  /** Results in the order of `checks`. */
  verify(checks: readonly PlacedCheck[], view: LabView, options: { answers: Answers; deadline: Deadline; onResult?: (result: CheckResult) => void }): Promise<CheckResult[]>
}
