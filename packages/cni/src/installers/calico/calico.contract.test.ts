import { cniInstallerContract } from '../../testing/contract.ts'
import { calicoInstaller } from './index.ts'

const crd = (plural: string): string => `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: ${plural}.crd.projectcalico.org }\nspec: { group: crd.projectcalico.org }\n`

cniInstallerContract('calico', () => calicoInstaller({ readCrds: async () => `---\n${crd('ippools')}---\n${crd('ipamblocks')}` }))
