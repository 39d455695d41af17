import type { ClaimsFile } from '@hoplab/model'
import type { YamlDocument } from '../source/yaml-file.ts'

/** `claims.yaml` beside the notes it quotes. */
export type LoadedClaims = {
  file: ClaimsFile
  document: YamlDocument
  notes: string
  /** The notes as people can open them. */
  notesFile: string
}
