export { cniInstallerContract, kubeForCni } from './contract.ts'
