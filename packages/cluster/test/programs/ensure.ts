// Makes a cluster until it is killed. Prints each phase as it starts, so that the test knows when to kill.
import { Deadline } from '@hoplab/core'
import { kindProvider } from '@hoplab/cluster/kind'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { useOwnEngine } from '@hoplab/images'
import { specOf } from './spec.ts'

useOwnEngine()
const deadline = Deadline.start('ensure', 300_000)
await kindProvider().ensure(specOf(process.argv[2] ?? 't-killed'), {
  deadline, network: flannelInstaller(), progress: (event) => { if (event.type === 'phase-start') process.stdout.write(`${event.phase}\n`) },
})
