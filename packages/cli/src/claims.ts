import { type LoadedLab, proofTitles } from '@hoplab/catalog'
import { readClaims, readLab } from '@hoplab/catalog/fs'
import { type Claim, type ClaimProof, isOpen, type Language } from '@hoplab/model'
import { claimsText, type ShownClaim, type ShownProof } from '@hoplab/report'
import { type CommandContext, printResult } from './context.ts'
import { labsRoot } from './labs-root.ts'

/**
 * Prints what proves the sentences of the notes; of labs that are named, only what these prove. No cluster is needed or made.
 * @throws HOP_LAB_UNKNOWN, and the first problem of the claims or of any lab (exit 2, positioned)
 */
export async function printClaims(context: CommandContext): Promise<number> {
  const { claims: { claims: all }, labs } = await readClaims(labsRoot())
  const asked = await Promise.all(context.args.map(async (lab) => (await readLab(labsRoot(), lab)).file.id))
  const claims = all.filter(({ proof }) => asked.length === 0 || proof.some(({ lab }) => asked.includes(lab))).map((claim) => shown(claim, labs, context.language))
  const open = claims.filter((claim) => claim.open).length
  printResult(context, { claims, proven: claims.length - open, open }, () => claimsText(claims, context.look))
  return 0
}

function shown(claim: Claim, labs: readonly LoadedLab[], language: Language): ShownClaim {
  const { id, words, en, note, missing, proof } = claim
  return {
    id, open: isOpen(claim), words, en,
    ...note ? { note: note[language] } : {}, ...missing ? { missing: missing[language] } : {},
    proof: proof.map((one) => titled(one, labs, language)),
  }
}

function titled(proof: ClaimProof, labs: readonly LoadedLab[], language: Language): ShownProof {
  const titles = proofTitles(proof, labs)
  return { ...proof, checkTitle: titles?.check[language] ?? '', counterTitle: titles?.counterCase[language] ?? '' }
}
