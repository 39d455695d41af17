export { addonContract, kubeForAddons } from './addon-contract.ts'
export { cniInstallerContract, type ContractTerms, kubeForCni } from './contract.ts'
export { type InstalledCni, installedCniContract } from './installed-contract.ts'
