import type { RunningCluster } from '@hoplab/cluster'
import type { Deadline } from '@hoplab/core'
import type { KubeObject, KubeRef } from '@hoplab/kube'
import type { FaultAction, FaultFile, FaultName, FaultSettings, NetworkFacts } from '@hoplab/model'
import { HOP_FAULT_NOT_OFFERED, HOP_VERB_FAILED } from '../errors.ts'

/** Where a fault is put in. */
export interface FaultScene {
  cluster: RunningCluster
  network: NetworkFacts
  /** The lab's first namespace: default of references. */
  namespace: string
  /** Whose fault it is, for messages: `fault 1-selector-typo`. */
  where: string
  deadline: Deadline
}

/** What a fault changes, and what takes exactly that back. Each list is carried out in its own order. */
export interface FaultPlan { do: FaultAction[]; undo: FaultAction[] }

/** One sort of fault. */
export interface Mutation<N extends FaultName> {
  /** Where in the path it breaks. */
  layer: FaultFile['layer']
  /**
   * Reads what there is and says what would be changed; changes nothing itself.
   * @throws HOP_VERB_FAILED when what it breaks is not there or already broken so, HOP_FAULT_NOT_OFFERED when this network has no such part
   */
  plan(settings: FaultSettings<N>, scene: FaultScene): Promise<FaultPlan>
}

/** The object. @throws HOP_VERB_FAILED when there is none */
export async function existing(ref: KubeRef, scene: FaultScene): Promise<KubeObject> {
  const found = await scene.cluster.kube.get(ref, scene.deadline)
  if (!found) throw cannot(scene, `look at ${ref.kind} ${ref.name}`, `There is no ${ref.kind} ${ref.namespace ?? ''}/${ref.name}.`)
  return found
}

/** Why a fault cannot be put in. */
export const cannot = (scene: FaultScene, verb: string, output: string): Error => HOP_VERB_FAILED({ verb, where: scene.where, output })

/** What a program on a node says. @throws HOP_VERB_FAILED when it fails */
export async function nodeSays(node: string, script: string, scene: FaultScene): Promise<string> {
  const { cluster, deadline } = scene
  const result = await cluster.toolbox(node).exec(['sh', '-s'], { deadline, input: `set -eu\n${script}\n` })
  if (result.exitCode !== 0) throw cannot(scene, `look at node ${node}`, `exit code ${result.exitCode}: ${result.stderr || result.stdout}`)
  return result.stdout
}

/** {@link nodeSays}, read as JSON. */
export async function nodeTells<T>(node: string, script: string, scene: FaultScene): Promise<T> {
  const text = await nodeSays(node, script, scene)
  try {
    return JSON.parse(text || '[]') as T
  } catch {
    throw cannot(scene, `look at node ${node}`, `It did not answer with JSON: ${text}`)
  }
}

/** Names of the nodes that are meant: the one at this position, else all. */
export function nodesMeant(position: string | undefined, { cluster }: FaultScene): string[] {
  return position === undefined ? cluster.nodes.map((node) => node.name) : [cluster.nodeName(position)]
}

/** The overlay's device. @throws HOP_FAULT_NOT_OFFERED when packets between nodes travel as they are */
export function overlayDevice({ network, where }: FaultScene): { device: string; port: number } {
  const { device, port } = network.overlay ?? {}
  if (device === undefined || port === undefined) throw HOP_FAULT_NOT_OFFERED({ where, lacks: `an overlay with a device and a UDP port (CNI ${network.cni})` })
  return { device, port }
}

/** Puts text into a shell script as one word. */
export const word = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** One script on one node and its inverse. */
export const onNode = (node: string, script: string): FaultAction => ({ act: 'node', node, script })
