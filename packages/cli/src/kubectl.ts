import { type Deadline, exitCodes, HopError } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { HOP_KUBECTL_FILE } from './errors.ts'
import { execTerminal } from './exec-terminal.ts'

/** Where kubectl is to talk to. */
export interface KubectlTarget { kubeconfig: string; controlPlane: string; deadline: Deadline }

/** Runs kubectl with our own terminal and the lab's kubeconfig; returns its exit code. Takes kubectl from the PATH, else the one inside the control-plane node. */
export async function kubectl(args: readonly string[], target: KubectlTarget): Promise<number> {
  const { deadline, kubeconfig, controlPlane } = target
  try {
    return (await exec('kubectl', args, { deadline, interactive: true, env: { KUBECONFIG: kubeconfig } })).exitCode
  } catch (error) {
    if (!(error instanceof HopError) || error.code !== 'HOP_PROGRAM_MISSING') throw error
  }
  const file = fileArgument(args)
  if (file !== undefined) throw HOP_KUBECTL_FILE({ file })
  const inside = ['exec', ...execTerminal(), controlPlane, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...args]
  return exitCodeOf((await exec('docker', inside, { deadline, interactive: true })).exitCode)
}

/** A process ended by a signal has no code of its own. */
const exitCodeOf = (code: number): number => (code < 0 ? exitCodes.interrupted : code)

/** The file or folder given with -f or -k that only this machine has; `-` and addresses are read anywhere. */
export function fileArgument(args: readonly string[]): string | undefined {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const at = own.findIndex((arg) => /^(-f|-k|--filename|--kustomize)(=|$)/u.test(arg))
  if (at < 0) return undefined
  const value = own[at]?.includes('=') ? own[at]?.split('=').slice(1).join('=') : own[at + 1]
  return value === undefined || value === '-' || /^https?:/u.test(value) ? undefined : value
}
