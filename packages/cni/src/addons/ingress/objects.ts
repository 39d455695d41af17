import type { KubeObject } from '@hoplab/kube'
import { ingressController } from '@hoplab/model'

/** Where the controller is, what its objects are called, which class it serves, and the NodePorts at which every node with a Pod of it takes HTTP and TLS. */
export const { namespace: ingressNamespace, name: ingressName, class: ingressClass, ports: ingressPorts } = ingressController

/** An Ingress of the controller's own: it leads to the controller's health, so an answer shows that Ingresses are read and HAProxy does as they say. */
export const readyIngress = { name: 'ready', host: 'ready.ingress.hoplab.invalid', path: '/healthz' } as const

/** Ports of the container: HTTP, TLS, the controller's health, HAProxy's own. The controller's `/readyz` does not look at HAProxy. */
const ports = { http: 80, https: 443, controller: 10_254, haproxy: 10_253 } as const
const selector = { app: ingressName }
const metadata = { name: ingressName, namespace: ingressNamespace }
const rbac = 'rbac.authorization.k8s.io'
const may = (apiGroups: string, resources: string[], ...verbs: string[]): object => ({ apiGroups: [apiGroups], resources, verbs })
const role = { name: `hoplab:${ingressName}` }

/** HAProxy Ingress as data, from the first object that others need. */
export function ingressObjects(image: string): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ingressNamespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    ...accessObjects(),
    // A line for each request goes to the Pod's own log.
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'syslog-endpoint': 'stdout', 'syslog-format': 'raw' } },
    { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: ingressClass }, spec: { controller: 'haproxy-ingress.github.io/controller' } },
    controller(image),
    ...services(),
    {
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: readyIngress.name, namespace: ingressNamespace },
      spec: { ingressClassName: ingressClass, rules: [{ host: readyIngress.host, http: { paths: [{ path: readyIngress.path, pathType: 'Exact', backend: { service: { name: 'controller', port: { number: ports.controller } } } }] } }] },
    },
  ]
}

/** Reads what Ingresses name, Secrets for their certificates; Nodes, else the leader hangs while it says that it is ready; writes addresses into Ingresses. */
function accessObjects(): KubeObject[] {
  const subjects = [{ kind: 'ServiceAccount', ...metadata }]
  return [
    {
      apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: role,
      rules: [
        may('', ['configmaps', 'namespaces', 'nodes', 'pods', 'secrets', 'services'], 'get', 'list', 'watch'),
        may('discovery.k8s.io', ['endpointslices'], 'get', 'list', 'watch'),
        may('networking.k8s.io', ['ingresses', 'ingressclasses'], 'get', 'list', 'watch'),
        may('networking.k8s.io', ['ingresses/status'], 'patch', 'update'),
        may('', ['events'], 'create', 'patch'),
      ],
    },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: role, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role.name }, subjects },
    {
      apiVersion: `${rbac}/v1`, kind: 'Role', metadata,
      rules: [may('coordination.k8s.io', ['leases'], 'create', 'get', 'update'), may('apps', ['daemonsets', 'deployments', 'replicasets'], 'get')],
    },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef: { apiGroup: rbac, kind: 'Role', name: ingressName }, subjects },
  ]
}

/** One Pod for each worker, without a capability: the Pod's own setting lets it bind ports 80 and 443. */
function controller(image: string): KubeObject {
  const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { ...metadata, labels: selector },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          serviceAccountName: ingressName, terminationGracePeriodSeconds: 5,
          securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
          containers: [{
            name: 'controller', image, imagePullPolicy: 'IfNotPresent',
            args: [`--ingress-class=${ingressClass}`, `--configmap=${ingressNamespace}/${ingressName}`, '--report-node-internal-ip-address', '--watch-gateway=false'],
            env: [field('POD_NAME', 'metadata.name'), field('POD_NAMESPACE', 'metadata.namespace')],
            ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
            livenessProbe: { httpGet: { path: '/healthz', port: 'controller' }, periodSeconds: 5, failureThreshold: 6 },
            readinessProbe: { httpGet: { path: '/healthz', port: 'haproxy' }, periodSeconds: 1, failureThreshold: 2 },
            securityContext: { runAsNonRoot: true, runAsUser: 99, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
          }],
        },
      },
    },
  }
}

/** The way in, which keeps the client's address and so is open where a Pod of the controller runs; and the controller's health. */
function services(): KubeObject[] {
  const at = (name: keyof typeof ingressPorts): object => ({ name, port: ports[name], targetPort: name, nodePort: ingressPorts[name] })
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'NodePort', externalTrafficPolicy: 'Local', selector, ports: [at('http'), at('https')] } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'controller', namespace: ingressNamespace }, spec: { selector, ports: [{ name: 'controller', port: ports.controller, targetPort: 'controller' }] } },
  ]
}
