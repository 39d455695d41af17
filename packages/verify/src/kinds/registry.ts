import type { CheckSpec } from '@hoplab/model'
import { affinity } from './affinity.ts'
import { answer } from './answer.ts'
import { blocked } from './blocked.ts'
import { distribution } from './distribution.ts'
import { dns } from './dns.ts'
import { endpoints } from './endpoints.ts'
import { hairpin } from './hairpin.ts'
import type { CheckKind } from './kind.ts'
import { negative } from './negative.ts'
import { object } from './object.ts'
import { reach } from './reach.ts'
import { refused } from './refused.ts'
import { rules } from './rules.ts'
import { source } from './source.ts'

/** Every kind of check and how it looks; a kind of the model that is missing here does not compile. */
export const builtInKinds: { readonly [K in CheckSpec['kind']]: CheckKind<K> } = {
  affinity,
  answer,
  blocked,
  distribution,
  dns,
  endpoints,
  hairpin,
  negative,
  object,
  reach,
  refused,
  rules,
  source,
}
