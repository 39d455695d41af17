import { openUp } from '../compose.ts'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { HOP_USAGE } from '../errors.ts'
import { balancedService } from '../open/balanced-service.ts'
import { ingressHosts } from '../open/ingress-hosts.ts'
import { openUntilStopped } from '../open/until-stopped.ts'
import { requireWay, type Way } from '../open/way.ts'

/** `hoplab open lb|ingress [SERVICE] [--port N]`: lasts until Ctrl-C. @throws HOP_WAY_MISSING, HOP_NOTHING_TO_OPEN, HOP_PORT_TAKEN */
export async function run(context: CommandContext): Promise<number> {
  const { deadline, say } = context
  const [word, service] = context.args
  const way = word as Way
  const wanted = portFlag(context)
  if (way === 'ingress' && service !== undefined) throw HOP_USAGE({ said: 'An Ingress controller is opened whole; it chooses Services itself, by host and path.', fix: 'Write "hoplab open ingress".' })
  const { run: labRun, lab } = await openUp(context)
  const { name } = labRun.spec
  await using cluster = await labRun.cluster(deadline)
  requireWay(way, name, cluster)
  const { namespaces } = lab.file
  const wayIn = way === 'lb' ? await balancedService(service, cluster, namespaces, deadline) : await ingressHosts(cluster, namespaces, deadline)
  const { to, tls } = wayIn
  return await openUntilStopped({ lab: name, runId: cluster.runId, port: wanted, to, ...(tls === undefined ? {} : { tls }), lost: (why) => say(`A connection was lost: ${why}`) }, deadline, (port) => {
    printResult(context, { lab: name, way, ...wayIn.facts(port) }, () => wayIn.text(port))
    say('It stays open until Ctrl-C.')
  })
}

/** The port to listen at; 0 = one that is free. @throws HOP_USAGE */
function portFlag(context: CommandContext): number {
  const said = textFlag(context, 'port')
  if (said === undefined) return 0
  const port = Number(said)
  if (/^\d+$/u.test(said) && port >= 1 && port <= 65_535) return port
  throw HOP_USAGE({ said: `"${said}" is no port.`, fix: 'Write a number from 1 to 65535, e.g. "--port 8080", or leave it out.' })
}
