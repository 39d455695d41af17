import { checkResult, checkSpecWith } from '@hoplab/model'
import type { WrittenCheck } from '../testing/index.ts'
import { demand, demandVerdict } from './demand.ts'
import { emptied, healthyLab, kindsOf, type KindContract, look, programsRun, verify } from './subject.ts'
import type { TestApi } from './test-api.ts'

/** Green when all is well, red on each fault and over nothing, and never without saying why. */
export function verdictPromises(contract: KindContract, { test }: TestApi): void {
  let healthyWhy: Promise<string> | undefined
  const whyHealthy = (): Promise<string> => healthyWhy ??= look(contract).then(({ result }) => result.why)
  test('passes in a healthy lab, with evidence, a sentence and full points', async () => {
    const { result, lab } = await look(contract)
    demandVerdict(result, 'pass', 'in a healthy lab')
    demand(result.evidence.length > 0, 'A pass must rest on at least one witness')
    for (const one of result.evidence) demand([one.witness, one.observed, one.expected].every((text) => text.trim() !== ''), 'Evidence must name its witness, what was observed and what was expected', one)
    demand(checkResult.safeParse(result).success, 'The result must have the shape of checkResult', result)
    const ran = programsRun(lab)
    if (contract.programs ?? true) demand(ran.length > 0, 'No program was run on any node: say so with "programs: false", or the harness cases show nothing')
    else demand(ran.length === 0, 'Programs were run on nodes, though the contract says "programs: false"', ran)
  })
  test('shows a control beside packets it sent from somewhere', async () => {
    const { result, lab } = await look(contract)
    const probes = 'from' in healthyLab(contract).check && programsRun(lab).some((program) => program.endsWith('hoplab-probe'))
    if (probes) demand(result.evidence.some(({ witness }) => witness === 'control'), 'A check that sends packets needs a control that must pass at the same time, and shows it as evidence', result.evidence)
  })
  for (const [name, spoil] of Object.entries(contract.faults)) {
    test(`fails on ${name}, and says why`, async () => {
      const { result } = await look(contract, { spoil })
      demandVerdict(result, 'fail', `on ${name}`)
      demand(result.why !== await whyHealthy(), `The check says on ${name} what it says in a healthy lab`, result.why)
    })
  }
  test('fails where there is nothing to look at', async () => {
    const { result } = await look(contract, { spoil: contract.nothing?.bind(contract) ?? emptied })
    demandVerdict(result, 'fail', 'over nothing')
  })
  test('refuses a field it does not know', () => {
    const { check } = healthyLab(contract)
    const schema = checkSpecWith(kindsOf(contract))
    const written: WrittenCheck = { id: 'c', title: { en: 'x', 'hi-Latn': 'x' }, ...check }
    demand(schema.safeParse(written).success, 'The healthy check must be of the shape of its kind', schema.safeParse(written).error?.issues)
    demand(!schema.safeParse({ ...written, misspelt: 1 }).success, 'A misspelt field must be refused')
  })
  test('is not disturbed by a second look at the same time, nor by a broken lab beside it', async () => {
    const { lab, check } = healthyLab(contract)
    const broken = Object.values(contract.faults)[0]
    const [twins, other] = await Promise.all([verify(contract, lab, [{ within: 0.5, ...check, id: 'one' }, { within: 0.5, ...check, id: 'two' }]), verify(contract, lab, [check]), broken && look(contract, { spoil: broken })])
    for (const result of [...twins, ...other]) demandVerdict(result, 'pass', 'beside others')
  })
}
