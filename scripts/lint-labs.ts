/** Checks every lab, its Hinglish texts, and the claims of the notes. Exit code 1 with one line per problem and what mends it. */
import { join } from 'node:path'
import { diskFiles, listLabs } from '@hoplab/catalog/fs'
import { lintClaims, lintClaimTexts, lintGlossary, lintLab, lintTexts, type LoadedLab, nthDraw, readClaimsFile, readGlossary, readLabFolder, seedVariants } from '@hoplab/catalog'
import { HopError } from '@hoplab/core'

const root = process.env.HOPLAB_LABS ?? join(import.meta.dirname, '../labs')
const files = diskFiles(root)
const problems: HopError[] = []

/** What `read` reads; undefined with a problem noted when it cannot be read. */
async function attempted<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof HopError)) throw error
    problems.push(error)
    return undefined
  }
}

const glossary = await attempted(() => readGlossary(files))
if (glossary) problems.push(...lintGlossary(glossary))
const labs: LoadedLab[] = []
const folders = (await listLabs(root)).map(({ folder }) => folder)
for (const folder of folders) {
  const lab = await attempted(() => readLabFolder(files, folder))
  if (!lab) continue
  labs.push(lab)
  // Whatever the seed draws must keep the rules, not only what the default seed does; and whatever the network is.
  for (const cni of lab.file.cnis) {
    for (let variant = 0; variant < seedVariants(lab.file); variant++) {
      const drawn = lab.file.seed || lab.file.cnis.length > 1 ? await attempted(() => readLabFolder(files, folder, nthDraw(variant), cni)) : lab
      if (drawn) problems.push(...lintLab(drawn), ...glossary ? lintTexts(drawn, glossary) : [])
    }
  }
}
// A lab that cannot be read would make every claim that names it look wrong.
const claims = labs.length === folders.length ? await attempted(() => readClaimsFile(files)) : undefined
if (claims) problems.push(...lintClaims(claims, labs), ...glossary ? lintClaimTexts(claims, glossary) : [])

const lines = new Set(problems.map(({ facts: { position, what, fix, code } }) => `${position?.file ?? root}:${position?.line ?? 1}:${position?.column ?? 1} ${what} ${fix} [${code}]`))
for (const line of lines) console.error(line)
console.error(`labs: ${labs.length} labs, ${claims?.file.claims.length ?? 'no'} claims, ${lines.size} problems`)
process.exitCode = lines.size > 0 || labs.length === 0 ? 1 : 0
