import { z } from 'zod'
import { podRef } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/** Containers of one Pod, each with a file system of its own, see one and the same file, because it is in a volume; it may have outlived a restart. */
export const volumeCheck = z.strictObject({
  kind: z.literal('volume'), ...checkFields,
  pod: podRef,
  /** The file, as all of the containers name it: absolute, and no symbolic link on the way. */
  path: z.string().regex(/^(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/u, 'must be an absolute path such as /notes/today'),
  containers: z.array(slug).min(1).max(20),
  /** This container has been restarted, and the file is older than the process that it has now. */
  afterRestart: slug.optional(),
})
