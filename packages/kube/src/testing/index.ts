export { type FakeExec, FakeKube, fakeTypes } from './fake-kube.ts'
