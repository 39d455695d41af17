export { FakeCluster, FakeProvider } from './fake-cluster.ts'
export { fakeInstaller, fakeVerifier, type Judge, judgeTiny, MemoryStore, tinyLab } from './fake-lab.ts'
export { fakeTrace } from './fake-trace.ts'
