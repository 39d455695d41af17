import { readdir } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { imageSet } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { startEngineWithImages } from './lend-images.ts'
import { bareMachine } from './second-engine.ts'
import { atEndOf, atStartOf, typed, type Typed } from './typed-command.ts'

const lab = 't-broken'
const node = (name: string): string => `hoplab-${lab}-${name}`
const clean = (): Promise<unknown> => typed(['clean', '--all', '--lab', lab])
beforeAll(clean)
afterAll(clean)

const docker = async (...args: string[]): Promise<void> => {
  using deadline = Deadline.start('docker', 200_000)
  await run('docker', args, { deadline })
}

/** An error of our environment: exit 3, and the path of evidence that is there. */
async function expectEnvironment(result: { exitCode: number; stdout: string; stderr: string }): Promise<void> {
  expect(result.exitCode, result.stderr).toBe(3)
  const answer = JSON.parse(result.stdout) as { error?: { exitCode: number; evidence?: string }; evidence?: string }
  const evidence = answer.error?.evidence ?? answer.evidence
  expect(evidence, result.stdout).toBeDefined()
  expect((await readdir(evidence ?? '')).length).toBeGreaterThan(0)
}

const workers = ['worker', 'worker2'].map(node)
const echo = imageSet('local').echo
/** Takes the image from the nodes, and the Pods that run from it already. */
async function loseImage(): Promise<void> {
  await Promise.all(workers.map((worker) => docker('exec', worker, 'ctr', '--namespace', 'k8s.io', 'images', 'rm', `docker.io/${echo}`)))
  await removePods()
}

/** Gives the nodes the image back, and does away with the Pods that wait ever longer for it. */
async function bringImageBack(): Promise<void> {
  await Promise.all(workers.map(importInto))
  await removePods()
}

const removePods = (): Promise<void> =>
  docker('exec', node('control-plane'), 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '--namespace', 'first-packet', 'delete', 'pods', '--all', '--grace-period', '1')

async function importInto(worker: string): Promise<void> {
  using deadline = Deadline.start('import', 120_000)
  const result = await exec('sh', ['-c', 'docker save "$0" | docker exec --interactive "$1" ctr --namespace k8s.io images import -', echo, worker], { deadline })
  expect(result.exitCode, result.stderr).toBe(0)
}

describe('when our environment breaks, nobody else is blamed', () => {
  const meanwhile: Typed[] = []

  test('the image of the workload is missing on the nodes: up says so and keeps the cluster', async () => {
    const result = await typed(['up', 'first-packet', '--lab', lab, '--json'], { moment: { when: atEndOf('ready'), then: async (pid) => {
      // It stands still while another terminal tries to remove its lab.
      process.kill(pid, 'SIGSTOP')
      for (const command of ['clean', 'down']) meanwhile.push(await typed([command, '--lab', lab, '--json']))
      await loseImage()
      process.kill(pid, 'SIGCONT')
    } } })
    expect(result.sawMoment, result.stdout + result.stderr).toBe(true)
    await expectEnvironment(result)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'HOP_LAB_NOT_SETTLED', why: expect.stringMatching(/Err?Image|ImagePull/u) } })
    expect(await leftovers(lab)).toEqual(expect.arrayContaining([node('control-plane'), ...workers].map((name) => `container ${name}`)))
  })

  test('while up was making it, neither clean nor down of another terminal took it away', () => {
    const [cleaned, downed] = meanwhile
    expect(JSON.parse(cleaned?.stdout ?? '')).toMatchObject({ kept: [lab], removed: { containers: [], networks: [] } })
    // Before the first progress is written nobody knows that there is a lab to take down.
    expect(['HOP_LOCKED', 'HOP_NO_LAB_UP']).toContain((JSON.parse(downed?.stdout ?? '') as { error: { code: string } }).error.code)
  })

  test('once mended, run takes the same cluster; the API server dies before hand-over, and run removes everything', async () => {
    await bringImageBack()
    const result = await typed(['run', 'first-packet', '--lab', lab, '--json'], { env: { HOPLAB_TIMEOUT_FACTOR: '0.4' }, moment: {
      when: atStartOf('lab'),
      then: () => docker('exec', node('control-plane'), 'sh', '-c', 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/ && kill -9 $(pidof kube-apiserver)'),
    } })
    expect(result.sawMoment, result.stdout + result.stderr).toBe(true)
    expect(result.events.filter((event) => event.type === 'phase-start').map((event) => event.phase)).not.toContain('nodes')
    await expectEnvironment(result)
    expect(await leftovers(lab)).toEqual([])
  })

  test.for([
    ['while nodes are made', atStartOf('nodes'), 'HOP_ENGINE_UNREACHABLE'], ['under the first check', atEndOf('baseline'), 'HOP_KUBE_UNREACHABLE'],
  ] as const)('the engine stops %s', async ([, when, code]) => {
    using deadline = Deadline.start('engine stops', 420_000)
    await using machine = await bareMachine(deadline)
    const { node: nodeImage, toolbox } = imageSet('local')
    const host = await startEngineWithImages(machine, [nodeImage, toolbox, echo], deadline)
    const containers = async (): Promise<string> => (await machine.exec(['docker', 'ps', '--format', '{{.Names}}'], { DOCKER_HOST: host })).stdout
    const result = await typed(['run', 'first-packet', '--lab', lab, '--json'], { enter: machine.enter, env: { ...machine.env, DOCKER_HOST: host }, withinMs: 300_000, moment: { when, then: async (pid) => {
      expect(await poll(containers, { deadline, withinMs: 120_000, until: (names) => names.includes(node('worker')) })).toMatchObject({ ok: true })
      // It stands still until the nodes are gone: an engine takes some seconds to end, and the first check would be over.
      process.kill(pid, 'SIGSTOP')
      await machine.exec([process.execPath, 'scripts/engine.ts', 'stop'])
      process.kill(pid, 'SIGCONT')
    } } })
    expect(result.sawMoment, result.stderr.slice(-2_000)).toBe(true)
    await expectEnvironment(result)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } })
  })
})
