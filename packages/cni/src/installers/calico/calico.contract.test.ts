import { cniInstallerContract } from '../../testing/contract.ts'
import { calicoInstaller } from './index.ts'

const crd = (plural: string): string => `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: ${plural}.crd.projectcalico.org }\nspec: { group: crd.projectcalico.org }\n`

const readCrds = async (): Promise<string> => `---\n${crd('ippools')}---\n${crd('ipamblocks')}`

cniInstallerContract('calico', () => calicoInstaller({ readCrds }))
cniInstallerContract('calico', () => calicoInstaller({ readCrds, vxlanMode: 'CrossSubnet' }))
