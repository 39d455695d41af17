import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { labFolder } from '@hoplab/core/node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { importImages, qualified } from './import-images.ts'

let home: string
/** A docker client that gives an archive of the named images, and writes down what a node is given. */
const client = `#!/bin/sh
case $1 in
  save) shift; echo "archive of $*" ;;
  exec) shift 2; node=$1; [ "$node" != broken ] || { echo 'no space left' >&2; exit 1; }; shift 5; { echo "$HOPLAB_RUN $*"; cat; } > "$HOPLAB_HOME/$node" ;;
esac
`
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hoplab-import-'))
  vi.stubEnv('HOPLAB_HOME', home)
  vi.stubEnv('PATH', `${home}/bin:${process.env.PATH}`)
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin', 'docker'), client)
  chmodSync(join(home, 'bin', 'docker'), 0o755)
  mkdirSync(labFolder('demo'), { recursive: true })
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

test('every node gets one archive of all images and is asked for each by its whole name; nothing is left', async () => {
  using deadline = Deadline.start('import', 280_000)
  await importImages({ lab: 'demo', runId: 'run-1', nodes: ['n1', 'n2'], images: ['calico/node:v1', 'quay.test/x:v2'] }, deadline)
  for (const node of ['n1', 'n2']) expect(readFileSync(join(home, node), 'utf8')).toBe('run-1 docker.io/calico/node:v1 quay.test/x:v2\narchive of calico/node:v1 quay.test/x:v2\n')
  expect(readdirSync(labFolder('demo'))).toEqual([])
})

test('a node that refuses is named with what it said, and nothing is left', async () => {
  using deadline = Deadline.start('import', 280_000)
  await expect(importImages({ lab: 'demo', runId: 'run-1', nodes: ['n1', 'broken'], images: ['calico/node:v1'] }, deadline))
    .rejects.toMatchObject({ code: 'HOP_NODES_FAILED', facts: { why: expect.stringMatching(/broken: no space left/u) } })
  expect(readdirSync(labFolder('demo'))).toEqual([])
})

test('image names as containerd keeps them', () => {
  expect(qualified('hoplab/echo:0.1.0')).toBe('docker.io/hoplab/echo:0.1.0')
  expect(qualified('ghcr.io/flannel-io/flannel:v0.26.7')).toBe('ghcr.io/flannel-io/flannel:v0.26.7')
  expect(qualified('127.0.0.1:5000/a/b:1')).toBe('127.0.0.1:5000/a/b:1')
})
