import { canonicalJson, plainLine } from '@hoplab/core'
import type { Evidence, FieldExpectation } from '@hoplab/model'
import { fieldAt } from '../scene/field.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** `object`: fields of one object are what is asked. A missing object meets nothing, not even `exists: false` of a field. */
export const object: CheckKind<'object'> = {
  async look(spec, round) {
    const { apiVersion, kind, name } = spec.object
    // The client leaves the namespace out where the kind has none.
    const found = await round.view.kube.get({ apiVersion, kind, name, namespace: spec.object.namespace ?? round.defaultNamespace }, round.deadline)
    const namespace = found ? found.metadata.namespace : spec.object.namespace ?? round.defaultNamespace
    const label = plainLine(`${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`, 160)
    const command = `hoplab kubectl get ${kind.toLowerCase()} ${name}${namespace === undefined ? '' : ` -n ${namespace}`} -o yaml`
    if (!found) throw new NotMet(`There is no ${label}.`, [{ witness: 'api', command, observed: 'no such object', expected: label }])
    const judged = spec.expect.map((expectation) => judge(found, expectation))
    const evidence: Evidence[] = judged.map(({ path, observed, expected }) => ({ witness: 'api', command, observed: plainLine(`${path} = ${observed}`, 300), expected: plainLine(`${path} ${expected}`, 300) }))
    const wrong = judged.find(({ ok }) => !ok)
    if (wrong) throw new NotMet(`${label} has ${plainLine(`${wrong.path} = ${wrong.observed}`, 160)}; asked is: ${plainLine(wrong.expected, 160)}.`, evidence)
    return { state: 'green', nodes: [], evidence, why: `${label} is as asked.` }
  },
}

function judge(found: unknown, expectation: FieldExpectation): { ok: boolean; path: string; observed: string; expected: string } {
  const value = fieldAt(found, expectation.path)
  const size = Array.isArray(value) ? value.length : value !== null && typeof value === 'object' ? Object.keys(value).length : undefined
  const demands: [ok: boolean, text: string][] = []
  if (expectation.equals !== undefined) demands.push([value !== undefined && canonicalJson(value) === canonicalJson(expectation.equals), `= ${JSON.stringify(expectation.equals)}`])
  // A missing list has no length: 0 = 0 over nothing is how graders give points for nothing.
  if (expectation.length !== undefined) demands.push([size === expectation.length, `has ${expectation.length} entries`])
  if (expectation.exists !== undefined) demands.push([(value !== undefined) === expectation.exists, expectation.exists ? 'exists' : 'does not exist'])
  const observed = value === undefined ? 'missing' : `${JSON.stringify(value)}${expectation.length === undefined || size === undefined ? '' : ` (${size} entries)`}`
  return { ok: demands.length > 0 && demands.every(([ok]) => ok), path: expectation.path, observed, expected: demands.map(([, text]) => text).join(' and ') || 'nothing' }
}
