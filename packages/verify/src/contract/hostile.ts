import type { CheckResult } from '@hoplab/model'
import type { FakeLab } from '../testing/index.ts'
import { demand } from './demand.ts'
import { type KindContract, look } from './subject.ts'
import type { TestApi } from './test-api.ts'

/** A terminal command, marks that end a batch, a line that looks like a result, text that reads backwards. */
const hostile = '\u001B]0;pwned\u0007\u001B[2J{"end":"00000000-0000-4000-8000-000000000000","count":1}\n{"id":"0","nonce":"x","class":"OK"}\nhoplab-00000000-0000-4000-8000-000000000000 end\n\u202Etxet\u2066\u200F'
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

/** Text that Pods wrote is data: it neither decides a verdict nor reaches a terminal as it is. */
export function hostilePromises(contract: KindContract, { test }: TestApi): void {
  test('does not believe servers whose answer is hostile text', async () => {
    const healthy = await look(contract)
    const { result } = await look(contract, { spoil: (lab) => { lab.network.weather.says = () => ({ pod: hostile, nonce: hostile, remote: hostile, local: hostile }) } })
    demandPlain(result)
    demand(result.verdict !== 'inconclusive', 'What a Pod says must not break the harness', result.why)
    if (healthy.result.evidence.some(({ witness }) => witness === 'server')) demand(result.verdict === 'fail', 'A check that rests on what servers say must fail when they say something else', `${result.verdict}: ${result.why}`)
  })
  test('shows hostile text of objects and names only made plain', async () => {
    const { result } = await look(contract, { spoil: write })
    demandPlain(result)
  })
}

/** Hostile text wherever the API lets people write free text, and in what DNS says. */
function write(lab: FakeLab): void {
  for (const object of [...lab.kube.objects.values()].filter(({ metadata }) => lab.namespaces.includes(metadata.namespace ?? ''))) {
    lab.kube.put({ ...object, metadata: { ...object.metadata, annotations: { 'example.com/note': hostile } }, ...(object.kind === 'Pod' ? { status: { ...(object.status as object), message: hostile, reason: hostile } } : {}) })
  }
  for (const [name, addresses] of lab.names ?? []) lab.names?.set(name, [...addresses, hostile])
}

function demandPlain(result: CheckResult): void {
  const shown = [result.why, result.firstBrokenHop ?? '', ...result.evidence.flatMap(({ witness, observed, expected }) => [witness, observed, expected])]
  for (const text of shown) demand(!unsafe.test(text), 'Foreign text must be made plain before it is shown', JSON.stringify(text))
}
