// Removes a lab until it is killed.
import { Deadline, silent } from '@hoplab/core'
import { kindProvider } from '@hoplab/cluster/kind'
import { useOwnEngine } from '@hoplab/images'

useOwnEngine()
await kindProvider().clean({ name: process.argv[2] ?? '', deadline: Deadline.start('clean', 120_000), progress: silent })
