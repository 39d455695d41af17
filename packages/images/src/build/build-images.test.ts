import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeEngine } from '../testing/fake-engine.ts'
import { buildImages, type StepOutcome } from './build-images.ts'
import { buildFolder, inputsLabel, type Step, stepFolder } from './step.ts'

let home: string
const before = process.env.HOPLAB_HOME
beforeEach(() => { home = process.env.HOPLAB_HOME = mkdtempSync(join(tmpdir(), 'hoplab-images-')) })
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
  if (before === undefined) delete process.env.HOPLAB_HOME
  else process.env.HOPLAB_HOME = before
})

/** Two steps as real ones are: a program in a folder, and an image made of it. */
class Recipe {
  source = 'v1'
  readonly made: string[] = []
  fail = false
  /** The first step waits for this. */
  gate: Promise<void> = Promise.resolve()
  readonly steps: Step[] = [
    {
      name: 'program', needs: [], expectedMs: 1, tools: [], inputs: async () => this.source,
      output: {
        kind: 'folder',
        make: async (folder) => {
          await writeFile(join(folder, 'program'), this.source)
          await this.gate
          if (this.fail) throw new TypeError('the disk is full')
          this.made.push('program')
        },
      },
    },
    {
      name: 'image', needs: ['program'], expectedMs: 1, tools: [], inputs: async () => 'Dockerfile',
      output: {
        kind: 'image', ref: () => 'x/image:1',
        make: async ({ ref, labels, scratch }, context) => {
          await writeFile(join(scratch, 'program'), await readFile(join(context.folderOf('program'), 'program')))
          await context.engine.build({ folder: scratch, ref, args: {}, labels, deadline: context.deadline })
          this.made.push('image')
        },
      },
    },
  ]
}

async function build(recipe: Recipe, engine: FakeEngine, only: string[] = []): Promise<StepOutcome[]> {
  using deadline = Deadline.start('test', 280_000)
  return buildImages({ deadline, engine, steps: recipe.steps, only })
}

describe('buildImages', () => {
  test('makes what is missing, in order, and nothing the second time', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    expect((await build(recipe, engine)).map((step) => step.made)).toEqual([true, true])
    expect((await build(recipe, engine)).map((step) => step.made)).toEqual([false, false])
    expect(recipe.made).toEqual(['program', 'image'])
    expect(engine.images.get('x/image:1')?.labels['hoplab.dev/source']).toBe('local')
  })
  test('a changed input makes its step and everything above it again', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    const [first] = await build(recipe, engine)
    recipe.source = 'v2'
    const [second] = await build(recipe, engine)
    expect(recipe.made).toEqual(['program', 'image', 'program', 'image'])
    expect(second?.hash).not.toBe(first?.hash)
  })
  test('an image that lost its label or was removed is made again without its program', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    await build(recipe, engine)
    engine.add('x/image:1', { labels: { [inputsLabel]: 'of another build' } })
    await build(recipe, engine)
    engine.images.clear()
    await build(recipe, engine)
    expect(recipe.made).toEqual(['program', 'image', 'image', 'image'])
  })
  test('a step that fails leaves nothing half-made and names itself', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    recipe.fail = true
    await expect(build(recipe, engine)).rejects.toMatchObject({ code: 'HOP_IMAGES_STEP_FAILED', message: 'Building "program" failed.' })
    expect((await readdir(buildFolder())).filter((name) => name.startsWith('program'))).toEqual([])
    recipe.fail = false
    expect((await build(recipe, engine)).map((step) => step.made)).toEqual([true, true])
  })
  test('what a killed build left half-made is removed and never used', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    const half = `${stepFolder('program', 'f'.repeat(64))}.making-999999-x`
    await mkdir(half, { recursive: true })
    await build(recipe, engine)
    expect(await readdir(buildFolder())).not.toContain(half)
    expect((await readdir(buildFolder())).some((name) => name.includes('.making-'))).toBe(false)
  })
  test('--only makes one step and what it needs; an unknown name is told', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    await build(recipe, engine, ['program'])
    expect(recipe.made).toEqual(['program'])
    await expect(build(recipe, engine, ['imaeg'])).rejects.toMatchObject({ code: 'HOP_IMAGES_UNKNOWN_STEP', exitCode: 2 })
  })
  test('two builds at once: the second is told who works', async () => {
    const [recipe, engine] = [new Recipe(), new FakeEngine()]
    const gate = Promise.withResolvers<void>()
    recipe.gate = gate.promise
    const first = build(recipe, engine)
    await expect.poll(() => readdir(buildFolder()).catch(() => [])).toContainEqual(expect.stringContaining('.making-'))
    await expect(build(recipe, engine)).rejects.toMatchObject({ code: 'HOP_LOCKED' })
    gate.resolve()
    expect((await first).map((step) => step.made)).toEqual([true, true])
  })
})
