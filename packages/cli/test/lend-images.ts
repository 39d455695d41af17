import { cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import type { BareMachine } from './second-engine.ts'

/**
 * Starts a machine's engine with all images of this machine's in it, and returns its DOCKER_HOST.
 * Where layers are folders that can be seen from here, the second engine finds links to them when it starts: nothing ever writes to a layer, and to
 * remove one there takes away a link only. `docker save | docker load` of `refs` took more than 100 s (measured here on 2026-11-28); it remains for
 * an engine that keeps its layers elsewhere.
 */
export async function startEngineWithImages(machine: BareMachine, refs: readonly string[], deadline: Deadline): Promise<string> {
  const data = join(machine.home, 'cache/engine/data')
  const linked = await linkLayers(await layersHere(deadline), data)
  const host = await machine.startEngine()
  if (!linked) await run('sh', ['-c', 'docker save "$@" | DOCKER_HOST="$0" docker load', host, ...refs], { deadline })
  return host
}

/** The engine's data folder if it keeps each layer in a folder that can be seen from here. */
async function layersHere(deadline: Deadline): Promise<string | undefined> {
  const { stdout } = await run('docker', ['info', '--format', '{{.Driver}} {{.DockerRootDir}}'], { deadline })
  const [driver, folder = ''] = stdout.trim().split(' ')
  const seen = await stat(join(folder, 'image/overlay2/layerdb/sha256')).then(() => true, () => false)
  return driver === 'overlay2' && seen ? folder : undefined
}

/** Whether `to` holds the images of `from` now. What belongs to containers is left out. */
async function linkLayers(from: string | undefined, to: string): Promise<boolean> {
  if (!from) return false
  const layers = join(from, 'image/overlay2/layerdb/sha256')
  const folders = await Promise.all((await readdir(layers)).map((layer) => readFile(join(layers, layer, 'cache-id'), 'utf8')))
  await mkdir(join(to, 'overlay2'), { recursive: true })
  await cp(join(from, 'image'), join(to, 'image'), { recursive: true, filter: (path) => !path.startsWith(join(from, 'image/overlay2/layerdb/mounts')) })
  await cp(join(from, 'overlay2/l'), join(to, 'overlay2/l'), { recursive: true, verbatimSymlinks: true })
  await Promise.all(folders.map((folder) => symlink(join(from, 'overlay2', folder), join(to, 'overlay2', folder))))
  return true
}
