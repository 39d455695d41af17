import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'object',
  programs: false,
  healthy: () => ({ kind: 'object', object: { apiVersion: 'v1', kind: 'Service', name: 'hello' }, expect: [{ path: 'spec.selector.app', equals: 'hello' }] }),
  faults: {
    'another value': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a field that is missing': (lab) => lab.service('hello', '10.96.1.1', undefined),
  },
}, { describe, test })
