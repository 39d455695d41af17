import { type Answers, answersFile, caseFile, type CaseFile, type Localized, verbList } from '@hoplab/model'
import type { z } from 'zod'
import { HOP_LAB_CASE_EMPTY } from '../errors.ts'
import type { LoadedCase, LoadedVerb } from '../loaded-lab.ts'
import { filledDocument } from '../seed/places.ts'
import { readText } from '../source/text-file.ts'
import { typed } from '../source/typed-file.ts'
import { parseYaml, type YamlDocument } from '../source/yaml-file.ts'
import { readKustomization } from './kustomization.ts'
import { readManifestFolder } from './manifests.ts'
import type { Reading } from './reading.ts'
import { readVerbs } from './verbs.ts'

/** A solution or near-miss folder, whose `case.yaml` gives its title. @throws what reading its files throws */
export async function readCase(folder: string, reading: Reading): Promise<LoadedCase> {
  const document = await readDocument(`${folder}/case.yaml`, reading, 'to name the case')
  const about: CaseFile = typed(caseFile, document)
  const loaded = { ...await readMaterial(folder, about.title, reading), ...(about.caughtBy ? { caughtBy: about.caughtBy } : {}) }
  reading.sources.note(loaded, document)
  return loaded
}

/** Verbs and answers of a case in the one format that solutions, near-misses and submissions share. @throws HOP_LAB_CASE_EMPTY */
export async function readMaterial(folder: string, title: Localized, reading: Reading): Promise<LoadedCase> {
  const verbs = await readChanges(folder, reading)
  const answers = await readAnswers(folder, reading)
  const file = reading.files.shown(folder)
  if (verbs.length === 0 && Object.keys(answers).length === 0) {
    throw HOP_LAB_CASE_EMPTY({ problem: `"${file}" neither changes nor answers anything.`, fix: `Write "${file}/steps.yaml" or "${file}/answers.yaml".` }, { position: { file } })
  }
  const name = folder.split('/').at(-1) ?? folder
  return { name, n: Number(/^\d+/u.exec(name)?.[0] ?? 0), title, verbs, answers }
}

/** `steps.yaml` when there is one (it says itself what to apply), else `kustomization.yaml`, else all of `manifests/`. */
async function readChanges(folder: string, reading: Reading): Promise<LoadedVerb[]> {
  const has = async (name: string): Promise<boolean> => await reading.files.read(`${folder}/${name}`) !== undefined
  if (await has('steps.yaml')) {
    const document = await readDocument(`${folder}/steps.yaml`, reading, 'as the steps of the case')
    return await readVerbs(typed(verbList, document), folder, document, [], reading)
  }
  if (await has('kustomization.yaml')) return await readKustomization(`${folder}/kustomization.yaml`, folder, reading)
  const objects = await readManifestFolder(`${folder}/manifests`, reading)
  return objects.length > 0 ? [{ apply: 'manifests', objects }] : []
}

async function readAnswers(folder: string, reading: Reading): Promise<Answers> {
  const path = `${folder}/answers.yaml`
  if (await reading.files.read(path) === undefined) return {}
  const document = await readDocument(path, reading, 'as answers')
  const answers: Answers = typed(answersFile as z.ZodType<Answers>, document)
  reading.sources.note(answers, document)
  return answers
}

/** The first YAML document of a file, with its places filled where any are known. */
export async function readDocument(path: string, reading: Pick<Reading, 'files'> & Partial<Pick<Reading, 'places'>>, neededFor: string): Promise<YamlDocument> {
  const file = reading.files.shown(path)
  const [document] = parseYaml(file, await readText(reading.files, path, { for: neededFor }))
  if (!document) return { file, value: null, at: () => ({ file }), atKey: () => ({ file }) }
  return reading.places ? filledDocument(document, reading.places) : document
}
