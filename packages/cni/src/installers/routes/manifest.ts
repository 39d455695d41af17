import type { KubeObject } from '@hoplab/kube'
import { routesScript } from './script.ts'

export const routesNamespace = 'kube-routes'
const name = 'routes'
const labels = { app: name }
const rbac = 'rbac.authorization.k8s.io'

/** What the manifest depends on. */
export interface RoutesSettings {
  /** What leaves this range is masqueraded. */
  podSubnet: string
  /** Has a shell, curl, jq, iproute2 and iptables. */
  image: string
}

/** Everything the plugin needs, in the order in which it must be applied. */
export function routesObjects(settings: RoutesSettings): KubeObject[] {
  const metadata = { name, namespace: routesNamespace, labels }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: routesNamespace, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: routesNamespace, labels }, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }] },
    {
      apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: routesNamespace, labels },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: routesNamespace }, subjects: [{ kind: 'ServiceAccount', name, namespace: routesNamespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'routes.sh': routesScript } },
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata,
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: { metadata: { labels }, spec: podSpec(settings) },
      },
    },
  ]
}

/** Where the container runtime looks; it takes the first file by name, and this is the only one. */
const conflist = '/etc/cni/net.d/10-routes.conflist'

const podSpec = ({ podSubnet, image }: RoutesSettings): object => ({
  hostNetwork: true, priorityClassName: 'system-node-critical', serviceAccountName: name, terminationGracePeriodSeconds: 5,
  tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
  containers: [{
    name, image, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['sh', '/routes/routes.sh'],
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }, { name: 'POD_SUBNET', value: podSubnet }, { name: 'CONFLIST', value: conflist }],
    resources: { requests: { cpu: '10m', memory: '10Mi' } },
    securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    readinessProbe: { exec: { command: ['test', '-s', conflist] }, periodSeconds: 1 },
    volumeMounts: [
      { name, mountPath: '/routes' }, { name: 'cni', mountPath: '/etc/cni/net.d' }, { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
    ],
  }],
  volumes: [
    { name, configMap: { name } }, { name: 'cni', hostPath: { path: '/etc/cni/net.d' } },
    { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
  ],
})
