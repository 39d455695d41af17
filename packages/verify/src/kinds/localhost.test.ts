import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
  lab.network.weather.local.set('control-a', [{ port: 8080, container: 'hoplab-control-control-a-main' }])
  listen({ port: 8080, container: 'lab-pair-app' }, { port: 7070, container: 'lab-pair-side' })
})
const listen = (...local: { port: number; container: string; answers?: 'RESET' | 'TIMEOUT' }[]): unknown => lab.network.weather.local.set('pair', local)
const look = async (listeners: object[] = [{ port: 8080 }, { port: 7070 }]) => (await lab.verify([{ kind: 'localhost', pod: { name: 'pair' }, listeners }]))[0]

describe('localhost passes', () => {
  test('for two containers with a port each, with the control Pod\'s own localhost as control', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'In Pod lab/pair app answers at localhost:8080 and side answers at localhost:7070.' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(['client', 'server', 'kernel', 'client', 'server', 'kernel', 'control'])
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'kernel', observed: 'side (echo) at 127.0.0.1:7070' }))
  })
  test('for the container that is named', async () => { expect(await look([{ port: 7070, container: 'side' }])).toMatchObject({ verdict: 'pass' }) })
  test('for a server that is not ours and says nothing we know', async () => {
    lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'], image: 'example/other:1' })
    lab.network.weather.says = (pod, body) => (pod === 'pair' ? undefined : body)
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('localhost fails', () => {
  test.each([
    ['where nobody listens', () => listen({ port: 8080, container: 'lab-pair-app' }), /Nobody answers at localhost:7070 of Pod lab\/pair: REFUSED/u],
    ['where the connection is cut off', () => listen({ port: 8080, container: 'lab-pair-app', answers: 'RESET' }, { port: 7070, container: 'lab-pair-side' }), /localhost:8080 .*RESET/u],
    ['when one container has both ports: no neighbour was shown', () => listen({ port: 8080, container: 'lab-pair-app' }, { port: 7070, container: 'lab-pair-app' }), /app listens at 8080 and 7070/u],
    ['when two containers share a port', () => listen({ port: 8080, container: 'lab-pair-app' }, { port: 8080, container: 'lab-pair-side' }, { port: 7070, container: 'lab-pair-side' }), /more than one container/u],
    ['when a process of no container listens', () => listen({ port: 8080, container: '' }, { port: 7070, container: 'lab-pair-side' }), /no container of the Pod \(echo\)/u],
    ['when a single container talks to itself', () => lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }), /no neighbour/u],
    ['on the host\'s network, where the node answers', () => lab.pod({ name: 'pair', node: 'a', ip: '172.20.0.3', hostNetwork: true, containers: ['app', 'side'] }), /hostNetwork/u],
    ['when the answer is to another request', () => { lab.network.weather.says = (pod, body) => (pod === 'pair' ? { ...body, nonce: 'old' } : body) }, /nonce/u],
    ['when there is no such Pod', () => lab.kube.objects.delete('v1 Pod lab/pair'), /There is no Pod pair/u],
  ])('%s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when another container than the one named answers', async () => { expect(await look([{ port: 7070, container: 'app' }])).toMatchObject({ verdict: 'fail', why: expect.stringContaining('container side answers, and it should be app') }) })
})

describe('localhost is inconclusive', () => {
  test('when the control Pod does not answer at its own localhost', async () => {
    lab.network.weather.local.delete('control-a')
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod on node a') })
  })
})
