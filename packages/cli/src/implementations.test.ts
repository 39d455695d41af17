import { cniName } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { clusterFlags } from './flags.ts'
import { installedCnis, installerOf } from './implementations.ts'

describe('CNIs', () => {
  test('what --cni and completion offer is what there is, and each gives the installer of its name', async () => {
    expect(clusterFlags.find(({ flag }) => flag.startsWith('--cni'))?.choices).toEqual(installedCnis)
    for (const cni of installedCnis) expect((await installerOf(cni)).name).toBe(cni)
  })
  test('every one that is known can be installed, and another name is refused with those that are', async () => {
    expect(cniName.options.filter((name) => !installedCnis.some((there) => there === name))).toEqual([])
    await expect(installerOf('cilium')).rejects.toMatchObject({ code: 'HOP_NOT_OFFERED', exitCode: 2, message: expect.stringContaining('cilium') })
  })
})
