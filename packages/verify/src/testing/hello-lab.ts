import { FakeLab } from './fake-lab.ts'

/** Where requests of {@link helloLab} start. */
export const client = { pod: { name: 'client' } }
/** The Service of {@link helloLab}. */
export const hello = { service: 'hello', port: 80 }

/** A client on node `a`, one server on `a` and one on `b`, one Service in front of them; all healthy. */
export function helloLab(): FakeLab {
  const lab = new FakeLab()
  lab.pod({ name: 'client', node: 'a', ip: '10.244.1.10', command: ['sleep', 'infinity'] })
  lab.pod({ name: 'hello-a', node: 'a', ip: '10.244.1.11', labels: { app: 'hello' } })
  lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' } })
  lab.service('hello', '10.96.1.1', { app: 'hello' })
  return lab
}
