import { readdir } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { imageSet } from '@hoplab/images'
import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { bareMachine } from './second-engine.ts'
import { atEndOf, atStartOf, typed } from './typed-command.ts'

const lab = 't-broken'
const node = (name: string): string => `hoplab-${lab}-${name}`
const clean = (): Promise<unknown> => typed(['clean', '--all', '--lab', lab])
beforeAll(clean)
afterAll(clean)

const docker = async (...args: string[]): Promise<void> => {
  using deadline = Deadline.start('docker', 30_000)
  await run('docker', args, { deadline })
}

/** An error of our environment: exit 3, the path of evidence that is there, and everything removed. */
async function expectEnvironment(result: { exitCode: number; stdout: string; stderr: string }): Promise<void> {
  expect(result.exitCode, result.stderr).toBe(3)
  const answer = JSON.parse(result.stdout) as { error?: { exitCode: number; evidence?: string }; evidence?: string }
  const evidence = answer.error?.evidence ?? answer.evidence
  expect(evidence, result.stdout).toBeDefined()
  expect((await readdir(evidence ?? '')).length).toBeGreaterThan(0)
}

describe('when our environment breaks, nobody else is blamed', () => {
  test('the API server dies before hand-over', async () => {
    const result = await typed(['run', 'first-packet', '--lab', lab, '--json'], { env: { HOPLAB_TIMEOUT_FACTOR: '0.4' }, moment: {
      when: atStartOf('lab'),
      then: () => docker('exec', node('control-plane'), 'sh', '-c', 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/ && kill -9 $(pidof kube-apiserver)'),
    } })
    expect(result.sawMoment).toBe(true)
    await expectEnvironment(result)
    expect(await leftovers(lab)).toEqual([])
  })

  test('the toolbox of a node is killed', async () => {
    const result = await typed(['run', 'first-packet', '--lab', lab, '--json'], { moment: {
      when: atEndOf('baseline'), then: () => docker('rm', '--force', node('toolbox-worker-1'), node('toolbox-worker-2')),
    } })
    expect(result.sawMoment).toBe(true)
    await expectEnvironment(result)
    const { phases, points } = labResult.parse(JSON.parse(result.stdout))
    expect(phases?.[0]).toMatchObject({ name: 'untouched', points: 0 })
    expect(phases?.[0]?.checks.some((check) => check.verdict === 'inconclusive')).toBe(true)
    expect(points).toBeLessThan(10)
    expect(await leftovers(lab)).toEqual([])
  })

  test('the image of the workload is missing on the nodes', async () => {
    const remove = ['ctr', '--namespace', 'k8s.io', 'images', 'rm', `docker.io/${imageSet('local').echo}`]
    const result = await typed(['run', 'first-packet', '--lab', lab, '--json'], { moment: {
      when: atEndOf('ready'), then: async () => { await Promise.all(['worker', 'worker2'].map((worker) => docker('exec', node(worker), ...remove))) },
    } })
    expect(result.sawMoment).toBe(true)
    await expectEnvironment(result)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'HOP_LAB_NOT_SETTLED', why: expect.stringMatching(/Err?Image|ImagePull/u) } })
    expect(await leftovers(lab)).toEqual([])
  })

  test('the engine stops in the middle', async () => {
    using deadline = Deadline.start('engine stops', 420_000)
    await using machine = await bareMachine(deadline)
    const host = await machine.startEngine()
    const { node: nodeImage, toolbox, echo } = imageSet('local')
    await run('sh', ['-c', 'docker save "$@" | DOCKER_HOST="$0" docker load', host, nodeImage, toolbox, echo], { deadline })
    const started = performance.now()
    const running = machine.hoplab(['run', 'first-packet', '--lab', lab, '--images', 'local', '--json'], { DOCKER_HOST: host })
    const containers = async (): Promise<string> => (await machine.exec(['docker', 'ps', '--format', '{{.Names}}'], { DOCKER_HOST: host })).stdout
    await poll(containers, { deadline, withinMs: 120_000, until: (names) => names.includes(node('toolbox-worker-1')) })
    await machine.exec([process.execPath, 'scripts/engine.ts', 'stop'])
    await expectEnvironment(await running)
    expect(performance.now() - started).toBeLessThan(300_000)
  })
})
