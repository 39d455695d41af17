import type { CniName, ProxyMode } from './cluster.ts'
import type { FaultFile } from './lab.ts'
import type { Verdict } from './result.ts'

/** The network a fault is put into, as far as faults may differ by it. */
export interface FaultNetwork { cni: CniName; proxyMode: ProxyMode }

type Declared = Pick<FaultFile, 'in' | 'on' | 'expect' | 'otherwise' | 'firstBrokenHop'>

/** Whether a fault can be put into this network. */
export function isForNetwork({ cnis, proxyModes }: Pick<FaultFile, 'cnis' | 'proxyModes'>, { cni, proxyMode }: FaultNetwork): boolean {
  return proxyModes.includes(proxyMode) && (cnis === undefined || cnis.includes(cni))
}

/** The verdict that a fault declares for a check in this network; undefined when it says nothing of it. What is said of the CNI comes first, then what is said of the proxy mode. */
export function declaredVerdict(fault: Omit<Declared, 'firstBrokenHop'>, check: string, { cni, proxyMode }: FaultNetwork): Verdict | undefined {
  const here = [fault.on[cni], fault.in[proxyMode], fault].filter((one) => one !== undefined)
  return here.find(({ expect }) => expect[check] !== undefined)?.expect[check] ?? here.find(({ otherwise }) => otherwise !== undefined)?.otherwise
}

/** The first broken hop that a fault declares in this network, in the same order; undefined when it says nothing of it. */
export function declaredHop(fault: Pick<Declared, 'in' | 'on' | 'firstBrokenHop'>, { cni, proxyMode }: FaultNetwork): FaultFile['firstBrokenHop'] {
  return fault.on[cni]?.firstBrokenHop ?? fault.in[proxyMode]?.firstBrokenHop ?? fault.firstBrokenHop
}
