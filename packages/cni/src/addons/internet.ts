import { imageNamed } from '../images.ts'
import type { Addon } from './port.ts'

/**
 * The internet of a lab: one host that tells who asked it, on a network that only the lab's gateway leads to and that itself leads nowhere. The gateway
 * lets the nodes' own addresses out, behind its own, and lets that host in to NodePorts.
 */
export function internetAddon(): Addon {
  return {
    name: 'internet',
    needs: [],
    images: ['edge'],
    machine: ({ host }, images) => ({ image: imageNamed('edge', 'internet', images), address: host, reachesNodes: false, environment: {}, capabilities: ['NET_ADMIN'] }),
    install: async () => [],
    pending: async (onMachine) => {
      const { exitCode, stderr } = await onMachine(['curl', '--silent', '--show-error', '--fail', '--max-time', '2', 'http://127.0.0.1:8080/healthz'])
      return exitCode === 0 ? [] : [`the host on the internet does not answer itself: ${stderr.trim() || `curl ended with ${exitCode}`}`]
    },
  }
}
