import { type Deadline, labels } from '@hoplab/core'
import { dockerEngine, type ImageEngine } from './docker.ts'

/**
 * Text of a file inside an image of the engine. The image must have `cat`; nothing of it can reach any network.
 * @throws HOP_PROGRAM_FAILED when the engine lacks the image or the image lacks the file
 */
export function readImageFile(ref: string, path: string, deadline: Deadline, engine: ImageEngine = dockerEngine): Promise<string> {
  return engine.run(['run', '--rm', '--pull', 'never', '--network', 'none', '--label', `${labels.role}=read`, '--entrypoint', 'cat', ref, path], { deadline })
}
