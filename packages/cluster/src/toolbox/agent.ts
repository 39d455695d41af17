import { Deadline, messageOf } from '@hoplab/core'
import type { Conversation } from '@hoplab/core/node'
import { z } from 'zod'
import { docker, dockerConversation } from '../engine/docker.ts'
import { HOP_TOOLBOX_GONE } from '../errors.ts'
import type { ToolboxResult } from '../port.ts'
import { runVariable } from '../state/processes.ts'

// The program's side of this shape: packages/images/programs/internal/agent/agent.go.
const ending = z.object({ id: z.string(), exitCode: z.int(), stdout: z.string().nullable(), stderr: z.string().nullable() })
type Ending = z.infer<typeof ending>

interface Waiting { resolve: (ending: Ending) => void; reject: (reason: unknown) => void }

/** How long an agent that nobody asks anything stays, in milliseconds: checks ask in bursts, and one that is there answers in a few. */
const idleMs = 5_000
/** How often a container is looked at while programs in it run, in milliseconds; most end long before. */
const lookEveryMs = 3_000
/** Beyond our own bound, in milliseconds: whoever set the bound says that it is over, the agent only tidies up. */
const tidyMs = 1_000

/** The engine calls a toolbox started before its first program has written its number (seen on a busy machine). */
const startAgent = 'for try in $(seq 100); do [ -s /run/hoplab-toolbox.pid ] && break; sleep 0.1; done; exec hoplab-agent /run/hoplab-toolbox.pid'

/**
 * Runs programs in a container through one process that stays there (`hoplab-agent`): an exec through the engine costs a tenth of a second of a
 * processor, a program started by the agent some milliseconds (measured here on two cores). It is started when it is first needed and ends when it has been idle
 * for some seconds, when this process ends, or with the container.
 */
export class ToolboxAgent {
  readonly #container: string
  readonly #runId: string
  readonly #waiting = new Map<string, Waiting>()
  #conversation: Conversation | undefined
  #idle: NodeJS.Timeout | undefined
  #nextLook: NodeJS.Timeout | undefined

  /** @param container name or id
   *  @param runId of the cluster; whoever removes its lab ends our client too, which would else wait on for a container that is gone */
  constructor(container: string, runId: string) {
    this.#container = container
    this.#runId = runId
  }

  /**
   * Runs argv and reports its own exit code; 124 when the deadline ended it there. An abort ends the program and throws the signal's reason.
   * @throws HOP_TOOLBOX_GONE when the container does not run, has no agent, or ends meanwhile
   */
  async exec(argv: readonly string[], { deadline, input }: { deadline: Deadline; input?: string }): Promise<ToolboxResult> {
    deadline.throwIfOver()
    const started = performance.now()
    const id = crypto.randomUUID()
    const conversation = this.#begin()
    const left = deadline.remainingMs()
    const end = new Promise<Ending>((resolve, reject) => { this.#waiting.set(id, { resolve, reject }) })
    const onAbort = (): void => {
      conversation.say(JSON.stringify({ id, cancel: true }))
      this.#waiting.get(id)?.reject(deadline.signal.reason)
    }
    deadline.signal.addEventListener('abort', onAbort, { once: true })
    try {
      conversation.say(JSON.stringify({
        id, argv, ...(input === undefined ? {} : { input: Buffer.from(input).toString('base64') }), ...(Number.isFinite(left) ? { timeoutMs: Math.ceil(left) + tidyMs } : {}),
      }))
      const { exitCode, stdout, stderr } = await end
      return { exitCode, stdout: text(stdout), stderr: text(stderr), durationMs: performance.now() - started }
    } finally {
      deadline.signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(id)
      this.#rest()
    }
  }

  #begin(): Conversation {
    clearTimeout(this.#idle)
    const conversation = this.#conversation ??= this.#start()
    conversation.keep()
    if (this.#waiting.size === 0) this.#lookLater(conversation)
    return conversation
  }

  #start(): Conversation {
    const conversation = dockerConversation(['exec', '--interactive', this.#container, 'sh', '-c', startAgent], (line) => this.#hear(line), { [runVariable]: this.#runId })
    void this.#mourn(conversation)
    this.#lookLater(conversation)
    return conversation
  }

  /** The engine's client waits on when a container ends beneath its program (seen here, for a minute), so somebody has to look while one is waited for. */
  #lookLater(conversation: Conversation): void {
    clearTimeout(this.#nextLook)
    this.#nextLook = setTimeout(async () => {
      const gone = await this.#isGone()
      if (this.#conversation !== conversation || this.#waiting.size === 0) return
      if (gone) this.#leave(conversation)
      else this.#lookLater(conversation)
    }, lookEveryMs)
    // The conversation keeps this process alive as long as somebody waits; a look at nothing need not.
    this.#nextLook.unref()
  }

  async #isGone(): Promise<boolean> {
    using bound = Deadline.start('look at a toolbox', lookEveryMs * 3)
    const said = await docker(['inspect', '--format', '{{.State.Running}}', this.#container], { deadline: bound }).catch(() => undefined)
    return said !== undefined && (said.exitCode === 0 ? said.stdout.trim() === 'false' : /no such/iu.test(said.stderr))
  }

  #leave(conversation: Conversation): void {
    this.#conversation = undefined
    this.#fail('Its container does not run any more.')
    void conversation.end()
  }

  /** Whoever still waits when it ends gets no answer any more. */
  async #mourn(conversation: Conversation): Promise<void> {
    const { exitCode, stderr } = await conversation.ended
    if (this.#conversation !== conversation) return
    this.#conversation = undefined
    this.#fail(stderr || `hoplab-agent ended with ${exitCode}.`)
  }

  /** Every line is whole: what is cut has no end of line. What is none of ours makes all that is asked for unbelievable. */
  #hear(line: string): void {
    let said: Ending
    try {
      said = ending.parse(JSON.parse(line))
    } catch (thrown) {
      this.#fail(`What hoplab-agent said cannot be read: ${messageOf(thrown)}`)
      return
    }
    this.#waiting.get(said.id)?.resolve(said)
  }

  #fail(said: string): void {
    for (const { reject } of this.#waiting.values()) reject(HOP_TOOLBOX_GONE({ container: this.#container, said }))
  }

  #rest(): void {
    if (this.#waiting.size > 0) return
    clearTimeout(this.#nextLook)
    clearTimeout(this.#idle)
    const conversation = this.#conversation
    if (!conversation) return
    conversation.release()
    this.#idle = setTimeout(() => {
      this.#conversation = undefined
      void conversation.end()
    }, idleMs)
    this.#idle.unref()
  }
}

const text = (base64: string | null): string => Buffer.from(base64 ?? '', 'base64').toString('utf8')
