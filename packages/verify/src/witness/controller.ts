import { plainLine } from '@hoplab/core'
import { type Evidence, ingressController, outsideMachines } from '@hoplab/model'
import { z } from 'zod'
import { NotMet } from '../kinds/look.ts'
import { Broken } from '../probes/broken.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'

/** What is asked of one Pod of the Ingress controller. `certificate`: PEM by which TLS must be proven; without one it is plain HTTP. */
export interface Question { controller: Pod; host: string; path: string; certificate: string | undefined }

/** What the lab's server says of a request. Foreign text. */
export interface SaidByServer { pod: string; nonce: string; remote: string; local: string }

/** What came of it. */
export interface Answered {
  question: Question
  nonce: string
  url: string
  /** Host, port and address of the node, as curl's `--resolve` takes them. */
  place: string
  /** HTTP status; undefined when none came. */
  status: number | undefined
  /** In words: the status, or how the client ended. */
  ended: string
  /** Missing when what came is no answer of the lab's server. */
  server: SaidByServer | undefined
}

/** Name of the script, by which fakes know it. */
export const controllerProgram = 'hoplab-controller'
/** Prints its mark, then what curl prints. Arguments: mark, PEM or nothing, curl's own. */
const script = 'printf "%s\\n" "$1"; pem=$2; shift 2; if [ "$pem" ]; then exec curl --cacert <(printf "%s\\n" "$pem") "$@"; fi; exec curl "$@"'
/** How curl ends (curl(1), EXIT CODES). */
const ends: Readonly<Record<number, string>> = { 7: 'connection refused', 28: 'no answer in time', 35: 'TLS failed', 52: 'no answer', 56: 'connection reset', 60: 'the certificate is another one' }
const said = z.object({ echo: z.literal(1), pod: z.string(), nonce: z.string(), remote: z.string(), local: z.string() })

/** Asks from the host on the internet, at the NodePort of the controller's own node. @throws Broken when curl could not do its work */
export async function askController(round: Round, question: Question): Promise<Answered> {
  const { controller, host, path, certificate } = question
  const nonce = crypto.randomUUID()
  const [scheme, port] = certificate === undefined ? ['http', ingressController.ports.http] : ['https', ingressController.ports.https]
  const url = `${scheme}://${host}:${port}${path}`
  const address = round.view.nodes.find(({ name }) => name === controller.spec?.nodeName)?.address ?? ''
  const place = `${host}:${port}:${address}`
  const { exitCode, text } = await round.readings.of(outsideMachines.host, ['bash', '-c', script, controllerProgram, `begin ${nonce}`, certificate ?? '',
    '--silent', '--connect-timeout', '2', '--max-time', '3', '--resolve', place, '--write-out', `\n${nonce} %{http_code}`, `${url}?nonce=${nonce}`])
  const at = text.lastIndexOf(`\n${nonce} `)
  const status = Number(text.slice(at).split(' ')[1])
  // 124, 126, 127, 137: too late, not to be run, not there, killed.
  if ([124, 126, 127, 137].includes(exitCode) || !text.startsWith(`begin ${nonce}\n`) || at < 0 || !/^\d{3}$/u.test(text.slice(at).split(' ')[1] ?? '')) throw new Broken('What curl printed on the host on the internet did not arrive whole.', { hopeless: false })
  return {
    question, nonce, url, place, status: status === 0 ? undefined : status, server: serverIn(text.slice(text.indexOf('\n') + 1, at)),
    ended: exitCode === 0 ? `HTTP status ${status}` : ends[exitCode] ?? `curl ended with ${exitCode}`,
  }
}

function serverIn(body: string): SaidByServer | undefined {
  try {
    return said.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

/** The certificate of a Secret of the lab, as PEM. */
export async function certificateOf(round: Round, name: string): Promise<string> {
  const namespace = round.defaultNamespace
  const secret = await round.view.kube.get({ apiVersion: 'v1', kind: 'Secret', name, namespace }, round.deadline)
  const { 'tls.crt': encoded } = ((secret as { data?: Record<string, string> } | undefined)?.data ?? {})
  // A Secret's data is base64 by the API's own rule, and a certificate in it is ASCII.
  const pem = atob(encoded ?? '').trim()
  if (/^-----BEGIN CERTIFICATE-----[\w+/=\s-]{1,16000}$/u.test(pem)) return pem
  throw new NotMet(`Secret ${namespace}/${name} holds no certificate.`, [{ witness: 'api', observed: secret ? 'no certificate in tls.crt' : 'no such Secret', expected: `Secret ${namespace}/${name} of type kubernetes.io/tls`, command: `hoplab kubectl -n ${namespace} get secret ${name} -o yaml` }], `Secret ${namespace}/${name}`, 0)
}

/** What client and server saw. */
export function describeAnswer({ question, url, place, ended, server }: Answered, service: string | undefined): Evidence[] {
  const node = plainLine(question.controller.spec?.nodeName ?? '', 60)
  const client: Evidence = {
    witness: 'client', observed: `${url} at ${node}: ${ended}`, expected: service === undefined ? 'HTTP status 404, of the controller itself' : 'HTTP status 200',
    command: `hoplab shell outside/${outsideMachines.host} curl -sk --resolve ${place} ${url}`,
  }
  if (!server) return [client]
  return [client, { witness: 'server', observed: plainLine(`${server.pod} at ${server.local} was asked from ${server.remote}`, 200), expected: service === undefined ? 'nobody is asked' : `an endpoint of Service ${service}, asked from ${question.controller.status?.podIP}` }]
}
