import { agentName } from './access.ts'
import { metadataEndpoint, metadataQuestion } from './metadata-pod.ts'

const conflist = '/host/etc/cni/net.d/10-aws.conflist'
const socket = 'unix:///var/run/aws-node/ipamd.sock'

const value = (name: string, text: string): object => ({ name, value: text })
const ownField = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })

/**
 * Where the metadata of the node come from, and that nothing else of AWS is asked: there are no credentials, and every other endpoint is a port on the
 * node's loopback where nobody listens.
 */
const endpoints = [value('AWS_EC2_METADATA_SERVICE_ENDPOINT', metadataEndpoint), value('AWS_EC2_ENDPOINT', 'http://127.0.0.1:9'), value('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')]

/** IMDS-only: addresses are what the metadata say and no more are asked for. The warm targets mean nothing then. Without its own agent nobody enforces policies. */
const ipamdEnv = [
  ...endpoints, value('ENABLE_IMDS_ONLY_MODE', 'true'),
  ...['ENABLE_SUBNET_DISCOVERY', 'ENABLE_POD_ENI', 'ENABLE_PREFIX_DELEGATION', 'ENABLE_MULTI_NIC', 'ENABLE_IPv6', 'AWS_VPC_K8S_CNI_EXTERNALSNAT', 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG'].map((name) => value(name, 'false')),
  value('ENABLE_IPv4', 'true'), value('AWS_VPC_CNI_NODE_PORT_SUPPORT', 'true'), value('AWS_VPC_K8S_CNI_RANDOMIZESNAT', 'prng'), value('AWS_VPC_K8S_CNI_VETHPREFIX', 'eni'),
  value('AWS_VPC_K8S_CNI_LOGLEVEL', 'DEBUG'), value('AWS_VPC_K8S_CNI_LOG_FILE', 'stdout'), value('AWS_VPC_K8S_PLUGIN_LOG_LEVEL', 'DEBUG'), value('AWS_VPC_K8S_PLUGIN_LOG_FILE', '/var/log/aws-routed-eni/plugin.log'),
  ownField('MY_NODE_NAME', 'spec.nodeName'), ownField('MY_POD_NAME', 'metadata.name'),
]

/** Ten seconds of patience: the metadata service starts at the same time, and the kubelet lets a container that failed wait as long. */
const prepare = `for try in $(seq 50); do curl --silent --fail --max-time 2 --output /dev/null ${metadataEndpoint}${metadataQuestion} && break; sleep 0.2; done; exec ./aws-vpc-cni-init`

/** Pods get the uplink's MTU; left alone the agent takes that of a VPC, 9001. */
const start = 'export AWS_VPC_ENI_MTU=$(cat /sys/class/net/eth0/mtu); exec ./aws-vpc-cni'

const health = ['/app/grpc-health-probe', `-addr=${socket}`, '-connect-timeout=5s', '-rpc-timeout=5s']

/** The agent of a node: ipamd, whose starter writes the CNI configuration once ipamd is healthy. */
export const agentPodSpec = (image: string): object => ({
  hostNetwork: true, priorityClassName: 'system-node-critical', serviceAccountName: agentName, terminationGracePeriodSeconds: 5,
  tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
  initContainers: [{
    name: 'aws-vpc-cni-init', image, imagePullPolicy: 'IfNotPresent', workingDir: '/init', command: ['sh', '-c', prepare], env: endpoints,
    terminationMessagePolicy: 'FallbackToLogsOnError', securityContext: { privileged: true }, volumeMounts: [mount('cni-plugins', '/host/opt/cni/bin')],
  }],
  containers: [{
    name: agentName, image, imagePullPolicy: 'IfNotPresent', workingDir: '/app', command: ['sh', '-c', start], env: ipamdEnv,
    terminationMessagePolicy: 'FallbackToLogsOnError', securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    resources: { requests: { cpu: '25m', memory: '64Mi' } },
    startupProbe: { exec: { command: ['sh', '-c', `test -s ${conflist} && exec ${health.join(' ')}`] }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 120 },
    readinessProbe: { exec: { command: health }, periodSeconds: 5, timeoutSeconds: 10 },
    livenessProbe: { exec: { command: health }, periodSeconds: 10, timeoutSeconds: 10 },
    volumeMounts: [mount('cni-plugins', '/host/opt/cni/bin'), mount('cni', '/host/etc/cni/net.d'), mount('log', '/var/log/aws-routed-eni'), mount('run', '/var/run/aws-node'), mount('xtables-lock', '/run/xtables.lock')],
  }],
  volumes: [
    hostPath('cni-plugins', '/opt/cni/bin'), hostPath('cni', '/etc/cni/net.d'), hostPath('log', '/var/log/aws-routed-eni', 'DirectoryOrCreate'),
    hostPath('run', '/var/run/aws-node', 'DirectoryOrCreate'), hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
  ],
})

function mount(name: string, mountPath: string): object { return { name, mountPath } }
function hostPath(name: string, path: string, type?: string): object { return { name, hostPath: { path, ...(type ? { type } : {}) } } }
