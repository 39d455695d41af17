import type { Answers, CheckResult, CheckSpec } from '@hoplab/model'
import type { OutsideKind } from '../kinds/define.ts'
import { type FakeLab, helloLab, type WrittenCheck } from '../testing/index.ts'

/** What the author of a kind tells the contract about it. */
export interface KindContract {
  /** The kind itself, or the name of one that comes with hoplab. */
  kind: OutsideKind | CheckSpec['kind']
  /**
   * Makes the lab one in which the check passes, and returns the check as it would stand in lab.yaml (`id` and `title` may be left out).
   * The lab it gets has a Pod `client` on node `a` and a Service `hello` with one backend on `a` and one on `b`.
   */
  healthy(lab: FakeLab): WrittenCheck
  /** By name, at least one: each breaks a healthy lab so that the check must fail. */
  faults: Readonly<Record<string, (lab: FakeLab) => void>>
  /** Takes away all that the check is about; it must fail then. @default removes every object in the lab's namespaces */
  nothing?(lab: FakeLab): void
  /** Whether looks run programs on nodes: probes, or any other. @default true */
  programs?: boolean
  /** Answers of the learner. */
  answers?: Answers
}

/** How one verification is to differ from the usual one. */
interface LookOptions { spoil?: (lab: FakeLab) => void; within?: number }

/** A lab in which the check passes, and the check. */
export function healthyLab(contract: KindContract): { lab: FakeLab; check: WrittenCheck } {
  const lab = helloLab()
  return { lab, check: contract.healthy(lab) }
}

/** Verifies the check of the contract, in a lab of its own that was healthy before `spoil`. Time passes only while everybody waits. */
export async function look(contract: KindContract, { spoil, within = 0.5 }: LookOptions = {}): Promise<{ result: CheckResult; lab: FakeLab }> {
  const { lab, check } = healthyLab(contract)
  spoil?.(lab)
  const [result] = await verify(contract, lab, [{ within, ...check }])
  if (!result) throw new Error('The verifier gave no result.')
  return { result, lab }
}

/** Verifies checks in this lab. */
export function verify(contract: KindContract, lab: FakeLab, checks: readonly WrittenCheck[]): Promise<CheckResult[]> {
  return lab.verify(checks, { forMs: 3_600_000, kinds: kindsOf(contract), ...(contract.answers ? { answers: contract.answers } : {}) })
}

/** Kinds the verifier must be given. */
export const kindsOf = ({ kind }: KindContract): OutsideKind[] => (typeof kind === 'string' ? [] : [kind])

/** Programs that were run for the check: all but those of the sync barrier. */
export const programsRun = (lab: FakeLab): string[] => lab.execs.filter((exec) => !exec.endsWith(' canary'))

/** Removes every object in the lab's namespaces. */
export function emptied(lab: FakeLab): void {
  for (const [key, object] of lab.kube.objects) if (lab.namespaces.includes(object.metadata.namespace ?? '')) lab.kube.objects.delete(key)
}
