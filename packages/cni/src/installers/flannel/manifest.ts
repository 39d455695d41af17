import type { KubeObject } from '@hoplab/kube'
import type { FlannelOptions } from '@hoplab/model'

/** Where upstream puts things; other tools and every text about Flannel look for these names. */
export const flannelNamespace = 'kube-flannel'
export const flannelDaemonSet = 'kube-flannel-ds'
const account = 'flannel'
const configMap = 'kube-flannel-cfg'
const labels = { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' }

/** What the manifest depends on. */
export interface FlannelSettings {
  /** Must be the cluster's Pod range: flanneld takes each node's part from Node.spec.podCIDR and refuses one outside of it. */
  podSubnet: string
  /** Holds `/opt/bin/flanneld`. */
  flannelImage: string
  /** Holds the CNI plugin as `/flannel`. */
  pluginImage: string
  /** @default the backend vxlan, for every packet between nodes */
  options?: FlannelOptions
}

/** Everything Flannel needs, in the order in which it must be applied. */
export function flannelObjects(settings: FlannelSettings): KubeObject[] {
  return [namespace(), clusterRole(), clusterRoleBinding(), serviceAccount(), configuration(settings), daemonSet(settings)]
}

const namespace = (): KubeObject => ({
  apiVersion: 'v1', kind: 'Namespace',
  metadata: { name: flannelNamespace, labels: { 'k8s-app': 'flannel', 'pod-security.kubernetes.io/enforce': 'privileged' } },
})

const clusterRole = (): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: account, labels: { 'k8s-app': 'flannel' } },
  rules: [
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
  ],
})

const clusterRoleBinding = (): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: account, labels: { 'k8s-app': 'flannel' } },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: account },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace: flannelNamespace }],
})

const serviceAccount = (): KubeObject => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: flannelNamespace, labels: { 'k8s-app': 'flannel' } } })

/** `cni-conf.json` becomes the node's conflist; `net-conf.json` is flanneld's own. */
function configuration({ podSubnet, options: { backend = 'vxlan', directRouting = false } = {} }: FlannelSettings): KubeObject {
  const conflist = {
    name: 'cbr0', cniVersion: '0.3.1',
    plugins: [
      { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  const network = { Network: podSubnet, EnableNFTables: false, Backend: { Type: backend, ...(directRouting ? { DirectRouting: true } : {}) } }
  return {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: configMap, namespace: flannelNamespace, labels },
    data: { 'cni-conf.json': `${JSON.stringify(conflist, null, 2)}\n`, 'net-conf.json': `${JSON.stringify(network, null, 2)}\n` },
  }
}

function daemonSet(settings: FlannelSettings): KubeObject {
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: flannelDaemonSet, namespace: flannelNamespace, labels },
    spec: {
      selector: { matchLabels: { app: 'flannel' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
      template: { metadata: { labels }, spec: podSpec(settings) },
    },
  }
}

const hostPath = (name: string, path: string, type?: string): object => ({ name, hostPath: { path, ...(type ? { type } : {}) } })

function podSpec(settings: FlannelSettings): object {
  return {
    hostNetwork: true, priorityClassName: 'system-node-critical', serviceAccountName: account, terminationGracePeriodSeconds: 5,
    tolerations: [{ operator: 'Exists' }],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    initContainers: [{
      name: 'install-cni-plugin', image: settings.pluginImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError',
      command: ['sh', '-c', installPlugin], volumeMounts: [{ name: 'cni-plugin', mountPath: '/opt/cni/bin' }],
    }],
    containers: [flanneld(settings.flannelImage)],
    volumes: [
      hostPath('run', '/run/flannel'), hostPath('cni-plugin', '/opt/cni/bin'), hostPath('cni', '/etc/cni/net.d'),
      { name: 'flannel-cfg', configMap: { name: configMap } }, hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
    ],
  }
}

/**
 * flanneld ends when the API does not answer at its Service's address, which kube-proxy makes; on a node with its images unpacked it is there first. The
 * kubelet then waits ten seconds before it starts it again, and the node was Ready 15 s later (measured). After half a minute flanneld may say itself what is wrong.
 */
const installPlugin = 'cp -f /flannel /opt/cni/bin/flannel && for try in $(seq 150); do nc -z -w 1 "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT" && exit; sleep 0.2; done; exit 0'

/**
 * flanneld writes this file once routes and device are made. The conflist follows it, not (as upstream does) the other way round:
 * a node with a conflist and without this file is Ready and fails every Pod sandbox, and each Pod then waits some 12 s for its next try (measured).
 */
const subnetFile = '/run/flannel/subnet.env'
const installConflist = `until [ -s ${subnetFile} ]; do sleep 0.2; done; cp -f /etc/kube-flannel/cni-conf.json /etc/cni/net.d/10-flannel.conflist`

const fromField = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })

function flanneld(image: string): object {
  return {
    name: 'kube-flannel', image, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['/opt/bin/flanneld'], args: ['--ip-masq', '--kube-subnet-mgr'],
    resources: { requests: { cpu: '100m', memory: '50Mi' } },
    securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    env: [fromField('POD_NAME', 'metadata.name'), fromField('POD_NAMESPACE', 'metadata.namespace'), { name: 'EVENT_QUEUE_DEPTH', value: '5000' }],
    lifecycle: { postStart: { exec: { command: ['sh', '-c', installConflist] } } },
    readinessProbe: { exec: { command: ['test', '-s', '/etc/cni/net.d/10-flannel.conflist'] }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'cni', mountPath: '/etc/cni/net.d' },
      { name: 'run', mountPath: '/run/flannel' }, { name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' }, { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
    ],
  }
}
