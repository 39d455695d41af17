import type { CniImage } from '@hoplab/images'
import { daemonSetPending } from '@hoplab/kube'
import { containersDown } from '../../faults/agent-containers.ts'
import { networkFaults } from '../../faults/network-faults.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { agentName, awsVpcNamespace } from './access.ts'
import { faultsOfMetadata } from './faults.ts'
import { awsVpcObjects, metadataName } from './manifest.ts'
import { blockSize } from './metadata-pod.ts'

const images = ['awsVpc'] as const satisfies readonly CniImage[]

/** Settings of the AWS VPC CNI. */
export interface AwsVpcOptions {
  /** Addresses that the metadata give each node for its Pods, 1 to 30. @default 29: one interface of an m5.4xlarge has 30, of which one is the node's */
  addressesPerNode?: number
}

/** Pods of a node on its own network, which take no address: kube-proxy, the agent, the metadata service. */
const hostPods = 3

/**
 * AWS VPC CNI v1.23.2: real ipamd and CNI plugin, mocked instance metadata (IMDS-only mode), Docker bridge instead of a VPC. Pods have addresses of the
 * nodes' own network and a route each, packets travel between nodes as they are. The pool is fixed: there is no EC2 API to ask for more. No NetworkPolicy,
 * no security groups; proxy ARP stands in for the VPC's mapping of addresses. It is no test of EKS.
 */
export function awsVpcInstaller({ addressesPerNode = blockSize - 3 }: AwsVpcOptions = {}): CniInstaller {
  const agent = { namespace: awsVpcNamespace, name: agentName }
  const metadata = { namespace: awsVpcNamespace, name: metadataName }
  return {
    name: 'aws-vpc',
    capabilities: { networkPolicy: false, plugin: 'aws-cni', ipam: 'node-network', agent },
    images,
    clusterNeeds: {
      kubeadm: [
        // By its default kube-proxy takes Pods for strangers and gives their requests to Services the node's address (seen).
        { kind: 'KubeProxyConfiguration', detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'eni' } },
        // So that the scheduler leaves out a node without addresses, instead of Pods hanging there.
        { kind: 'KubeletConfiguration', maxPods: addressesPerNode + hostPods },
      ],
      // A node answers for the addresses of its Pods, and at once: by default it waits up to 0.8 s (735 ms seen for the first packet).
      sysctls: { 'net.ipv4.conf.eth0.proxy_arp': '1', 'net.ipv4.neigh.eth0.proxy_delay': '0' },
    },
    // ipamd 66 MiB, its starter 8, the metadata 10, beside what a node has with Flannel.
    memoryGiBPerNode: 0.35,
    probe: (source, deadline) => imagesReady(images, source, deadline),
    install: async ({ kube, podSubnet, images: names }, deadline) => {
      const image = imageNamed('awsVpc', 'aws-vpc', names)
      for (const object of awsVpcObjects({ network: podSubnet, addressesPerNode, image })) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => {
      const unready = [...await daemonSetPending(kube, metadata, nodeCount, deadline), ...await daemonSetPending(kube, agent, nodeCount, deadline)]
      if (unready.length === 0) return []
      return [...[...await containersDown(kube, metadata, deadline), ...await containersDown(kube, agent, deadline)].map(({ said }) => said), ...unready]
    },
    async faults({ kube }, deadline) { return networkFaults({ ...this, also: [metadata] }, kube, deadline, await faultsOfMetadata(kube, deadline)) },
  }
}
