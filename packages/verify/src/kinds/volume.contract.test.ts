import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'volume',
  healthy: (lab) => {
    lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
    for (const container of ['app', 'side']) lab.runtime.files.set(`lab-pair-${container} /notes/today`, { device: 9, inode: 77, changed: 5 })
    return { kind: 'volume', pod: { name: 'pair' }, path: '/notes/today', containers: ['app', 'side'] }
  },
  faults: {
    'a file that one of them does not have': (lab) => { lab.runtime.files.delete('lab-pair-side /notes/today') },
    'two files of one name': (lab) => { lab.runtime.files.set('lab-pair-side /notes/today', { device: 9, inode: 78, changed: 5 }) },
    'one container only': (lab) => { lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }) },
  },
}, { describe, test })
