import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, poll } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'

/** Debian's own registry server, on a free port of loopback, with an empty store that is removed with it. */
export class LoopbackRegistry implements AsyncDisposable {
  /** `127.0.0.1:port`, as it stands in image names; engines allow plain HTTP there. */
  readonly host: string
  readonly #folder: string
  readonly #stop: AbortController
  readonly #served: Promise<unknown>

  private constructor(host: string, folder: string, stop: AbortController, served: Promise<unknown>) {
    this.host = host
    this.#folder = folder
    this.#stop = stop
    this.#served = served
  }

  static async start(deadline: Deadline): Promise<LoopbackRegistry> {
    const folder = await mkdtemp(join(tmpdir(), 'hoplab-registry-'))
    const program = await unpack(folder, deadline)
    const host = `127.0.0.1:${await freePort()}`
    const config = join(folder, 'config.json')
    await writeFile(config, JSON.stringify({ version: '0.1', log: { level: 'error' }, storage: { filesystem: { rootdirectory: join(folder, 'store') } }, http: { addr: host } }))
    const stop = new AbortController()
    const served = exec(program, ['serve', config], { deadline: Deadline.start('registry', 600_000, { signal: stop.signal }) }).catch(() => undefined)
    const up = await poll(() => fetch(`http://${host}/v2/`).then((answer) => answer.ok, () => false), { deadline, until: (ok) => ok, withinMs: 20_000 })
    if (!up.ok) throw new TypeError('the registry did not answer within 20 s')
    return new LoopbackRegistry(host, folder, stop, served)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new TypeError('the test is over'))
    await this.#served
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The package's files without installing it: the machine stays as it is. */
async function unpack(folder: string, deadline: Deadline): Promise<string> {
  const packages = join(folder, 'package')
  await mkdir(packages)
  const download = await exec('apt-get', ['download', 'docker-registry'], { deadline, cwd: packages })
  if (download.exitCode !== 0) {
    await run('apt-get', ['update'], { deadline })
    await run('apt-get', ['download', 'docker-registry'], { deadline, cwd: packages })
  }
  const [archive = ''] = await readdir(packages)
  await run('dpkg-deb', ['--extract', join(packages, archive), packages], { deadline })
  return join(packages, 'usr/bin/docker-registry')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
