/** What the stand-in for the metadata service depends on. */
export interface MetadataSettings {
  /** The network of nodes and Pods: all that is inside of the VPC. */
  network: string
  /** Addresses for Pods of each node. */
  addressesPerNode: number
  image: string
}

/** Below the ports that the kernel gives to clients (32768 and up): one of etcd's had 51338 once, and the control plane never became ready (seen). */
const port = 1_338
/** Where it answers, on each node's loopback: no Pod with a network of its own reaches it. */
export const metadataEndpoint = `http://127.0.0.1:${port}`
/** A question that it can answer as soon as it knows its node. */
export const metadataQuestion = '/latest/meta-data/mac'

/** Addresses of a block of the lab's network, of which each node owns one: as many as there are blocks, in a network of 1024 addresses. */
export const blockSize = 32

/** Runs `instance-metadata` (packages/images/programs/cmd) beside the node's own network, with no rights at all. */
export const metadataPodSpec = ({ network, addressesPerNode, image }: MetadataSettings): object => ({
  hostNetwork: true, priorityClassName: 'system-node-critical', automountServiceAccountToken: false, terminationGracePeriodSeconds: 1,
  tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
  containers: [{
    name: 'instance-metadata', image, imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'FallbackToLogsOnError',
    command: ['instance-metadata', '-listen', `127.0.0.1:${port}`, '-network', network, '-block', String(blockSize), '-pods', String(addressesPerNode)],
    resources: { requests: { cpu: '5m', memory: '16Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: 65_534, capabilities: { drop: ['ALL'] } },
    readinessProbe: { httpGet: { host: '127.0.0.1', port, path: metadataQuestion }, periodSeconds: 2 },
  }],
})
