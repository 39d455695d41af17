export type { Addon, Machine, MachineFile, OnMachine, OutsidePlan } from './addons/port.ts'
export { describeNetwork, describeUpstreamOnly } from './describe.ts'
export { HOP_CNI_IMAGE_UNNAMED } from './errors.ts'
export type { CniInstaller, InstallTarget, Probed } from './port.ts'
