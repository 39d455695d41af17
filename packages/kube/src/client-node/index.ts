import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { KubeClient } from '../port.ts'

/** A client that holds connections until disposed. */
export type ConnectedClient = KubeClient & Disposable

/**
 * A client for the current context of a kubeconfig file; connects with the first request.
 * The library is loaded here and not at import: half of it (configuration, exec) takes 0.4 s, all of it 0.9 s (measured on 2 cores).
 */
export const connect = (kubeconfigPath: string): Promise<ConnectedClient> => client((config) => config.loadFromFile(kubeconfigPath))

/** Like {@link connect}, from the text of a kubeconfig. */
export const connectWith = (kubeconfig: string): Promise<ConnectedClient> => client((config) => config.loadFromString(kubeconfig))

async function client(load: (config: KubeConfig) => void): Promise<ConnectedClient> {
  const [{ KubeConfig }, { KubeconfigClient }] = await Promise.all([import('@kubernetes/client-node/dist/config.js'), import('./client.ts')])
  const config = new KubeConfig()
  load(config)
  return new KubeconfigClient(config)
}
