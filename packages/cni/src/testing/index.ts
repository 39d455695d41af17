export { cniInstallerContract } from './contract.ts'
