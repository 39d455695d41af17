import { z } from 'zod'
import { cniName } from './cluster.ts'
import { seedName, seedValue } from './seed.ts'

/** What the files of a lab say otherwise on each network: name → CNI → what `$network.NAME` stands for there. */
export const networkValues = z.record(seedName, z.partialRecord(cniName, seedValue))
/** See {@link networkValues}. */
export type NetworkValues = z.infer<typeof networkValues>

/** Every name has a value for each CNI of the lab and for no other; says where one has not. */
export function networksFit({ cnis, networks = {} }: { cnis: readonly string[]; networks?: NetworkValues | undefined }, context: z.RefinementCtx): void {
  for (const [name, values] of Object.entries(networks)) {
    const given = Object.keys(values)
    const lacking = cnis.filter((cni) => !given.includes(cni))
    if (lacking.length > 0) context.addIssue({ code: 'custom', path: ['networks', name], message: `must have a value for ${lacking.join(', ')}, which "cnis" names` })
    for (const cni of given.filter((one) => !cnis.includes(one))) context.addIssue({ code: 'custom', path: ['networks', name, cni], message: 'must be of a CNI that "cnis" names' })
  }
}
