import type { KubeClient } from '../port.ts'

/** A client that holds connections until disposed. */
export type ConnectedClient = KubeClient & Disposable

/**
 * A client for the current context of a kubeconfig file; connects with the first request.
 * The library is loaded here and not at import: half of it (configuration, exec) takes 0.4 s, all of it 0.9 s (measured on 2 cores).
 */
export async function connect(kubeconfigPath: string): Promise<ConnectedClient> {
  const [{ KubeConfig }, { KubeconfigClient }] = await Promise.all([import('@kubernetes/client-node/dist/config.js'), import('./client.ts')])
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigPath)
  return new KubeconfigClient(config)
}
