export { FakeLab, type FakePod, type Printed, type WrittenCheck } from './fake-lab.ts'
export { FakeNetwork, type Weather } from './fake-network.ts'
export { client, hello, helloLab } from './hello-lab.ts'
