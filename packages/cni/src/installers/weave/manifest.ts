import type { KubeObject } from '@hoplab/kube'
import { accessObjects, labels, weaveName, weaveNamespace } from './access.ts'
import { places, weaveScripts } from './scripts.ts'

/** What the manifest depends on. */
export interface WeaveSettings {
  /** Addresses that the peers share out among themselves. */
  podSubnet: string
  /** Peers that must know each other before the first of them begins; 0: as many as there are. */
  nodeCount: number
  /** Holds weaver, weaveutil, kube-utils and weave-npc. */
  image: string
  /** With one, what peers send each other is encrypted. */
  password: string | undefined
}

const scripts = 'weave-scripts'
const secret = { name: 'weave-password', key: 'password' } as const

/** Everything Weave needs, in the order in which it must be applied. */
export function weaveObjects(settings: WeaveSettings): KubeObject[] {
  const at = { namespace: weaveNamespace, labels }
  return [
    ...accessObjects(),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: scripts, ...at }, data: { ...weaveScripts } },
    ...(settings.password === undefined ? [] : [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: secret.name, ...at }, stringData: { [secret.key]: settings.password } }]),
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: weaveName, ...at },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: { metadata: { labels }, spec: podSpec(settings) },
      },
    },
  ]
}

const podSpec = (settings: WeaveSettings): object => ({
  hostNetwork: true, priorityClassName: 'system-node-critical', serviceAccountName: weaveName, terminationGracePeriodSeconds: 5,
  tolerations: [{ operator: 'Exists' }], nodeSelector: { 'kubernetes.io/os': 'linux' },
  containers: [router(settings), policies(settings)],
  volumes: [
    { name: 'scripts', configMap: { name: scripts } }, hostPath('database', places.database, 'DirectoryOrCreate'), hostPath('plugins', '/opt/cni/bin'),
    hostPath('cni', '/etc/cni/net.d'), hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
  ],
})

const hostPath = (name: string, path: string, type?: string): object => ({ name, hostPath: { path, ...(type ? { type } : {}) } })
const value = (name: string, text: string): object => ({ name, value: text })
const fromField = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })
/** So that the API tells why one ended. */
const terminationMessagePolicy = 'FallbackToLogsOnError'
const common = [{ name: 'scripts', mountPath: places.scripts }, { name: 'xtables-lock', mountPath: '/run/xtables.lock' }]

const router = ({ podSubnet, nodeCount, image, password }: WeaveSettings): object => ({
  name: 'weave', image, imagePullPolicy: 'IfNotPresent', command: ['sh', `${places.scripts}/router.sh`], terminationMessagePolicy,
  env: [
    fromField('NODE_NAME', 'spec.nodeName'), fromField('NODE_ADDRESS', 'status.hostIP'), value('NODES', String(nodeCount)), value('POD_SUBNET', podSubnet),
    value('DATABASE', places.database), value('PLUGINS', places.plugins), value('CONFLIST', `${places.configs}/10-weave.conflist`),
    password === undefined ? value('WEAVE_PASSWORD', '') : { name: 'WEAVE_PASSWORD', valueFrom: { secretKeyRef: secret } },
  ],
  securityContext: { privileged: true }, resources: { requests: { cpu: '50m', memory: '200Mi' } },
  readinessProbe: { exec: { command: ['sh', `${places.scripts}/ready.sh`] }, periodSeconds: 1, timeoutSeconds: 5 },
  volumeMounts: [
    ...common, { name: 'database', mountPath: places.database }, { name: 'plugins', mountPath: places.plugins }, { name: 'cni', mountPath: places.configs },
  ],
})

const policies = ({ image }: WeaveSettings): object => ({
  name: 'weave-npc', image, imagePullPolicy: 'IfNotPresent', command: ['sh', `${places.scripts}/policies.sh`], terminationMessagePolicy, env: [fromField('NODE_NAME', 'spec.nodeName')],
  securityContext: { privileged: true }, resources: { requests: { cpu: '50m', memory: '50Mi' } },
  volumeMounts: common,
})
