export { FakeLab, type FakePod, type Printed, type WrittenCheck } from './fake-lab.ts'
export { FakeNetwork, type Weather } from './fake-network.ts'
export { IdleClock } from './idle-clock.ts'
export { client, hello, helloLab } from './hello-lab.ts'
