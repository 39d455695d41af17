import { defineError, plainLine } from '@hoplab/core'
import { asRoot } from '@hoplab/core/node'
import { $, which } from 'zx'

/** What the engine and the image build need from Debian, next to the daemon itself. */
const besideTheDaemon = ['iptables', 'iproute2', 'ipset', 'conntrack', 'kmod', 'debootstrap', 'ca-certificates']

const HOP_ENGINE_PACKAGES = defineError<{ missing: readonly string[]; said: string }>('HOP_ENGINE_PACKAGES', {
  exitCode: 3,
  what: (p) => `These Debian packages are needed and could not be installed: ${p.missing.join(' ')}.`,
  why: (p) => plainLine(p.said.slice(-400)) || 'apt-get printed nothing.',
  fix: (p) => `Run "${asRoot(`apt-get install --no-remove ${p.missing.join(' ')}`)}" on Debian or Ubuntu; elsewhere start Docker the way your system offers.`,
  state: 'No package was removed.',
})

/** Packages to look for. A daemon that is there, e.g. docker-ce's, is used as it is: docker.io would take its place. */
export const wanted = (dockerd: boolean): string[] => [...(dockerd ? [] : ['docker.io']), ...besideTheDaemon]

/** Installs what is missing, and removes nothing for it. Needs root. @throws HOP_ENGINE_PACKAGES without apt-get or when it refuses. */
export async function installPackages(): Promise<void> {
  const missing = []
  for (const name of wanted(await which('dockerd', { nothrow: true }) !== null)) {
    const state = await $({ nothrow: true, quiet: true })`dpkg-query -W ${'-f=${Status}'} ${name}`
    if (state.stdout.trim() !== 'install ok installed') missing.push(name)
  }
  if (missing.length > 0) await install(missing)
}

/** Installs Debian packages, and removes none for them. Needs root. @throws HOP_ENGINE_PACKAGES */
export async function install(missing: readonly string[]): Promise<void> {
  if (!await which('apt-get', { nothrow: true })) throw HOP_ENGINE_PACKAGES({ missing, said: 'There is no apt-get on the PATH.' })
  console.error(`installing ${missing.join(' ')}`)
  // In run level 1 Debian installs a daemon without starting it (invoke-rc.d(8)): ours has its own configuration.
  const apt = $({ nothrow: true, quiet: true, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } })
  const updated = await apt`apt-get update`
  const installed = updated.exitCode === 0 ? await apt`apt-get install --yes --no-remove --no-install-recommends ${missing}` : updated
  if (installed.exitCode !== 0) throw HOP_ENGINE_PACKAGES({ missing, said: installed.stderr || installed.stdout })
}
