/** Builds the steps named on the command line; a process that a test can kill. */
import { Deadline } from '@hoplab/core'
import { buildImages, useOwnEngine } from '../src/index.ts'

useOwnEngine()
using deadline = Deadline.start('build', 300_000)
await buildImages({ deadline, only: process.argv.slice(2) })
