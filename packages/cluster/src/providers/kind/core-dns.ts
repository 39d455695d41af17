import { type Deadline, poll } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }

/** A Corefile without its `forward` plugin, one line or block: names of the outside then answer NXDOMAIN/SERVFAIL inside the cluster. */
export function withoutForward(corefile: string): string {
  return corefile.replace(/^[ \t]*forward\b[^\n{]*(?:\{[^}]*\})?[^\n]*\n/gmu, '')
}

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name: 'coredns' }

/**
 * CoreDNS answers 503 for its first second or two; asked every 10 s, as kubeadm has it, a ready Pod counts as unready that long. Its Pods stay on the
 * control plane, where the first ones start: anywhere else it would be a matter of luck whether a broken worker breaks names too.
 */
const fitted = { spec: { template: { spec: { nodeSelector: { 'node-role.kubernetes.io/control-plane': '' }, containers: [{ name: 'coredns', readinessProbe: { periodSeconds: 1 } }] } } } }

/**
 * Fits kubeadm's CoreDNS to a lab, at best before its first Pod starts: no way out unless `internet`, on the control plane, and readiness asked often.
 * Waits until kubeadm has made it.
 */
export async function fitDns(kube: KubeClient, internet: boolean, deadline: Deadline): Promise<void> {
  const wait = (ref: typeof configMap): Promise<KubeObject | undefined> =>
    poll(() => kube.get(ref, deadline), { deadline, until: (found) => found !== undefined, maxEveryMs: 300 }).then(({ last }) => last)
  const data = ((await wait(configMap))?.data ?? {}) as Record<string, string>
  if (!internet) await kube.patch(configMap, 'merge', { data: { Corefile: withoutForward(data.Corefile ?? '') } }, deadline)
  await wait(deployment)
  await kube.patch(deployment, 'strategic', fitted, deadline)
}
