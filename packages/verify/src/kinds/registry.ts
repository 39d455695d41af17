import type { CheckSpec } from '@hoplab/model'
import { affinity } from './affinity.ts'
import { addresses } from './addresses.ts'
import { answer } from './answer.ts'
import { blocked } from './blocked.ts'
import { capture } from './capture.ts'
import { cniPlugin } from './cni-plugin.ts'
import { distribution } from './distribution.ts'
import { dns } from './dns.ts'
import { egress } from './egress.ts'
import { endpoints } from './endpoints.ts'
import { flow } from './flow.ts'
import { hairpin } from './hairpin.ts'
import { ingress } from './ingress.ts'
import type { CheckKind } from './kind.ts'
import { negative } from './negative.ts'
import { mesh } from './mesh.ts'
import { mtu } from './mtu.ts'
import { namespace } from './namespace.ts'
import { kubelet } from './kubelet.ts'
import { kubeProxy } from './kube-proxy.ts'
import { localhost } from './localhost.ts'
import { object } from './object.ts'
import { reach } from './reach.ts'
import { refused } from './refused.ts'
import { rules } from './rules.ts'
import { route } from './route.ts'
import { source } from './source.ts'
import { sysctl } from './sysctl.ts'
import { transfer } from './transfer.ts'
import { volume } from './volume.ts'

/** Every kind of check and how it looks; a kind of the model that is missing here does not compile. */
export const builtInKinds: { readonly [K in CheckSpec['kind']]: CheckKind<K> } = {
  affinity,
  addresses,
  answer,
  blocked,
  capture,
  'cni-plugin': cniPlugin,
  distribution,
  dns,
  egress,
  endpoints,
  flow,
  hairpin,
  ingress,
  mesh,
  mtu,
  negative,
  namespace,
  kubelet,
  'kube-proxy': kubeProxy,
  localhost,
  object,
  reach,
  refused,
  rules,
  route,
  source,
  sysctl,
  transfer,
  volume,
}
