import type { CniInstaller } from '@hoplab/cni'
import { type Deadline, exitCodes, HopError, phase } from '@hoplab/core'
import { type MatrixColumn, type MatrixResult, matrixSchemaVersion, optionsText, type ProxyMode, together } from '@hoplab/model'
import { HOP_NETWORK_NOT_READY } from '../errors.ts'
import { fullSpec, type OpenLabSpec } from '../spec.ts'
import { answersTo } from './answers.ts'
import type { Heard } from './interview.ts'
import { askNetwork } from './one-cluster.ts'
import { questionsFor } from './questions.ts'
import { matrixLab, workers } from './scene.ts'
import type { TraceOf } from './ways.ts'

/** One network to be asked. */
export interface MatrixNetwork { installer: CniInstaller; proxyMode: ProxyMode }

/** What comparing networks takes. Whoever composes picks the implementations. */
export interface MatrixSpec extends Pick<OpenLabSpec, 'provider' | 'verifier' | 'images' | 'store' | 'imageSource' | 'progress' | 'emit'> {
  /** Name of the clusters, one after another; @default matrix */
  name?: string
  /** In the order of the table's columns. */
  networks: readonly MatrixNetwork[]
  trace: TraceOf
}

/**
 * Asks each network the same questions, on a cluster of its own that is removed before the next is made. A network of which our environment fails
 * keeps its column, with the reason and the answers it had given; an interruption or the end of the deadline removes the cluster and ends everything.
 * @throws HOP_NETWORK_NOT_READY (exit 3) before anything is made, where a network cannot be installed here; HOP_LAB_ALREADY_UP, HOP_INTERRUPTED
 */
export async function compareNetworks(spec: MatrixSpec, deadline: Deadline): Promise<MatrixResult> {
  const [started, takenAt] = [deadline.clock.now(), deadline.clock.timestamp()]
  for (const { installer } of spec.networks) {
    const probed = await installer.probe(spec.imageSource, deadline)
    if (!probed.ready) throw HOP_NETWORK_NOT_READY({ cni: installer.name, reasons: probed.reasons })
  }
  const columns: MatrixColumn[] = []
  for (const [index, network] of spec.networks.entries()) columns.push(await column(spec, network, { place: `${index + 1} of ${spec.networks.length}`, deadline }))
  return {
    schemaVersion: matrixSchemaVersion, takenAt, images: spec.imageSource, workers,
    verdict: together(columns.map((one) => one.verdict)), columns, durationMs: deadline.clock.now() - started,
  }
}

/** Of one network, for those who wait. Milliseconds; measured: 50 to 130 s on 2 cores, most of it the cluster. */
const expectedMs = 75_000

async function column(spec: MatrixSpec, { installer, proxyMode }: MatrixNetwork, { place, deadline }: { place: string; deadline: Deadline }): Promise<MatrixColumn> {
  const { networks: _networks, trace, name = 'matrix', ...rest } = spec
  const full = fullSpec({ ...rest, name, lab: matrixLab(installer.name), installer, proxyMode, temporary: true })
  const [started, takenAt] = [deadline.clock.now(), deadline.clock.timestamp()]
  const heard: Heard = { checks: [] }
  let failure: HopError | undefined
  try {
    await phase(full.progress, `network ${place}: ${[installer.name, optionsText(installer.options)].filter(Boolean).join(' ')}, ${proxyMode}`, () => askNetwork(full, { trace, heard, deadline }), expectedMs)
  } catch (error) {
    if (!isOurFailure(error)) throw error
    failure = error
  }
  const answers = answersTo(questionsFor(installer.capabilities), heard.checks)
  return {
    cni: installer.name, ...(installer.options ? { cniOptions: installer.options } : {}), proxyMode, takenAt, ...heard, answers, durationMs: deadline.clock.now() - started,
    verdict: together([...answers.map((one) => one.verdict), ...(failure ? ['inconclusive' as const] : [])]), ...(failure ? { error: factsOf(failure) } : {}),
  }
}

/** What is told of a failure. */
function factsOf({ facts: { code, what, why, fix, evidence } }: HopError): NonNullable<MatrixColumn['error']> {
  return { code, what, why, fix, ...(evidence === undefined ? {} : { evidence }) }
}

/** Our environment failed, and not for want of time: the next network may do better. */
const isOurFailure = (error: unknown): error is HopError => error instanceof HopError && error.exitCode === exitCodes.inconclusive && error.code !== 'HOP_DEADLINE_EXCEEDED'
