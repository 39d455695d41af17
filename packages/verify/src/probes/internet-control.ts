import { outsideMachines } from '@hoplab/model'
import type { Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import { outsideFactsOf } from '../scene/origin.ts'
import { Broken } from './broken.ts'

/** Where the host on the internet listens. */
export const internetPort = 8080

/**
 * Lets the gateway ask the host on the internet, which both are ours: without an answer nothing may be concluded about who reaches whom. Gives the
 * control as evidence. @throws Broken
 */
export async function requireInternet(round: Round): Promise<Evidence[]> {
  const { host } = outsideFactsOf(round)
  const result = await round.batcher.ask(outsideMachines.gateway, { kind: 'http', from: { node: true }, target: `${host}:${internetPort}`, count: 1, parallel: 1, timeoutMs: 2_000 })
  const [connection] = result.connections
  if (connection?.class !== 'OK' || connection.server?.nonce !== connection.nonce) {
    throw new Broken(`The lab's gateway does not reach the host on the internet (${result.class}), so it shows nothing about who does.`, { hopeless: false })
  }
  return [{ witness: 'control', observed: `gateway → ${host}:${internetPort} OK`, expected: 'the gateway reaches the host on the internet' }]
}
