import { writeFile } from 'node:fs/promises'
import { messageOf } from '@hoplab/core'
import { traceText } from '@hoplab/report'
import { traceRequest } from '@hoplab/verify'
import { openUp } from '../compose.ts'
import { type CommandContext, textFlag } from '../context.ts'
import { HOP_PCAP_NOT_WRITTEN } from '../errors.ts'

/** `hoplab trace FROM TO[:PORT] [--pcap F]`: 0 when the request was answered, 1 when not. */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun } = await openUp(context)
  await using _connections = labRun
  const [from = '', to = ''] = context.args
  const file = textFlag(context, 'pcap')
  const { result, pcap } = await traceRequest(await labRun.view(context.deadline), from, to, context.deadline)
  if (file !== undefined) await writeFile(file, pcap).catch((cause: unknown) => { throw HOP_PCAP_NOT_WRITTEN({ file, said: messageOf(cause) }, { cause }) })
  const told = file === undefined ? result : { ...result, pcap: file }
  context.print(context.json ? JSON.stringify(told) : traceText(told, context.look))
  if (file !== undefined) context.say(`The packets of this request are in ${file}.`)
  return result.outcome.class === 'OK' ? 0 : 1
}
