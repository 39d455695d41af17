import { existsSync, readFileSync } from 'node:fs'
import type { KindProvider } from '@hoplab/cluster/kind'
import { type Deadline, type HopError, isAbort } from '@hoplab/core'
import { startOwnEngine } from '@hoplab/core/node'
import { dockerEngine } from '@hoplab/images'
import { HOP_NO_ENGINE } from './errors.ts'

/** The machine as far as starting a container engine depends on it. */
export interface Host {
  platform: NodeJS.Platform
  /** Words of ID and ID_LIKE in /etc/os-release, e.g. `debian`, `fedora`. */
  distribution: readonly string[]
  wsl: boolean
  systemd: boolean
}

/** This machine. */
export function thisHost(): Host {
  const release = textOf('/etc/os-release')
  return {
    platform: process.platform,
    distribution: [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gmu)].flatMap((match) => (match[1] ?? '').split(' ')),
    wsl: /microsoft/iu.test(textOf('/proc/version')),
    systemd: existsSync('/run/systemd/system'),
  }
}

/** How to start a container engine on a machine like this, best way first. */
export function startsOn(host: Host): string[] {
  if (host.platform === 'darwin') return ['Docker Desktop: open -a Docker', 'or colima: brew install colima docker && colima start']
  if (host.platform === 'win32') return ['Install WSL2 ("wsl --install") and type hoplab inside it, with Docker Desktop or docker.io running.']
  const own = `without a service manager (CI, bare machines): ${startOwnEngine()}`
  const install = host.distribution.includes('fedora') ? 'sudo dnf install moby-engine' : 'sudo apt-get install docker.io'
  const desktop = host.wsl ? ['Docker Desktop on Windows, with "WSL integration" on for this distribution'] : []
  return host.systemd ? [...desktop, `${install} && sudo systemctl start docker`, own] : [...desktop, own]
}

/** Everything that was looked for to reach an engine, one line each. */
export function lookedFor(said: string, env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return [
    env.DOCKER_HOST ? `DOCKER_HOST=${env.DOCKER_HOST}` : 'DOCKER_HOST: not set',
    `/var/run/docker.sock: ${existsSync('/var/run/docker.sock') ? 'is there' : 'is not there'}`,
    'an engine started by scripts/engine.ts',
    said,
  ]
}

/** Refuses in one screen when no engine answers; one short question to it otherwise. @throws HOP_NO_ENGINE */
export async function requireEngine(provider: Pick<KindProvider, 'diagnose'>, deadline: Deadline): Promise<void> {
  try {
    await dockerEngine.requireAnswer(deadline)
  } catch (error) {
    if (isAbort(error)) throw error
    const [engine] = await provider.diagnose(deadline)
    throw engine && !engine.ok ? noEngine(engine) : error
  }
}

function noEngine(finding: { code: string; what: string; fix: string }): HopError {
  const starts = finding.code === 'HOP_ENGINE_NOT_ALLOWED' ? [finding.fix] : startsOn(thisHost())
  return HOP_NO_ENGINE({ looked: lookedFor(finding.what), starts })
}

function textOf(file: string): string {
  try { return readFileSync(file, 'utf8') } catch { return '' }
}
