import { describe, expect, test } from 'vitest'
import { everyCniImage } from './cni-images.ts'
import { cniImageName, imageSet, imagesToLoad } from './image-set.ts'
import { versions, versionsSchema } from './versions.ts'

const flannel = ['flannel', 'flannelCniPlugin'] as const

describe('imageSet', () => {
  test('the same names from every source; the tag tells the true version', () => {
    const nameOf = (ref: string): string => ref.slice(0, ref.lastIndexOf(':'))
    for (const key of everyCniImage) expect(nameOf(cniImageName('local', key))).toBe(nameOf(cniImageName('upstream', key)))
    expect(cniImageName('local', 'flannelCniPlugin')).toMatch(new RegExp(`:${versions.local.flannelCniPlugin.version}$`, 'u'))
    const [local, upstream] = [imageSet('local'), imageSet('upstream')]
    expect(local.node.endsWith(`:${local.kubernetes}`)).toBe(true)
    expect(upstream.node.endsWith(`:${upstream.kubernetes}`)).toBe(true)
  })
  test('has the images of its CNI and no other\'s', () => {
    expect(imageSet('local', flannel)).toEqual({ ...imageSet('local'), flannel: cniImageName('local', 'flannel'), flannelCniPlugin: cniImageName('local', 'flannelCniPlugin') })
    expect(imageSet('local')).not.toHaveProperty('flannel')
  })
  test('home-built nodes carry Flannel inside; upstream nodes get our and the CNI\'s images loaded', () => {
    expect(imagesToLoad('local', flannel)).toEqual([])
    expect(imagesToLoad('upstream', flannel)).toEqual([imageSet('upstream').echo, cniImageName('upstream', 'flannel'), cniImageName('upstream', 'flannelCniPlugin')])
    expect(imagesToLoad('upstream', [])).toEqual([imageSet('upstream').echo])
  })
  test('Calico\'s Pods get theirs loaded in either case; what is only read here goes into no node', () => {
    const calico = ['calicoNode', 'calicoCni', 'calicoCrds'] as const
    expect(imagesToLoad('local', calico)).toEqual([`calico/node:${versions.local.calico.tag}`, `calico/cni:${versions.local.calico.tag}`])
    expect(imagesToLoad('upstream', calico)).toEqual([imageSet('upstream').echo, versions.upstream.calicoNode.image, versions.upstream.calicoCni.image])
  })
})

test('Weave\'s Pods get theirs loaded, under its true version', () => {
  expect(imagesToLoad('local', ['weave'])).toEqual([`hoplab/weave:${versions.local.weave.tag}`])
  expect(versions.local.weave.version).toBe(`v${versions.local.weave.tag}+incompatible`)
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
