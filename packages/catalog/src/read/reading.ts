import type { LabFiles } from '../lab-files.ts'
import type { Places } from '../seed/places.ts'
import type { SourceMap } from '../source/source-map.ts'

/** What reading needs besides a path. */
export interface Reading { files: LabFiles; sources: SourceMap; places: Places; defaultNamespace: string }
