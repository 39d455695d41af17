import { join } from 'node:path'

/** Folder of the labs that come with hoplab. */
export const ownLabs: string = join(import.meta.dirname, '../../../labs')

/** Folder of the labs: HOPLAB_LABS, else {@link ownLabs}. */
export const labsRoot = (): string => process.env.HOPLAB_LABS || ownLabs
