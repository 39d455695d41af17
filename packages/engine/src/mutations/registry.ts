import type { FaultName, FaultVerb } from '@hoplab/model'
import { cniConfMissing, secondConflistFirst } from './cni-config.ts'
import { clusterZoneRenamed, coreDnsScaledDown } from './dns.ts'
import { kubeProxyStopped, proxyClusterCidrWrong } from './kube-proxy.ts'
import type { FaultPlan, FaultScene, Mutation } from './mutation.ts'
import { mtuTooHigh } from './mtu.ts'
import { namespaceDeleted } from './namespaces.ts'
import { masqueradeOff } from './masquerade-off.ts'
import { forwardDrop, masqueradeTooWide, vxlanPortDropped } from './netfilter.ts'
import { ipForwardOff, rpFilterStrict } from './node-sysctls.ts'
import { fdbEntryRemoved, routeRemoved } from './overlay.ts'
import { clientDnsPolicyDefault, hostNetworkClient, namedPortDiffers, readinessFailing, serverOnLoopback, sidecarWithoutRestartPolicy } from './pods.ts'
import { defaultDeny } from './policy.ts'
import { extraEndpointSlice, publishNotReady, selectorWrong, sessionAffinityOn, targetPortWrong } from './service-objects.ts'
import { serviceRuleDeleted } from './service-rules.ts'

/** Every fault there is, by name. */
export const mutations: { readonly [N in FaultName]: Mutation<N> } = {
  'selector-wrong': selectorWrong,
  'target-port-wrong': targetPortWrong,
  'named-port-differs': namedPortDiffers,
  'readiness-failing': readinessFailing,
  'publish-not-ready': publishNotReady,
  'session-affinity-on': sessionAffinityOn,
  'extra-endpoint-slice': extraEndpointSlice,
  'host-network-client': hostNetworkClient,
  'client-dns-policy-default': clientDnsPolicyDefault,
  'server-on-loopback': serverOnLoopback,
  'sidecar-without-restart-policy': sidecarWithoutRestartPolicy,
  'default-deny': defaultDeny,
  'coredns-scaled-down': coreDnsScaledDown,
  'cluster-zone-renamed': clusterZoneRenamed,
  'ip-forward-off': ipForwardOff,
  'rp-filter-strict': rpFilterStrict,
  'masquerade-too-wide': masqueradeTooWide,
  'masquerade-off': masqueradeOff,
  'forward-drop': forwardDrop,
  'vxlan-port-dropped': vxlanPortDropped,
  'fdb-entry-removed': fdbEntryRemoved,
  'route-removed': routeRemoved,
  'mtu-too-high': mtuTooHigh,
  'proxy-cluster-cidr-wrong': proxyClusterCidrWrong,
  'kube-proxy-stopped': kubeProxyStopped,
  'service-rule-deleted': serviceRuleDeleted,
  'cni-conf-missing': cniConfMissing,
  'second-conflist-first': secondConflistFirst,
  'namespace-deleted': namespaceDeleted,
}

/** What a fault would change here, and what would take it back. @throws what its `plan` throws */
export function planOf({ fault, with: settings }: FaultVerb, scene: FaultScene): Promise<FaultPlan> {
  const mutation = mutations[fault] as { plan(settings: FaultVerb['with'], scene: FaultScene): Promise<FaultPlan> }
  return mutation.plan(settings, scene)
}
