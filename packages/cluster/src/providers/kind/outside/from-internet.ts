import type { Deadline } from '@hoplab/core'
import { dockerPipe } from '../../../engine/docker.ts'
import { runVariable } from '../../../state/processes.ts'
import { machineName } from '../names.ts'
import { forwardLocally, type LocalForward } from './local-forward.ts'

/** Where connections to a port of this machine lead. */
export interface InternetForward {
  lab: string
  /** Of the cluster: whoever removes it ends what we started for it. */
  runId: string
  /** On 127.0.0.1; 0 = one that is free. */
  port: number
  /** `ip:port` as the lab's host on the internet reaches it. */
  to: string
  /** The same for connections that begin with TLS. @default `to`, and no client's first byte is waited for */
  tls?: string
  /** Told why a connection was lost. */
  lost(why: string): void
}

/** How long one side of a connection may still speak when the other has said all, and how long an address has to answer, in seconds. */
const seconds = { linger: 3, connect: 5 }

/**
 * Lets programs of this machine ask what only a lab's internet reaches, on any system whose docker client works: nothing here needs a route to the lab.
 * Each connection is carried by a program of its own in the container of the host on the internet, so what it asks sees that host as its client.
 * @throws HOP_PORT_TAKEN
 */
export function forwardFromInternet({ lab, runId, port, to, tls, lost }: InternetForward, deadline: Deadline): Promise<LocalForward> {
  return forwardLocally({
    port, lost, tellsTls: tls !== undefined,
    carrier: (isTls) => dockerPipe(['exec', '--interactive', machineName(lab, 'internet'), 'socat', '-t', String(seconds.linger), 'STDIO', `TCP:${isTls && tls !== undefined ? tls : to},connect-timeout=${seconds.connect}`], { [runVariable]: runId }),
  }, deadline)
}
