import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ as loud } from 'zx'

const $ = loud({ quiet: true })

/** What a person needs to bring the same lab up without hoplab. */
export interface ByHandInput {
  /** kind binary. */
  kind: string
  nodeImage: string
  /** The CNI's objects with the lab's namespace, and the lab's objects, as a person would `kubectl apply` them. */
  cniYaml: string
  labYaml: string
  /** Namespace and Deployments of the lab that must be rolled out. */
  namespace: string
  deployments: string[]
  /** Label selector of the Pods that serve on 8080. */
  servers: string
  /** Folder for the kubeconfig and the manifests. */
  folder: string
  /** Images of the CNI that the node image lacks; loaded into every node before the CNI is applied. @default none */
  load?: readonly string[]
}

/** One part of bringing a cluster up by hand, one after another. Milliseconds. */
export interface HandPhase { phase: string; ms: number }

/** Name of the cluster that is made by hand. */
export const byHandName = 'bench-by-hand'
const name = byHandName
const network = 'bench-by-hand'

const clusterConfig = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: { disableDefaultCNI: true, podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16 }
nodes: [{ role: control-plane }, { role: worker }, { role: worker }]
`

/**
 * Brings a three-node cluster with the lab up the way a practised person would script it, and returns the milliseconds it took:
 * kind create, CNI apply, Nodes Ready by count, CoreDNS answers, a 200 across nodes, the lab's workloads rolled out. `heard` is told of each part.
 * The Docker network's default route points at an address nobody has, so that nothing leaves the machine.
 */
export async function upByHand(input: ByHandInput, heard: (phase: HandPhase) => void = () => {}): Promise<number> {
  const file = (base: string): string => join(input.folder, base)
  await writeFile(file('kind.yaml'), clusterConfig)
  await writeFile(file('cni.yaml'), input.cniYaml)
  await writeFile(file('lab.yaml'), input.labYaml)
  const k = ['--kubeconfig', file('kubeconfig')]
  const started = performance.now()
  const mark = marker(heard)
  await $`docker network create --subnet 172.30.250.0/24 --aux-address DefaultGatewayIPv4=172.30.250.254 -o com.docker.network.bridge.enable_ip_masquerade=false ${network}`
  await $({ env: { ...process.env, KIND_EXPERIMENTAL_DOCKER_NETWORK: network } })`${input.kind} create cluster --name ${name} --image ${input.nodeImage} --config ${file('kind.yaml')} ${k}`
  mark('kind create')
  if (input.load?.length) {
    await $`docker save --output ${file('images.tar')} ${input.load}`
    await $`${input.kind} load image-archive ${file('images.tar')} --name ${name}`
    mark('load images')
  }
  await $`kubectl ${k} apply -f ${file('cni.yaml')}`
  await $`kubectl ${k} wait --for=condition=Ready nodes --all --timeout=180s`
  const nodes = (await $`kubectl ${k} get nodes -o name`).stdout.trim().split('\n')
  if (nodes.length !== 3) throw new Error(`by hand: ${nodes.length} of 3 nodes`)
  mark('CNI to Nodes Ready')
  await $`kubectl ${k} apply -n ${input.namespace} -f ${file('lab.yaml')}`
  for (const deployment of input.deployments) await $`kubectl ${k} -n ${input.namespace} rollout status deployment/${deployment} --timeout=180s`
  await $`kubectl ${k} -n ${input.namespace} wait --for=condition=Ready pod/client --timeout=180s`
  await $`kubectl ${k} -n kube-system rollout status deployment/coredns --timeout=180s`
  await until(() => $`kubectl ${k} -n ${input.namespace} exec client -- dig +short +time=1 +tries=1 kubernetes.default.svc.cluster.local`, (out) => out.trim() === '10.96.0.1')
  const addresses = (await $`kubectl ${k} -n ${input.namespace} get pods -l ${input.servers} -o ${'jsonpath={.items[*].status.podIP}'}`).stdout.trim().split(/\s+/u)
  for (const address of addresses) {
    await until(() => $`kubectl ${k} -n ${input.namespace} exec client -- curl -s -o /dev/null -m 2 -w ${'%{http_code}'} http://${address}:8080/`, (out) => out.trim() === '200')
  }
  mark('DNS, lab, requests across nodes')
  return performance.now() - started
}

/** Removes what {@link upByHand} made, whole or in part. */
export async function downByHand(input: Pick<ByHandInput, 'kind' | 'folder'>): Promise<void> {
  await $`${input.kind} delete cluster --name ${name} --kubeconfig ${join(input.folder, 'kubeconfig')}`.nothrow()
  await $`docker network rm ${network}`.nothrow()
}

/** Tells how long it is since the last mark. */
function marker(heard: (phase: HandPhase) => void): (phase: string) => void {
  let last = performance.now()
  return (phase) => { const now = performance.now(); heard({ phase, ms: now - last }); last = now }
}

async function until(look: () => PromiseLike<{ stdout: string }>, good: (stdout: string) => boolean): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const out = await Promise.resolve(look()).then((result) => result.stdout, () => '')
    if (good(out)) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error('by hand: a condition never came true')
}
