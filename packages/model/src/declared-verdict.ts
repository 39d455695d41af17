import type { ProxyMode } from './cluster.ts'
import type { FaultFile } from './lab.ts'
import type { Verdict } from './result.ts'

/** The verdict that a fault declares for a check in this proxy mode; undefined when it says nothing of it. */
export function declaredVerdict(fault: Pick<FaultFile, 'in' | 'expect' | 'otherwise'>, check: string, mode: ProxyMode): Verdict | undefined {
  const here = fault.in[mode]
  return here?.expect[check] ?? fault.expect[check] ?? here?.otherwise ?? fault.otherwise
}
