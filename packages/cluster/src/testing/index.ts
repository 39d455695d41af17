export { clusterProviderContract, type ProviderContractOptions, runningClusterContract } from './contract.ts'
