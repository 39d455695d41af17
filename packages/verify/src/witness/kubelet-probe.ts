import { plainLine } from '@hoplab/core'
import { NotMet } from '../kinds/look.ts'
import type { Container, Pod } from '../scene/kube-shapes.ts'
import { podName } from '../scene/pods.ts'
import { portOn } from '../scene/services.ts'

/** How the kubelet asks a Pod over the network whether it is ready, and at which port. */
export interface NetworkProbe { by: 'httpGet' | 'tcpSocket'; port: number }

/**
 * The readiness probe of a Pod that crosses the network between node and Pod. Throws `NotMet` where there is none: one that runs a program stays
 * inside, and one with a `host` of its own asks somebody else.
 */
export function kubeletProbe(pod: Pod): NetworkProbe {
  const probes = (pod.spec?.containers ?? []).flatMap((container) => actionOf(container) ?? [])
  const [own] = probes.filter(({ host }) => host === undefined || host === pod.status?.podIP)
  const [foreign] = probes
  if (own === undefined) {
    throw new NotMet(foreign ? `The readiness probe of Pod ${podName(pod)} asks ${plainLine(String(foreign.host), 60)}, not the Pod, so that it succeeds says nothing of the Pod.`
      : `Pod ${podName(pod)} has no readiness probe by httpGet or tcpSocket, so the kubelet asks it nothing over the network.`)
  }
  const port = portOn(pod, own.port)
  if (port === undefined) throw new NotMet(`The readiness probe of Pod ${podName(pod)} asks a port ${plainLine(String(own.port), 60)}, which no container of it has.`)
  return { by: own.by, port }
}

function actionOf({ readinessProbe }: Container): { by: NetworkProbe['by']; port: number | string; host: string | undefined } | undefined {
  const by = (['httpGet', 'tcpSocket'] as const).find((one) => readinessProbe?.[one] !== undefined)
  const action = by === undefined ? undefined : readinessProbe?.[by] as { port?: number | string; host?: string }
  return by === undefined || action?.port === undefined ? undefined : { by, port: action.port, host: action.host === '' ? undefined : action.host }
}
