import type { FaultAction, Language, LabFile, LabResult, SavedLab, SavedStep } from '@hoplab/model'
import { solvedByTool, spentOf } from './credit.ts'
import { HOP_LAB_NOT_HANDED_OVER, HOP_NAME_UNKNOWN, HOP_NO_MORE_HINTS } from './errors.ts'
import type { LabStore } from './lab-store.ts'
import { stepOf } from './placed-checks.ts'
import { savedStep } from './saved-lab.ts'

/** What a hint level says and costs. */
export interface HintOffer { step: string; level: number; cost: number; text: string }

/** What the learner has done so far in one lab: answers, hints, finished steps. Kept in the store, so any terminal sees it. */
export class Learner {
  readonly #lab: LabFile
  readonly #name: string
  readonly #store: LabStore
  readonly #language: Language

  constructor(lab: LabFile, name: string, store: LabStore, language: Language) {
    this.#lab = lab
    this.#name = name
    this.#store = store
    this.#language = language
  }

  /** What is remembered. @throws HOP_LAB_NOT_HANDED_OVER when the lab is not set up */
  async saved(): Promise<SavedLab> {
    const saved = await this.#store.read()
    if (!saved?.handedOver) throw HOP_LAB_NOT_HANDED_OVER({ name: this.#name })
    return saved
  }

  /** Gives answers to questions of a step; graded by its next check. @throws HOP_NAME_UNKNOWN for a key that the step does not ask */
  async answer(step: string, answers: Readonly<Record<string, string>>): Promise<void> {
    const asked = stepOf(this.#lab, step)
    const known = asked.questions.map((question) => question.key)
    for (const key of Object.keys(answers)) {
      if (!known.includes(key)) throw HOP_NAME_UNKNOWN({ sort: `question in step ${asked.id}`, name: key, known })
    }
    await this.#changeStep(asked.id, (before) => ({ ...before, answers: { ...before.answers, ...answers } }))
  }

  /** The next hint of a step, without taking it. @throws HOP_NO_MORE_HINTS */
  async nextHint(step: string): Promise<HintOffer> {
    const asked = stepOf(this.#lab, step)
    const taken = savedStep(await this.saved(), asked.id).hintsTaken
    const hint = asked.hints[taken]
    if (!hint) throw HOP_NO_MORE_HINTS({ step: asked.id })
    return { step: asked.id, level: taken + 1, cost: hint.cost, text: hint.text[this.#language] }
  }

  /** Takes the next hint of a step: its cost comes off the step's points. */
  async takeHint(step: string): Promise<HintOffer> {
    const offer = await this.nextHint(step)
    await this.#changeStep(offer.step, (before) => ({ ...before, hintsTaken: offer.level }))
    await this.#rememberSpent()
    return offer
  }

  /** Marks what the tool solves: it earns no points. See {@link solvedByTool} for which steps that is. */
  async solvedByTool(options: { step?: string; changed: boolean }): Promise<void> {
    await this.change((saved) => (saved.temporary ? saved : { ...saved, steps: solvedByTool(this.#lab, saved, options) }))
    await this.#rememberSpent()
  }

  /** Remembers a result; a step of which every check was in it is done when none is red. */
  async remember(result: LabResult): Promise<void> {
    await this.change((saved) => {
      const steps = { ...saved.steps }
      for (const step of this.#lab.steps) {
        const mine = result.checks.filter((check) => check.step === step.id)
        if (mine.length < step.checks.length) continue
        steps[step.id] = { ...savedStep(saved, step.id), done: mine.every((check) => check.verdict === 'pass' || check.verdict === 'not-offered') }
      }
      return { ...saved, steps, lastResult: result }
    })
  }

  /** Remembers whether a fault is in. */
  async fault(name: string, isIn: boolean): Promise<void> {
    await this.change(({ undo = {}, ...saved }) => {
      const { [name]: _gone, ...others } = undo
      return { ...saved, undo: others, faults: [...saved.faults.filter((one) => one !== name), ...(isIn ? [name] : [])] }
    })
  }

  /** Records what takes one fault by name back, before it is put in. */
  async recordUndo(name: string, actions: FaultAction[]): Promise<void> {
    await this.change(({ undo = {}, ...saved }) => ({ ...saved, undo: { ...undo, [name]: [...undo[name] ?? [], actions] } }))
  }

  /** Forgets answers and faults, of one step's answers if given. Hints stay taken, and what the tool solved stays without points. */
  async startOver(step?: string): Promise<void> {
    await this.change((saved) => ({
      ...saved, faults: [], undo: {},
      steps: Object.fromEntries(Object.entries(saved.steps).map(([id, one]) =>
        [id, step === undefined || step === id ? { ...one, answers: {}, done: false } : one])),
    }))
  }

  /** Forgets everything, hints too: `prove` starts each case with a clean sheet. */
  async forget(): Promise<void> {
    await this.change((saved) => ({ ...saved, steps: {}, faults: [], undo: {} }))
  }

  async change(change: (saved: SavedLab) => SavedLab): Promise<void> {
    await this.#store.write(change(await this.saved()))
  }

  /** Hints and solved steps stay with the learner when the cluster goes; those of `run` and `prove` are nobody's. */
  async #rememberSpent(): Promise<void> {
    const { temporary, steps } = await this.saved()
    if (temporary) return
    const all = await this.#store.readSpent()
    await this.#store.writeSpent({ ...all, labs: { ...all.labs, [this.#lab.id]: spentOf(steps) } })
  }

  async #changeStep(id: string, change: (before: SavedStep) => SavedStep): Promise<void> {
    await this.change((saved) => ({ ...saved, steps: { ...saved.steps, [id]: change(savedStep(saved, id)) } }))
  }
}
