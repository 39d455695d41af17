import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { Answers } from '@hoplab/model'
import { HOP_ANSWER_UNREADABLE } from './errors.ts'
import { describePod, fieldAt, onePod } from './find-pod.ts'

type Reference = Exclude<Answers[string], string>

/**
 * Answers as text: a literal stays, a reference is read from the running cluster now, as a learner would have read it.
 * @throws HOP_POD_NOT_FOUND when no such Pod runs, HOP_ANSWER_UNREADABLE when there is no such object or field
 */
export async function readAnswers(
  answers: Answers, namespace: string, kube: KubeClient, deadline: Deadline,
): Promise<Record<string, string>> {
  const entries = await Promise.all(Object.entries(answers).map(async ([key, value]) =>
    [key, typeof value === 'string' ? value : await readField(key, value, namespace, kube, deadline)] as const))
  return Object.fromEntries(entries)
}

async function readField(key: string, value: Reference, namespace: string, kube: KubeClient, deadline: Deadline): Promise<string> {
  const object = await referredTo(key, value, namespace, kube, deadline)
  const found = fieldAt(object, value.field)
  if (found === undefined || found === null) {
    const what = 'pod' in value ? `Pod ${describePod(value.pod, namespace)}` : `${value.object.kind} ${value.object.name}`
    throw HOP_ANSWER_UNREADABLE({ key, what, field: value.field })
  }
  return typeof found === 'string' ? found : JSON.stringify(found)
}

async function referredTo(
  key: string, value: Reference, namespace: string, kube: KubeClient, deadline: Deadline,
): Promise<KubeObject | undefined> {
  if ('pod' in value) return onePod(value.pod, namespace, `for the answer "${key}"`, kube, deadline)
  return kube.get({ namespace, ...withoutUndefined(value.object) }, deadline)
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}
