import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { Answers, LiveValue } from '@hoplab/model'
import { HOP_LIVE_VALUE_UNREADABLE } from './errors.ts'
import { describePod, fieldAt, onePod } from './find-pod.ts'

/** Where live values are read from. */
export interface LiveSource {
  kube: KubeClient
  /** Default of references. */
  namespace: string
  deadline: Deadline
}

/**
 * Answers as text: a literal stays, a live value is read from the running cluster now, as a learner would have read it.
 * @throws HOP_POD_NOT_FOUND when no such Pod runs, HOP_LIVE_VALUE_UNREADABLE when there is no such object or field
 */
export async function readAnswers(answers: Answers, source: LiveSource): Promise<Record<string, string>> {
  const entries = await Promise.all(Object.entries(answers).map(async ([key, value]) => {
    const found = typeof value === 'string' ? value : await readLive(value, source)
    return [key, typeof found === 'string' ? found : JSON.stringify(found)] as const
  }))
  return Object.fromEntries(entries)
}

/** A JSON value in which every object `{"$live": …}` is replaced by what the cluster says now. */
export async function withLiveValues(value: unknown, source: LiveSource): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withLiveValues(item, source)))
  if (value === null || typeof value !== 'object') return value
  if ('$live' in value) return readLive(value.$live as LiveValue, source)
  const entries = await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await withLiveValues(inner, source)] as const))
  return Object.fromEntries(entries)
}

/** Whether {@link withLiveValues} would read something for it. */
export function hasLiveValue(value: unknown): boolean {
  return value !== null && typeof value === 'object' && ('$live' in value || Object.values(value).some(hasLiveValue))
}

async function readLive(value: LiveValue, source: LiveSource): Promise<unknown> {
  const object = await referredTo(value, source)
  const found = fieldAt(object, value.field)
  if (found === undefined || found === null) {
    const what = 'pod' in value ? `Pod ${describePod(value.pod, source.namespace)}` : `${value.object.kind} ${value.object.name}`
    throw HOP_LIVE_VALUE_UNREADABLE({ what, field: value.field })
  }
  return found
}

async function referredTo(value: LiveValue, { kube, namespace, deadline }: LiveSource): Promise<KubeObject | undefined> {
  if ('pod' in value) return onePod(value.pod, namespace, `to read ${value.field} of`, kube, deadline)
  const { apiVersion, kind, name } = value.object
  return kube.get({ apiVersion, kind, name, namespace: value.object.namespace ?? namespace }, deadline)
}
