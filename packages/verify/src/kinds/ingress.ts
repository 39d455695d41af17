import { ingressController, type CheckOf, type Evidence } from '@hoplab/model'
import { requireInternet } from '../probes/internet-control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podsCommand } from '../scene/origin.ts'
import { isBackend } from '../scene/pods.ts'
import { endpointsOf, serviceOf } from '../scene/services.ts'
import { askController, type Answered, certificateOf, describeAnswer, type Question } from '../witness/controller.ts'
import { requireEndpoint, requirePlain } from '../witness/controller-claim.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

type Spec = CheckOf<'ingress'>

/**
 * `ingress`: at every Pod of the Ingress controller the internet is answered for this host and each path by an endpoint of the Service that is named, or by
 * the controller itself that there is nothing; with a `certificate`, by TLS that this certificate proves.
 *
 * Witnesses: the client, to which TLS is proven and which gets its nonce back; the server, which says at which address, and by whom it was asked; the
 * API's EndpointSlices; the same server, which the controller's place asks again in plain HTTP, so that TLS must have ended before it. Control: the
 * gateway asks the host that asks. Known false pass: where nobody may answer, a program behind a rule that says 404 itself is taken for the controller.
 * Known false fail: servers other than the lab's own image, whose words count for nothing.
 */
export const ingress: CheckKind<'ingress'> = {
  atItsOwnPace: true,
  async look(spec, round) {
    const controllers = controllersOf(round)
    const certificate = spec.certificate === undefined ? undefined : await certificateOf(round, spec.certificate)
    const questions = controllers.flatMap((controller) => spec.paths.map((asked): Question => ({ controller, host: spec.host, path: asked.path, certificate })))
    const [control, ...answers] = await Promise.all([requireInternet(round), ...questions.map((question) => askController(round, question))])
    const evidence: Evidence[] = []
    for (const answer of answers) evidence.push(...await judged(spec, round, answer))
    return { state: 'green', nodes: [], evidence: [...evidence, ...control], why: whyGreen(spec) }
  },
}

/** Ready Pods of the controller. */
function controllersOf(round: Round): Pod[] {
  const { namespace, name } = ingressController
  const found = round.snapshot.pods.filter((pod) => pod.metadata.namespace === namespace && pod.metadata.labels?.app === name && isBackend(pod))
  if (found.length === 0) throw new NotMet('No Pod of the Ingress controller is ready.', [{ witness: 'api', observed: 'no ready Pod', expected: `Pods ${namespace}/${name}`, command: podsCommand(namespace) }], `Ingress controller ${namespace}/${name}`, 0)
  return found
}

async function judged(spec: Spec, round: Round, answer: Answered): Promise<Evidence[]> {
  const asked = spec.paths.find(({ path }) => path === answer.question.path)
  const evidence = describeAnswer(answer, asked?.service)
  if (asked?.service === undefined) {
    if (answer.status === 404 && answer.server === undefined) return evidence
    throw new NotMet(`${answer.url} is answered (${answer.ended}), and there should be nothing.`, evidence)
  }
  const namespace = round.defaultNamespace
  const label = `Service ${namespace}/${asked.service}:${asked.port}`
  const service = serviceOf(round.snapshot, namespace, asked.service)
  if (!service) throw new NotMet(`There is no Service ${namespace}/${asked.service}.`, evidence, label, 0)
  const endpoints = endpointsOf(round.snapshot, service, asked.port)
  const server = requireEndpoint(round, { answer, endpoints, label, evidence })
  return [...evidence, await requirePlain(round, answer, server)]
}

function whyGreen({ host, paths, certificate }: Spec): string {
  const who = paths.map(({ path, service }) => (service === undefined ? `nobody for ${path}` : `an endpoint of Service ${service} for ${path}`))
  return `For ${host} the Ingress controller lets answer ${who.join(', ')}${certificate === undefined ? '' : `; TLS ends there, with the certificate of Secret ${certificate}`}.`
}
