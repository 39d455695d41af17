import { z } from 'zod'

/** How Flannel carries packets between nodes, in the words of its `net-conf.json`. */
export const flannelOptions = z.strictObject({
  /** `vxlan`: inside VXLAN. `host-gw`: as they are, by a route through the other node; nodes must share one network, as those of kind do. @default vxlan */
  backend: z.enum(['vxlan', 'host-gw']).optional(),
  /** Of `vxlan`: nodes of one network send each other packets as they are, and wrap them for nodes of other networks only. @default false */
  directRouting: z.boolean().optional(),
}).refine(({ backend, directRouting }) => backend !== 'host-gw' || directRouting !== true, { path: ['directRouting'], message: 'is an option of the backend vxlan: host-gw wraps nothing' })
/** See {@link flannelOptions}. */
export type FlannelOptions = z.infer<typeof flannelOptions>

/** How Calico carries packets between nodes, in the words of its IPPool. */
export const calicoOptions = z.strictObject({
  /** `Always`: inside VXLAN. `CrossSubnet`: as they are between nodes of one network, inside VXLAN between networks. @default Always */
  vxlanMode: z.enum(['Always', 'CrossSubnet']).optional(),
})
/** See {@link calicoOptions}. */
export type CalicoOptions = z.infer<typeof calicoOptions>

/** Options of plugins that can do their work in several ways, by CNI. One that is not named, or says nothing, does it as by default. */
export const cniOptions = z.strictObject({ flannel: flannelOptions.optional(), calico: calicoOptions.optional() })
/** See {@link cniOptions}. */
export type CniOptions = z.infer<typeof cniOptions>

const defaults: { readonly [K in keyof CniOptions]-?: Required<NonNullable<CniOptions[K]>> } = { flannel: { backend: 'vxlan', directRouting: false }, calico: { vxlanMode: 'Always' } }

/** The options of one CNI that differ from what it does by default, so that two ways of writing the same network are one; undefined where none does. */
export function chosenOptions<K extends keyof CniOptions>(cni: K, asked: CniOptions[K]): CniOptions | undefined {
  const usual: Readonly<Record<string, unknown>> = defaults[cni]
  const chosen = Object.entries(asked ?? {}).filter(([key, value]) => value !== undefined && value !== usual[key])
  return chosen.length === 0 ? undefined : { [cni]: Object.fromEntries(chosen) }
}

/** Values that each option of a CNI takes, the default first, as the command line writes them; empty for a CNI that has none. */
export function optionValues(cni: string): Readonly<Record<string, readonly string[]>> {
  return Object.hasOwn(schemas, cni) ? Object.fromEntries(Object.entries(schemas[cni as keyof typeof schemas].shape).map(([key, field]) => [key, valuesOf(field.unwrap())])) : {}
}

const schemas = { flannel: flannelOptions, calico: calicoOptions } as const
const valuesOf = (field: z.ZodEnum | z.ZodBoolean): string[] => (field instanceof z.ZodEnum ? field.options.map(String) : ['false', 'true'])

/** Options as the command line takes them: `backend=host-gw`; empty for none. */
export const optionsText = (options: CniOptions | undefined): string =>
  Object.values(options ?? {}).flatMap((one) => Object.entries(one ?? {}).map(([key, value]) => `${key}=${String(value)}`)).sort().join(',')
