/**
 * The story of the first lab, told through the library instead of the command line: `node scripts/first-packet-story.ts [NAME]`.
 * A pattern for lab scripts of your own: pick the implementations, open a lab, call what a learner would type.
 * Needs a container engine and the images (`./hoplab images build`). Removes everything it makes, also on Ctrl-C.
 */
import { join } from 'node:path'
import { readLab } from '@hoplab/catalog/fs'
import { folderStore } from '@hoplab/cli/folder-store'
import { kindProvider } from '@hoplab/cluster/kind'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { Deadline, HOP_INTERRUPTED, HopError } from '@hoplab/core'
import { openLab } from '@hoplab/engine'
import { imageSet, useOwnEngine } from '@hoplab/images'
import { duration, errorText, lookOf, plainReporter, resultText } from '@hoplab/report'
import { createVerifier } from '@hoplab/verify'
import { chalk, echo } from 'zx'

const name = process.argv[2] ?? 'story'
const look = lookOf({ env: process.env, isTTY: process.stderr.isTTY })
const reporter = plainReporter((text) => process.stderr.write(text), look)
const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort(HOP_INTERRUPTED()))
using deadline = Deadline.start('the story of the first packet', 15 * 60_000, { signal: interruption.signal })

useOwnEngine()
const lab = openLab({
  name,
  lab: await readLab(join(import.meta.dirname, '../labs'), 'first-packet'),
  provider: kindProvider(),
  installer: flannelInstaller(),
  verifier: createVerifier(),
  images: { 'hoplab/echo': imageSet('local').echo },
  imageSource: 'auto',
  store: folderStore(name),
  temporary: true,
  progress: (event) => reporter.hear(event),
})

try {
  const { cluster } = await lab.up(deadline)
  echo(chalk.bold(`${cluster.nodes.length} nodes are up. As handed over:`))
  echo(resultText(await lab.check(deadline), look))

  const hint = await lab.learner.takeHint('mend')
  echo(chalk.bold(`\nHint ${hint.level} (${hint.cost} points): `) + hint.text)

  await lab.solveAsProof(deadline, { solution: '2' })
  const solved = await lab.check(deadline)
  echo(chalk.bold('\nAfter the second solution:'))
  echo(resultText(solved, look))

  const fault = await lab.inject(deadline, '1')
  const broken = await lab.check(deadline)
  echo(chalk.bold(`\nWith the fault "${fault.title.en}":`))
  echo(resultText(broken, look))

  await lab.reset(deadline)
  const again = await lab.check(deadline)
  echo(chalk.bold(`\nAfter a reset: ${again.verdict}, ${again.points} points. Solved: ${solved.points} of ${solved.maxPoints} in ${duration(solved.durationMs)}.`))
  process.exitCode = solved.verdict === 'pass' && broken.verdict === 'fail' && again.points === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof HopError)) throw error
  console.error(errorText(error.facts, look))
  process.exitCode = error.exitCode
} finally {
  if (lab.touched) await lab.downAfterwards()
}
