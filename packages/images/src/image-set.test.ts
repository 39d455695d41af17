import { describe, expect, test } from 'vitest'
import { imageSet, imagesToLoad } from './image-set.ts'
import { versions, versionsSchema } from './versions.ts'

describe('imageSet', () => {
  test('the same names from every source; the tag tells the true version', () => {
    const nameOf = (ref: string): string => ref.slice(0, ref.lastIndexOf(':'))
    const local = imageSet('local')
    const upstream = imageSet('upstream')
    expect(nameOf(local.flannel)).toBe(nameOf(upstream.flannel))
    expect(nameOf(local.flannelCniPlugin)).toBe(nameOf(upstream.flannelCniPlugin))
    expect(local.flannelCniPlugin).toMatch(new RegExp(`:${versions.local.flannelCniPlugin.version}$`, 'u'))
    expect(local.node.endsWith(`:${local.kubernetes}`)).toBe(true)
    expect(upstream.node.endsWith(`:${upstream.kubernetes}`)).toBe(true)
  })
  test('home-built nodes carry everything inside; upstream nodes get our and the CNI\'s images loaded', () => {
    expect(imagesToLoad('local')).toEqual([])
    const { echo, flannel, flannelCniPlugin } = imageSet('upstream')
    expect(imagesToLoad('upstream')).toEqual([echo, flannel, flannelCniPlugin])
  })
})

describe('versions.json', () => {
  test('pins the node image and the bases of ours by digest', () => {
    const { node, debian, golang } = versions.upstream
    for (const image of [node, debian, golang]) expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/u)
  })
  test('refuses a key that means nothing', () => {
    expect(versionsSchema.safeParse({ ...versions, kindd: {} }).success).toBe(false)
  })
})
