export { clusterProviderContract, type ProviderContractOptions, runningClusterContract } from './contract.ts'
export { type UplinkSeen, type UplinkWatch, watchUplink } from './uplink-watch.ts'
