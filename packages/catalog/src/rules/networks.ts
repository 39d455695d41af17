import { type FaultNetwork, isForNetwork } from '@hoplab/model'
import type { LoadedFault, LoadedLab } from '../loaded-lab.ts'

/** Every network of a lab into which a fault of it can be put. */
export function networksOf(fault: Pick<LoadedFault, 'cnis' | 'proxyModes'>, { file }: Pick<LoadedLab, 'file'>): FaultNetwork[] {
  return file.cnis.flatMap((cni) => file.proxyModes.map((proxyMode) => ({ cni, proxyMode }))).filter((network) => isForNetwork(fault, network))
}
