import type { CalicoOptions } from '@hoplab/model'
import { accounts } from './access.ts'

/** What a node's Pod depends on. */
export interface NodePodSettings {
  /** The one pool of addresses. Read only when the first node starts; a pool that exists is not changed. */
  podSubnet: string
  /** Holds `calico-node`. */
  nodeImage: string
  /** Holds `/opt/cni/bin/install` and the plugins beside it. */
  cniImage: string
  /** Which packets the pool wraps. Read with the pool. @default Always */
  vxlanMode?: CalicoOptions['vxlanMode']
}

/** Configuration of the plugins; its installer puts the node's name and the path of the kubeconfig in. The MTU is Felix's finding, from /var/lib/calico/mtu. */
export const conflistTemplate = {
  name: 'k8s-pod-network', cniVersion: '0.3.1',
  plugins: [
    {
      type: 'calico', datastore_type: 'kubernetes', nodename: '__KUBERNETES_NODE_NAME__', mtu: 0, log_level: 'info', log_file_path: '/var/log/calico/cni/cni.log',
      ipam: { type: 'calico-ipam' }, policy: { type: 'k8s' }, kubernetes: { kubeconfig: '__KUBECONFIG_FILEPATH__' },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
}

const folder = '/host/etc/cni/net.d'
/** Not a name that the container runtime reads. */
const staged = 'calico.conflist.staged'
const conflist = `${folder}/10-calico.conflist`

const value = (name: string, text: string): object => ({ name, value: text })
const nodeName = (name: string): object => ({ name, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } })

/** Where every part of calico-node finds its datastore and its node. */
const common = [
  value('DATASTORE_TYPE', 'kubernetes'), nodeName('NODENAME'), value('CALICO_NETWORKING_BACKEND', 'vxlan'), value('CALICO_DISABLE_FILE_LOGGING', 'true'),
  value('FELIX_IPV6SUPPORT', 'false'),
]

/** By default the pool is VXLAN for every packet, though the nodes of kind share one network and could do without: a lab is to see it. */
const startupEnv = ({ podSubnet, vxlanMode = 'Always' }: NodePodSettings): object[] => [
  ...common, value('WAIT_FOR_DATASTORE', 'true'), value('CLUSTER_TYPE', 'k8s'), value('IP', 'autodetect'), value('IP_AUTODETECTION_METHOD', 'kubernetes-internal-ip'),
  value('CALICO_IPV4POOL_CIDR', podSubnet), value('CALICO_IPV4POOL_IPIP', 'Never'), value('CALICO_IPV4POOL_VXLAN', vxlanMode),
]

/**
 * Refreshing on a timer is off: what a fault or a learner changes on a node stays changed, as with flanneld. Usage would be reported to a server
 * outside. eBPF is not compiled in: even to look for what an earlier run left of it would end Felix where the kernel lets a container mount bpffs.
 */
const felixEnv = [
  ...common, value('FELIX_DATASTORETYPE', 'kubernetes'), nodeName('FELIX_FELIXHOSTNAME'), value('FELIX_HEALTHENABLED', 'true'), value('FELIX_HEALTHHOST', '127.0.0.1'),
  value('FELIX_DEFAULTENDPOINTTOHOSTACTION', 'ACCEPT'), value('FELIX_BPFENABLED', 'false'), value('FELIX_XDPENABLED', 'false'), value('FELIX_DebugSkipCTLBCleanup', 'true'), value('FELIX_USAGEREPORTINGENABLED', 'false'),
  value('FELIX_ROUTEREFRESHINTERVAL', '0'), value('FELIX_IPTABLESREFRESHINTERVAL', '0'),
  ...['LOGFILEPATH', 'LOGSEVERITYFILE', 'LOGSEVERITYSYS', 'METADATAADDR'].map((name) => value(`FELIX_${name}`, 'none')),
]

/**
 * A Pod of calico-node without its own init program: each job is a container, so that the kubelet starts again what ends. No BGP daemon (VXLAN needs
 * none) and no kube-controllers: those only tidy up after nodes that leave the cluster.
 */
export function nodePodSpec(settings: NodePodSettings): object {
  return {
    hostNetwork: true, priorityClassName: 'system-node-critical', serviceAccountName: accounts.node, terminationGracePeriodSeconds: 5,
    tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
    initContainers: [startup(settings), tunnelAddress(settings, 'tunnel-address-once', ['-allocate-tunnel-addrs-run-once']), installCni(settings)],
    containers: [felix(settings), tunnelAddress(settings, 'tunnel-address'), publishCni(settings)],
    volumes: [
      hostPath('lib-modules', '/lib/modules'), hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'), hostPath('state', '/var/lib/calico', 'DirectoryOrCreate'),
      hostPath('cni-plugin', '/opt/cni/bin'), hostPath('cni', '/etc/cni/net.d'),
    ],
  }
}

const hostPath = (name: string, path: string, type?: string): object => ({ name, hostPath: { path, ...(type ? { type } : {}) } })
const state = { name: 'state', mountPath: '/var/lib/calico' }
const cni = { name: 'cni', mountPath: folder }

/** Writes the node's name and address down, and the pool if there is none. */
const startup = (settings: NodePodSettings): object => ({
  name: 'startup', image: settings.nodeImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['calico-node', '-startup'], env: startupEnv(settings), volumeMounts: [state],
})

/** Felix makes the tunnel with the address that stands in the Node; it is chosen again when pools change. */
const tunnelAddress = ({ nodeImage }: NodePodSettings, name: string, more: string[] = []): object => ({
  name, image: nodeImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['calico-node', '-allocate-tunnel-addrs', ...more], env: common,
})

/** The plugins that every node has already stay as they are. */
const installCni = ({ cniImage }: NodePodSettings): object => ({
  name: 'install-cni', image: cniImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['/opt/cni/bin/install'],
  env: [
    nodeName('KUBERNETES_NODE_NAME'), { name: 'CNI_NETWORK_CONFIG', valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'cni_network_config' } } },
    value('CNI_CONF_NAME', staged), value('CNI_OLD_CONF_NAME', staged), value('SKIP_CNI_BINARIES', 'bandwidth,flannel,host-local,loopback,portmap,tuning'), value('SLEEP', 'false'),
  ],
  volumeMounts: [{ name: 'cni-plugin', mountPath: '/host/opt/cni/bin' }, cni],
})

const felix = ({ nodeImage }: NodePodSettings): object => ({
  name: 'calico-node', image: nodeImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['calico-node', '-felix'], env: felixEnv,
  securityContext: { privileged: true }, resources: { requests: { cpu: '100m', memory: '80Mi' } },
  readinessProbe: { httpGet: { host: '127.0.0.1', port: 9099, path: '/readiness' }, periodSeconds: 1 },
  volumeMounts: [
    { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true }, { name: 'xtables-lock', mountPath: '/run/xtables.lock' }, state,
  ],
})

/**
 * A node with a configuration and without Felix is Ready, and its Pods have no way to others and the wrong MTU; so the file follows Felix. Then the
 * plugin's token is kept fresh: it holds for a day.
 */
const publish = `until calico-node -felix-ready; do sleep 0.5; done; cp ${folder}/${staged} ${conflist}; exec calico-node -monitor-token`

const publishCni = ({ nodeImage }: NodePodSettings): object => ({
  name: 'cni', image: nodeImage, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['sh', '-c', publish], env: common,
  readinessProbe: { exec: { command: ['test', '-s', conflist] }, periodSeconds: 1 },
  volumeMounts: [cni],
})
