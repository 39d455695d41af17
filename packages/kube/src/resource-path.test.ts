import { describe, expect, test } from 'vitest'
import { collectionPath, describeRef, findType, objectPath } from './resource-path.ts'
import { fakeTypes } from './testing/fake-kube.ts'

const service = findType(fakeTypes, { apiVersion: 'v1', kind: 'Service' })
const deployment = findType(fakeTypes, { apiVersion: 'apps/v1', kind: 'Deployment' })
const node = findType(fakeTypes, { apiVersion: 'v1', kind: 'Node' })

describe('URL paths of the API', () => {
  test('core, group and cluster-scoped kinds', () => {
    expect(objectPath(service, { name: 'hello', namespace: 'shop' })).toBe('/api/v1/namespaces/shop/services/hello')
    expect(objectPath(deployment, { name: 'hello', namespace: 'shop' })).toBe('/apis/apps/v1/namespaces/shop/deployments/hello')
    expect(objectPath(node, { name: 'n1' })).toBe('/api/v1/nodes/n1')
  })
  test('a namespaced kind without a namespace is in default; a collection without one is everywhere', () => {
    expect(objectPath(service, { name: 'hello' })).toBe('/api/v1/namespaces/default/services/hello')
    expect(collectionPath(service)).toBe('/api/v1/services')
  })
  test('a name cannot leave its path segment', () => {
    expect(objectPath(service, { name: '../../nodes', namespace: 'a/b' })).toBe('/api/v1/namespaces/a%2Fb/services/..%2F..%2Fnodes')
  })
  test('an unknown kind is refused as the server would', () => {
    expect(() => findType(fakeTypes, { apiVersion: 'v1', kind: 'Servce' })).toThrow(expect.objectContaining({ cause: expect.objectContaining({ status: 404, reason: 'NotFound' }) }))
  })
  test('references read as people write them', () => {
    expect(describeRef({ kind: 'Node', name: 'n1' })).toBe('Node n1')
    expect(describeRef({ kind: 'Service', namespace: 'shop', name: 'hello' })).toBe('Service shop/hello')
  })
})
