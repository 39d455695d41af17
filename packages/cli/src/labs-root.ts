import { join } from 'node:path'

/** Folder of the labs: HOPLAB_LABS, else the repository's. */
export const labsRoot = (): string => process.env.HOPLAB_LABS || join(import.meta.dirname, '../../../labs')
