export { type ContractSubject, kubeClientContract } from './contract.ts'
export { type FakeExec, FakeKube, fakeTypes } from './fake-kube.ts'
