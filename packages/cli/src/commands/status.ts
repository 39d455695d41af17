import { columns } from '@hoplab/report'
import { useOwnEngine } from '@hoplab/images'
import { type CommandContext, printResult } from '../context.ts'
import { folderStore, rememberedLabs } from '../folder-store.ts'
import { providerOf } from '../implementations.ts'

/** `hoplab status` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const found = await (await providerOf('kind')).list(context.deadline)
  const names = [...new Set([...found.map((one) => one.name), ...await rememberedLabs()])].sort()
  const labs = await Promise.all(names.map(async (name) => {
    const saved = await folderStore(name).read()
    const cluster = found.find((one) => one.name === name)
    const steps = Object.values(saved?.steps ?? {})
    return {
      name, lab: saved?.lab ?? null, state: cluster === undefined ? 'gone' : cluster.state === 'up' && saved?.handedOver ? 'up' : 'partial',
      provider: saved?.provider ?? null, cni: saved?.cni ?? null, stepsDone: steps.filter((step) => step.done).length, faults: saved?.faults ?? [],
      points: saved?.lastResult?.points ?? null, maxPoints: saved?.lastResult?.maxPoints ?? null, containers: cluster?.containers ?? [], networks: cluster?.networks ?? [],
    }
  }))
  printResult(context, { labs }, () => (labs.length === 0 ? 'Nothing is up. "hoplab up first-packet" makes the first lab.' : columns(
    ['name', 'lab', 'state', 'cni', 'steps done', 'points', 'containers'],
    labs.map((lab) => [lab.name, lab.lab ?? '-', lab.state, lab.cni ?? '-', String(lab.stepsDone), lab.points === null ? '-' : `${lab.points} of ${lab.maxPoints}`, String(lab.containers.length)]), context.look)))
  return 0
}
