import { forwardFromInternet, type InternetForward } from '@hoplab/cluster/kind'
import type { Deadline } from '@hoplab/core'

/** Lets programs of this machine in until the deadline ends, then rejects with its reason; by then nothing is open any more. @param opened told the port of 127.0.0.1 @throws HOP_PORT_TAKEN */
export async function openUntilStopped(way: InternetForward, deadline: Deadline, opened: (port: number) => void): Promise<never> {
  await using forward = await forwardFromInternet(way, deadline)
  opened(forward.port)
  const { signal } = deadline
  return await new Promise<never>((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
