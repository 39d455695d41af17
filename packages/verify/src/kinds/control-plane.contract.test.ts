import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'control-plane',
  healthy: () => ({ kind: 'control-plane' }),
  faults: {
    'a scheduler that does not run': (lab) => { Object.assign(lab.controlPlane.component('kube-scheduler'), { state: undefined, renewedBy: undefined }) },
    'controllers that do not run': (lab) => { Object.assign(lab.controlPlane.component('kube-controller-manager'), { state: undefined, renewedBy: undefined }) },
    'a scheduler that hangs': (lab) => { Object.assign(lab.controlPlane.component('kube-scheduler'), { renewedBy: undefined }) },
    'a Lease that somebody else keeps': (lab) => { Object.assign(lab.controlPlane.component('kube-scheduler'), { state: undefined, renewedBy: 'k_2' }) },
  },
  nothing: (lab) => { for (const name of ['kube-scheduler', 'kube-controller-manager']) { lab.controlPlane.components.delete(name); lab.kube.objects.delete(`coordination.k8s.io/v1 Lease kube-system/${name}`) } },
}, { describe, test })
