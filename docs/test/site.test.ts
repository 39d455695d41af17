import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { readClaims, readLab, listLabs } from '@hoplab/catalog/fs'
import { languages } from '@hoplab/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slugOf } from '../src/reading/languages.ts'

const docs = join(import.meta.dirname, '..')
const labs = await Promise.all((await listLabs(join(docs, '../labs'))).map(({ folder }) => readLab(join(docs, '../labs'), folder)))
const steps = labs.flatMap((lab) => lab.file.steps.flatMap((step) => languages.map((language) => ({ lab, step, language, path: `${slugOf(language)}/labs/${lab.file.id}/${step.id}/` }))))

let out = ''
let pages: Record<string, string> = {}

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'hoplab-docs-'))
  using deadline = Deadline.start('build the site', 280_000)
  await run(process.execPath, ['build.ts', out], { cwd: docs, deadline })
  const files = (await readdir(out, { recursive: true })).filter((file) => file.endsWith('index.html'))
  pages = Object.fromEntries(await Promise.all(files.map(async (file) => [file.replace(/index\.html$/u, ''), await readFile(join(out, file), 'utf8')])))
})

afterAll(async () => { await rm(out, { recursive: true, force: true }) })

test('there is a page per step and language, per lab and language, two per language, and the door', () => {
  expect(steps.length).toBeGreaterThanOrEqual(6)
  expect(Object.keys(pages).length).toBe(steps.length + (labs.length + 2) * languages.length + 1)
})

test.each(steps)('$path: title, text, questions, checks and hints', ({ step, lab, language, path }) => {
  const page = pages[path] ?? ''
  const text = readable(page)
  expect(page).toContain(`<html lang="${language}">`)
  const [heading = ''] = /^# .*$/mu.exec(lab.texts[step.id]?.[language] ?? '') ?? []
  expect(text).toContain(heading.slice(2))
  for (const one of [...step.questions.map((question) => question.prompt), ...step.checks.map((check) => check.title), ...step.hints.map((hint) => hint.text)]) {
    expect(text).toContain(readable(one[language].replaceAll('`', '')))
  }
  expect(page.match(/<details>/gu)).toHaveLength(3)
})

test.each(languages)('%s/claims: every sentence of the notes, its state, and links to the steps that prove it', async (language) => {
  const { claims: { claims } } = await readClaims(join(docs, '../labs'))
  const page = pages[`${slugOf(language)}/claims/`] ?? ''
  const text = readable(page)
  expect(page).toContain(`<html lang="${language}">`)
  for (const claim of claims) {
    expect(text).toContain(`${claim.id} ${readable(claim.words)}`)
    expect(text).toContain(claim.en)
    for (const one of [claim.note, claim.missing].filter((said) => said !== undefined)) expect(text).toContain(one[language])
    for (const { lab, step } of claim.proof) expect(page).toContain(`href="/${slugOf(language)}/labs/${lab}/${step}/"`)
  }
  expect(page.match(/class="claim"/gu)).toHaveLength(claims.length)
  expect(pages[`${slugOf(language)}/`]).toContain(`href="/${slugOf(language)}/claims/"`)
})

describe('every page', () => {
  test('has one heading of the first level, one main part, a title and a way past the header', () => {
    for (const page of Object.values(pages)) {
      expect(page.match(/<h1/gu)).toHaveLength(1)
      expect(page.match(/<main id="text"/gu)).toHaveLength(1)
      expect(page).toMatch(/<title>\S.* · hoplab<\/title>/u)
      expect(page).toContain('href="#text"')
    }
  })

  test('skips no level of heading', () => {
    for (const page of Object.values(pages)) {
      const levels = [...page.matchAll(/<h([1-6])/gu)].map(([, level]) => Number(level))
      for (const [index, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
    }
  })

  test('loads nothing from elsewhere and runs no script', () => {
    for (const page of Object.values(pages)) {
      expect(page).not.toMatch(/<script|<iframe|<style| style=| on[a-z]+=/u)
      expect([...page.matchAll(/(?:src|<link [^>]*href)="([^"]*)"/gu)].filter(([, address = '']) => /^(https?:)?\/\//u.test(address))).toEqual([])
      expect(page).toContain("default-src 'none'")
    }
  })

  test('links only to pages that exist', () => {
    for (const [from, page] of Object.entries(pages)) {
      const links = [...page.matchAll(/<a [^>]*href="(\/[^"]*)"/gu)].map(([, link = '']) => link.slice(1))
      expect(links.length).toBeGreaterThan(0)
      expect({ from, dead: links.filter((link) => !(link in pages)) }).toEqual({ from, dead: [] })
    }
  })
})

/** The words of a page without its tags, with character references read. */
function readable(html: string): string {
  return html.replace(/<[^>]*>/gu, '').replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&#x27;', "'")
    .replaceAll('&#x3C;', '<').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#x26;', '&').replaceAll('&amp;', '&').replace(/\s+/gu, ' ').trim()
}
