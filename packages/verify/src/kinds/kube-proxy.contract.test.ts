import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'kube-proxy',
  healthy: () => ({ kind: 'kube-proxy' }),
  faults: {
    'one that does not run': (lab) => { Object.assign(lab.proxy.on('a'), { up: false }) },
    'one in the other mode': (lab) => { Object.assign(lab.proxy.on('a'), { mode: 'nftables' }) },
    'one that writes nothing any more': (lab) => { Object.assign(lab.proxy.on('a'), { frozen: true }) },
    'a kernel without its rules': (lab) => { Object.assign(lab.proxy.on('a'), { rules: '' }) },
  },
  nothing: (lab) => { for (const { name } of lab.nodes) Object.assign(lab.proxy.on(name), { up: false, rules: '' }) },
}, { describe, test })
