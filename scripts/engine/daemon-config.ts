import { chmod, mkdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '@hoplab/core/node'
import { engineFolder } from '@hoplab/images'

/** Socket, pid file and run-time state of the daemon. Short, because a socket path may have 107 characters at most (unix(7)). */
export const runFolder = process.env.HOPLAB_HOME
  ? join('/run', `hoplab-engine-${Buffer.from(process.env.HOPLAB_HOME).toString('base64url').slice(-24)}`)
  : '/run/hoplab-engine'

export const socketPath = join(runFolder, 'docker.sock')
export const pidFile = join(runFolder, 'dockerd.pid')
export const logFile = join(engineFolder(), 'dockerd.log')

/** Capabilities by bit number, as include/uapi/linux/capability.h counts them. Only those that a container engine may ask for. */
const capabilityBits: Record<string, number> = {
  CAP_SYS_MODULE: 16, CAP_SYS_RAWIO: 17, CAP_SYS_PTRACE: 19, CAP_SYS_PACCT: 20, CAP_SYS_BOOT: 22, CAP_SYS_NICE: 23,
  CAP_SYS_RESOURCE: 24, CAP_SYS_TIME: 25, CAP_AUDIT_CONTROL: 30, CAP_MAC_OVERRIDE: 32, CAP_MAC_ADMIN: 33, CAP_SYSLOG: 34,
  CAP_WAKE_ALARM: 35, CAP_BLOCK_SUSPEND: 36, CAP_AUDIT_READ: 37, CAP_PERFMON: 38, CAP_BPF: 39, CAP_CHECKPOINT_RESTORE: 40,
}

/** Capabilities that this machine's processes can never have, read from the bounding set. */
export function missingCapabilities(procStatus = readFileSync('/proc/self/status', 'utf8')): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/mu.exec(procStatus)?.[1] ?? 'ffffffffffffffff'}`)
  return Object.entries(capabilityBits).filter(([, bit]) => (bounding >> BigInt(bit)) % 2n === 0n).map(([name]) => name)
}

/**
 * The OCI runtime of a machine whose bounding set lacks `missing`: takes those out of what the engine asks for, then becomes runc.
 * Without it `docker run --privileged` ends with "unable to apply caps: operation not permitted" (seen with CAP_SYS_RESOURCE).
 * It runs for every `docker exec`, so it starts one process (sed) only; the engine writes its JSON without blanks.
 */
export function cappedRuntime(missing: readonly string[], runc: string): string {
  const expressions = missing.flatMap((name) => [`-e 's/"${name}",//g'`, `-e 's/,"${name}"//g'`, `-e 's/\\["${name}"\\]/[]/g'`]).join(' ')
  return `#!/bin/sh
# runc without capabilities that no process of this machine can have.
previous=
for argument in "$@"; do
  case "$previous" in
    --bundle | -b) spec="$argument/config.json" ;;
    --process | -p) spec="$argument" ;;
  esac
  previous="$argument"
done
[ -n "$spec" ] && [ -f "$spec" ] && sed -i ${expressions} "$spec"
exec ${runc} "$@"
`
}

/**
 * Writes the daemon's configuration (and the runtime beside it where one is needed); returns the configuration's path.
 * @param besideBridge bridge of our own, where another daemon is at work: a starting daemon would empty that one's chains and,
 *   told to have no bridge, remove its docker0 (both seen), so ours writes no rules and gets this bridge
 */
export async function writeDaemonConfig(runc: string, besideBridge?: string): Promise<string> {
  const folder = engineFolder()
  await mkdir(runFolder, { recursive: true, mode: 0o711 })
  const missing = missingCapabilities()
  const runtime = join(folder, 'runc-capped')
  if (missing.length > 0) {
    await writeWhole(runtime, cappedRuntime(missing, runc))
    await chmod(runtime, 0o755)
  }
  const config = {
    hosts: [`unix://${socketPath}`], 'data-root': join(folder, 'data'), 'exec-root': join(runFolder, 'exec'), pidfile: pidFile,
    'storage-driver': 'overlay2', 'log-level': 'warn', 'userland-proxy': true,
    ...(besideBridge ? { bridge: besideBridge, iptables: false } : {}),
    ...(missing.length > 0 ? { runtimes: { capped: { path: runtime } }, 'default-runtime': 'capped' } : {}),
  }
  const path = join(folder, 'daemon.json')
  await writeWhole(path, `${JSON.stringify(config, null, 2)}\n`)
  return path
}
