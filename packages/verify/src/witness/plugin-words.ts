import { plainLine } from '@hoplab/core'

/** What plugins say when they refuse a Pod, and what it means: their own words presuppose that one knows how they work. */
const meanings: readonly [words: RegExp, meaning: string][] = [
  // ipamd keeps a released address back for 30 s, so that nobody who still remembers its last owner reaches another Pod.
  [/failed to assign an IP address to container/u, 'every address that this node has for Pods is in use, or was until less than 30 s ago: a released one rests that long'],
  [/ipamd\.sock|127\.0\.0\.1:50051/u, 'the plugin\'s agent on this node does not answer'],
  [/from instance metadata/u, 'the plugin\'s agent asks the node\'s metadata service for each Pod, and that does not answer'],
]

/** What a kubelet says of a Pod that it cannot start, without what is the same each time, and with its meaning where that is known. */
export function explainPlugin(message: string): string {
  const short = message.replace(/rpc error: code = \w+ desc = /gu, '').replace(/ "[0-9a-f]{64}"/gu, '')
  const meaning = meanings.find(([words]) => words.test(message))?.[1]
  return `${plainLine(short, 300)}${meaning === undefined ? '' : ` (${meaning})`}`
}
