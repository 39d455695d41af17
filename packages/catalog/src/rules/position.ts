import type { RaiseOptions } from '@hoplab/core'
import type { LoadedLab } from '../loaded-lab.ts'
import type { Path } from '../source/yaml-file.ts'

/** Options that point an error at `path` of a value that was read; without a position when the value was made up. */
export function pointAt(lab: LoadedLab, value: object, path: Path = []): RaiseOptions {
  const position = lab.sources.at(value, path)
  return position ? { position } : {}
}

/** {@link pointAt} for a key. */
export function pointAtKey(lab: LoadedLab, value: object, path: Path): RaiseOptions {
  const position = lab.sources.atKey(value, path)
  return position ? { position } : {}
}

/** Every check with its step and the way to it in lab.yaml. */
export function checksOf(lab: LoadedLab) {
  return lab.file.steps.flatMap((step, stepIndex) => step.checks.map((check, index) =>
    ({ check, step, path: ['steps', stepIndex, 'checks', index] as const })))
}
