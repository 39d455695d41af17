import { kubeClientContract } from './contract.ts'
import { FakeKube } from './fake-kube.ts'

kubeClientContract('fake', async () => ({ kube: new FakeKube(), [Symbol.asyncDispose]: async () => {} }))
