import { beforeEach, describe, expect, test } from 'vitest'
import { FakeLab } from './testing/index.ts'

let lab: FakeLab
const client = { pod: { name: 'client' } }
const hello = { service: 'hello', port: 80 }

/** The lab most tests start from: a client on node a, two servers behind one Service. */
beforeEach(() => {
  lab = new FakeLab()
  lab.pod({ name: 'client', node: 'a', ip: '10.244.1.10', command: ['sleep', 'infinity'] })
  lab.pod({ name: 'hello-a', node: 'a', ip: '10.244.1.11', labels: { app: 'hello' } })
  lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' } })
  lab.service('hello', '10.96.1.1', { app: 'hello' })
})

describe('reach', () => {
  test('passes on a healthy lab, with a witness of the kernel and a control', async () => {
    const [result] = await lab.verify([{ kind: 'reach', from: client, to: hello }])
    expect(result).toMatchObject({ verdict: 'pass', points: 1, attempts: 1, flapped: false, truth: 'real' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(expect.arrayContaining(['client', 'dns', 'server', 'conntrack', 'control']))
  })
})
