import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendDeviation } from './deviations.ts'

test('each deviation is one line: the case, and what its checks saw', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-deviations-'))
  const [file, cell, phase] = [join(folder, 'a.jsonl'), { lab: 'tiny', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', case: 'untouched', repeat: 1 } as const, { case: 'untouched', deviation: 'a\nb', checks: [] } as never]
  await appendDeviation({ ...cell, key: 'k', about: 'not kept' } as typeof cell, phase, file)
  await appendDeviation({ ...cell, repeat: 2 }, phase, file)
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line))
  expect(lines).toEqual([{ ...cell, phase }, { ...cell, repeat: 2, phase }])
  await rm(folder, { recursive: true })
})
