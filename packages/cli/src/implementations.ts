import type { KindProvider } from '@hoplab/cluster/kind'
import type { CniInstaller } from '@hoplab/cni'
import { HOP_NOT_OFFERED } from './errors.ts'

const providers = { kind: async () => (await import('@hoplab/cluster/kind')).kindProvider() } as const
const installers = {
  flannel: async () => (await import('@hoplab/cni/flannel')).flannelInstaller(),
  calico: async () => (await import('@hoplab/cni/calico')).calicoInstaller(),
  'aws-vpc': async () => (await import('@hoplab/cni/aws-vpc')).awsVpcInstaller(),
  routes: async () => (await import('@hoplab/cni/routes')).routesInstaller(),
} as const

/** CNIs that this version installs, the default first. */
export const installedCnis = Object.keys(installers) as (keyof typeof installers)[]

/** The provider of a name; `auto` is the first that this version has. @throws HOP_NOT_OFFERED */
export async function providerOf(name: string): Promise<KindProvider> {
  if (name === 'auto' || name === 'kind') return providers.kind()
  throw HOP_NOT_OFFERED({ what: `The provider "${name}"`, offered: Object.keys(providers) })
}

/** The installer of a CNI. @throws HOP_NOT_OFFERED */
export async function installerOf(name: string): Promise<CniInstaller> {
  if (Object.hasOwn(installers, name)) return installers[name as keyof typeof installers]()
  throw HOP_NOT_OFFERED({ what: `The CNI "${name}"`, offered: installedCnis })
}
