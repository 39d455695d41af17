import type { Deadline } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import type { CniCapabilities, CniName, ImageSource } from '@hoplab/model'

/** Installs one CNI plugin. Structurally a `NetworkInstaller` of `@hoplab/cluster`. */
export interface CniInstaller {
  readonly name: CniName
  readonly capabilities: CniCapabilities
  /** Whether it can be installed here with images of this source; reasons and fixes when not. */
  probe(source: ImageSource, deadline: Deadline): Promise<{ ready: true } | { ready: false; reasons: { what: string; fix: string }[] }>
  /** Applies the plugin; returns without waiting for its roll-out. Safe to repeat. */
  install(target: { kube: KubeClient; podSubnet: string; images: Record<string, string> }, deadline: Deadline): Promise<void>
  /** Empty when rolled out on all `nodeCount` nodes, else what is missing, one reason each. */
  pending(target: { kube: KubeClient; nodeCount: number }, deadline: Deadline): Promise<string[]>
}
