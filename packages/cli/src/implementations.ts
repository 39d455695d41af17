import type { KindProvider } from '@hoplab/cluster/kind'
import type { Addon, CniInstaller } from '@hoplab/cni'
import type { AddonName, CniOptions } from '@hoplab/model'
import { HOP_NOT_OFFERED } from './errors.ts'

const providers = { kind: async () => (await import('@hoplab/cluster/kind')).kindProvider() } as const
const installers = {
  flannel: async ({ flannel }: CniOptions) => (await import('@hoplab/cni/flannel')).flannelInstaller(flannel),
  calico: async ({ calico }: CniOptions) => (await import('@hoplab/cni/calico')).calicoInstaller(calico),
  weave: async () => (await import('@hoplab/cni/weave')).weaveInstaller(),
  'aws-vpc': async () => (await import('@hoplab/cni/aws-vpc')).awsVpcInstaller(),
  routes: async () => (await import('@hoplab/cni/routes')).routesInstaller(),
} as const

const addons = {
  internet: async () => (await import('@hoplab/cni/internet')).internetAddon(),
  'load-balancer': async () => (await import('@hoplab/cni/load-balancer')).loadBalancerAddon(),
  ingress: async () => (await import('@hoplab/cni/ingress')).ingressAddon(),
} as const satisfies Record<AddonName, () => Promise<Addon>>

/** The add-ons of these names, each after what it needs. */
export const addonsOf = (names: readonly AddonName[]): Promise<Addon[]> =>
  Promise.all((Object.keys(addons) as AddonName[]).filter((name) => names.includes(name)).map((name) => addons[name]()))

/** CNIs that this version installs, the default first. */
export const installedCnis = Object.keys(installers) as (keyof typeof installers)[]

/** The provider of a name; `auto` is the first that this version has. @throws HOP_NOT_OFFERED */
export async function providerOf(name: string): Promise<KindProvider> {
  if (name === 'auto' || name === 'kind') return providers.kind()
  throw HOP_NOT_OFFERED({ what: `The provider "${name}"`, offered: Object.keys(providers) })
}

/** The installer of a CNI, with its own of these options. @throws HOP_NOT_OFFERED */
export async function installerOf(name: string, options: CniOptions = {}): Promise<CniInstaller> {
  if (Object.hasOwn(installers, name)) return installers[name as keyof typeof installers](options)
  throw HOP_NOT_OFFERED({ what: `The CNI "${name}"`, offered: installedCnis })
}
