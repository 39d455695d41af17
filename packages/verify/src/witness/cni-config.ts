import { z } from 'zod'
import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** Where container runtimes look for network configurations unless told otherwise (CNI specification, containerd's default). */
export const configFolder = '/etc/cni/net.d'

/** One network configuration. `plugin` is the type of its first plugin; undefined when the file is none that a runtime could load. */
export interface CniConfig { file: string; plugin: string | undefined }

const list = `cd ${configFolder} 2>/dev/null && for f in *; do [ -f "$f" ] && printf '%s %s\\n' "$(printf %s "$f" | base64 -w0)" "$(base64 -w0 < "$f")"; done; echo end`
const shape = z.union([
  z.object({ name: z.string(), plugins: z.array(z.object({ type: z.string() })).min(1) }).transform(({ plugins }) => plugins[0]?.type),
  z.object({ name: z.string(), type: z.string() }).transform(({ type }) => type),
])

/**
 * The network configurations of a node in the order in which a runtime takes them: by name, of three extensions (libcni ConfFiles). The first is the
 * one that counts (containerd, max_conf_num 1).
 */
export async function configsOn(round: Round, node: string): Promise<CniConfig[]> {
  const text = textOf(await round.readings.of(node, ['nsenter', '-t', '1', '-m', '--', 'sh', '-c', list]), `the network configurations of ${node}`)
  const lines = text.trimEnd().split('\n')
  if (lines.pop() !== 'end') throw new Broken(`The network configurations of ${node} did not arrive whole.`, { hopeless: false })
  return lines.map((line) => line.split(' ').map(decode))
    .flatMap(([file = '', content = '']) => (/\.(?:conf|conflist|json)$/u.test(file) ? [{ file, plugin: pluginIn(content) }] : []))
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}

const decode = (base64: string): string => new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))

function pluginIn(content: string): string | undefined {
  try {
    return shape.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}
