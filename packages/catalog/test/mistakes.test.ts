import { HopError } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { lintLab, memoryFiles, readLab } from '../src/index.ts'
import { demoLab, editedLab } from './demo-lab.ts'

/** Mistake → code, and the text at whose beginning the error must point (line and column are computed from it). */
interface Mistake { mistake: string; file?: string; replace?: string; by?: string; code: string; at?: string; in?: string; says?: RegExp }

const lab = '01-demo/lab.yaml'
const web = '01-demo/manifests/web.yaml'
const solution = '01-demo/solutions/1-one/steps.yaml'
const fault = '01-demo/faults/1-one/fault.yaml'

const doNode = 'do:\n  - node: worker-1\n    argv: [ip, link]\n'
const doFault = (name: string, settings: string): string => `do:\n  - fault: ${name}\n    with: { ${settings} }\n`

const mistakes: Mistake[] = [
  { mistake: 'tab as indent', replace: '    text: 01-first', by: '\ttext: 01-first', code: 'HOP_LAB_YAML', at: '\ttext', says: /tab/u },
  { mistake: 'broken YAML', replace: 'cnis: [flannel]', by: 'cnis: [flannel', code: 'HOP_LAB_YAML', at: 'namespaces:' },
  { mistake: 'key twice', replace: 'minutes: 5', by: 'minutes: 5\nsection: 2', code: 'HOP_LAB_YAML', at: 'section: 2' },
  { mistake: 'alias to nothing', replace: 'text: 01-first', by: 'text: *nothing', code: 'HOP_LAB_YAML', at: '*nothing' },
  { mistake: 'unknown key', replace: 'minutes: 5', by: 'minuets: 5', code: 'HOP_LAB_KEY_UNKNOWN', at: 'minuets', says: /Did you mean "minutes"/u },
  { mistake: 'unknown key inside a check', replace: 'points: 3', by: 'pionts: 3', code: 'HOP_LAB_KEY_UNKNOWN', at: 'pionts', says: /"points"/u },
  { mistake: 'wrong type', replace: 'minutes: 5', by: 'minutes: five', code: 'HOP_LAB_VALUE_INVALID', at: 'five', says: /must be number, not string/u },
  { mistake: 'missing key', replace: 'workers: 1\n', by: '', code: 'HOP_LAB_VALUE_INVALID', at: 'id: demo', says: /"workers".* is missing/u },
  { mistake: 'unknown kind of check', replace: 'kind: reach', by: 'kind: reech', code: 'HOP_LAB_VALUE_INVALID', at: 'reech', says: /'reach'/u },
  { mistake: 'unknown CNI', replace: '[flannel]', by: '[fannel]', code: 'HOP_LAB_VALUE_INVALID', at: 'fannel', says: /flannel/u },
  { mistake: 'a backend that there is not', replace: 'cnis: [flannel]', by: 'cnis: [flannel]\ncniOptions: { flannel: { backend: bridge } }', code: 'HOP_LAB_VALUE_INVALID', at: 'bridge', says: /one of vxlan, host-gw/u },
  { mistake: 'a CNI option that there is not', replace: 'cnis: [flannel]', by: 'cnis: [flannel]\ncniOptions: { flannel: { bakend: vxlan } }', code: 'HOP_LAB_KEY_UNKNOWN', at: 'bakend', says: /"backend"/u },
  { mistake: 'CNI options that do not go together', replace: 'cnis: [flannel]', by: 'cnis: [flannel]\ncniOptions: { flannel: { backend: host-gw, directRouting: true } }', code: 'HOP_LAB_VALUE_INVALID', at: 'true }', says: /host-gw wraps nothing/u },
  { mistake: 'options of a CNI that the lab is not for', replace: 'cnis: [flannel]', by: 'cnis: [flannel]\ncniOptions: { calico: { vxlanMode: CrossSubnet } }', code: 'HOP_LAB_VALUE_INVALID', at: '{ calico', says: /"cnis" names/u },
  { mistake: 'title in one language', replace: 'summary: { en: A, hi-Latn: B }', by: 'summary: { en: A }', code: 'HOP_LAB_VALUE_INVALID', at: '{ en: A }', says: /hi-Latn.* is missing/u },
  { mistake: 'two hints', replace: '      - { cost: 2, text: { en: Look, hi-Latn: Dekho } }\n', by: '', code: 'HOP_LAB_VALUE_INVALID', at: '- { cost: 0', says: /three levels/u },
  { mistake: 'empty file', by: '', code: 'HOP_LAB_VALUE_INVALID' },
  { mistake: 'id unlike the folder', replace: 'id: demo', by: 'id: dema', code: 'HOP_LAB_VALUE_INVALID', at: 'dema' },
  { mistake: 'step cycle', replace: '    text: 01-first', by: '    text: 01-first\n    after: [second]', code: 'HOP_LAB_CYCLE', at: '[second]', says: /first → second → first/u },
  { mistake: 'unknown step', replace: 'after: [first]', by: 'after: [fist]', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'fist', says: /Did you mean "first"/u },
  { mistake: 'unknown need', replace: 'needs: [answers]', by: 'needs: [answer]', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'answer]', says: /"answers"/u },
  { mistake: 'cyclic needs', replace: 'needs: [answers]', by: 'needs: [name]', code: 'HOP_LAB_CYCLE', at: '[name]' },
  { mistake: 'step id twice', replace: 'id: second', by: 'id: first', code: 'HOP_LAB_ID_DUPLICATE', at: 'first\n    title: { en: A, hi-Latn: B }\n    text: 02' },
  { mistake: 'check id twice', replace: 'id: name', by: 'id: answers', code: 'HOP_LAB_ID_DUPLICATE', at: 'answers\n        kind: dns' },
  { mistake: 'no translation', file: '01-demo/steps/02-second.hi-Latn.md', code: 'HOP_LAB_UNTRANSLATED', in: lab, at: '02-second', says: /no text in hi-Latn/u },
  { mistake: 'no step text', replace: 'text: 02-second', by: 'text: 02-secund', code: 'HOP_LAB_FILE_MISSING', at: '02-secund' },
  { mistake: 'question without check', replace: 'key: who\n        truth', by: 'key: whom\n        truth', code: 'HOP_LAB_QUESTION_UNGRADED', at: 'who, prompt' },
  { mistake: 'node that is not there', replace: 'worker-1', by: 'worker-2', code: 'HOP_LAB_NODE_UNKNOWN', at: 'worker-2' },
  { mistake: 'check from outside without an internet', replace: 'from: { pod: { name: client } }', by: 'from: { outside: internet }', code: 'HOP_LAB_ADDON_MISSING', at: 'id: answers' },
  { mistake: 'load balancer without an internet', replace: 'namespaces: [demo]', by: 'addons: [load-balancer]\nnamespaces: [demo]', code: 'HOP_LAB_ADDON_MISSING', at: '[load-balancer]' },
  { mistake: 'missing lab.yaml', file: lab, code: 'HOP_LAB_FILE_MISSING' },
  { mistake: 'missing manifest', file: solution, by: '- apply: manifests/nope.yaml\n', code: 'HOP_LAB_FILE_MISSING', at: 'manifests/nope', says: /nope\.yaml/u },
  { mistake: 'manifest outside', file: solution, by: '- apply: ../../lab.yaml\n', code: 'HOP_LAB_VALUE_INVALID', at: '../../lab' },
  { mistake: 'unknown verb', file: solution, by: '- aply: x.yaml\n', code: 'HOP_LAB_KEY_UNKNOWN', at: 'aply', says: /"apply"/u },
  { mistake: 'program not allowed', file: solution, by: '- node: worker-1\n  argv: [rm, -rf, /]\n', code: 'HOP_LAB_COMMAND_DENIED', at: 'rm,' },
  { mistake: 'patch outside', file: solution, by: '- patch: { apiVersion: v1, kind: Service, name: kube-dns, namespace: kube-system }\n  value: {}\n', code: 'HOP_LAB_NAMESPACE_FOREIGN', at: '{ apiVersion' },
  { mistake: 'delete of a node', file: solution, by: '- delete: { apiVersion: v1, kind: Node, name: x }\n', code: 'HOP_LAB_NAMESPACE_FOREIGN', at: '{ apiVersion', says: /whole cluster/u },
  { mistake: 'object outside', file: web, replace: '  name: web\n  labels', by: '  name: web\n  namespace: other\n  labels', code: 'HOP_LAB_NAMESPACE_FOREIGN', at: 'name: web' },
  { mistake: 'foreign image', file: web, replace: 'hoplab/echo', by: 'nginx:latest', code: 'HOP_LAB_IMAGE_FOREIGN', at: 'nginx' },
  { mistake: 'tagged image', file: web, replace: 'hoplab/echo', by: 'hoplab/echo:1', code: 'HOP_LAB_IMAGE_FOREIGN', at: 'hoplab/echo:1' },
  { mistake: 'image in a patch', file: solution, by: '- patch: { apiVersion: v1, kind: Pod, name: web }\n  value: { spec: { containers: [{ image: evil }] } }\n', code: 'HOP_LAB_IMAGE_FOREIGN', at: 'evil' },
  { mistake: 'live value of a manifest without a field', file: web, replace: 'name: web\n  labels', by: 'name: web\n  annotations: { peer: { $live: { pod: { name: client } } } }\n  labels', code: 'HOP_LAB_VALUE_INVALID', at: '{ pod', says: /"field".* is missing/u },
  { mistake: 'live value of a patch with an unknown key', file: solution, by: '- patch: { apiVersion: v1, kind: Pod, name: web }\n  value: { metadata: { annotations: { peer: { $live: { pod: { name: client }, feild: status.podIP } } } } }\n', code: 'HOP_LAB_KEY_UNKNOWN', at: 'feild', says: /"field"/u },
  { mistake: 'manifest without kind', file: web, replace: 'kind: Pod\n', by: '', code: 'HOP_LAB_MANIFEST_INVALID', at: 'apiVersion' },
  { mistake: 'fault without undo', file: fault, replace: 'undo:\n  - node: worker-1\n    argv: [ip, link]\n', by: '', code: 'HOP_LAB_VALUE_INVALID', at: 'title', says: /"undo".* must be written out/u },
  { mistake: 'unknown fault by name', file: fault, replace: doNode, by: doFault('selector-wrnog', 'service: web'), code: 'HOP_LAB_VALUE_INVALID', at: 'selector-wrnog', says: /'selector-wrong'/u },
  { mistake: 'fault told too little', file: fault, replace: doNode, by: doFault('selector-wrong', ''), code: 'HOP_LAB_VALUE_INVALID', at: '{  }', says: /service.* is missing/u },
  { mistake: 'fault told a key it does not know', file: fault, replace: doNode, by: doFault('selector-wrong', 'servise: web'), code: 'HOP_LAB_KEY_UNKNOWN', at: 'servise', says: /"service"/u },
  { mistake: 'fault on a node that is not there', file: fault, replace: doNode, by: doFault('ip-forward-off', 'node: worker-7'), code: 'HOP_LAB_NODE_UNKNOWN', at: 'worker-7' },
  { mistake: 'fault in a solution', file: solution, by: '- fault: coredns-scaled-down\n', code: 'HOP_LAB_KEY_UNKNOWN', at: 'fault' },
  { mistake: 'hop of an unknown check', file: fault, replace: 'expect:', by: 'firstBrokenHop: { nome: x }\nexpect:', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'nome' },
  { mistake: 'check silent in one proxy mode', file: fault, replace: '  who: pass\n  name: skipped\n', by: '  name: skipped\nin: { nftables: { expect: { who: pass } } }\n', code: 'HOP_LAB_EXPECT_INCOMPLETE', at: 'expect', says: /who/u },
  { mistake: 'fault for a CNI that the lab is not for', file: fault, replace: 'expect:', by: 'cnis: [calico]\nexpect:', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'calico', says: /flannel/u },
  { mistake: 'override for a CNI it is not for', file: fault, replace: 'expect:', by: 'on: { weave: { otherwise: pass } }\nexpect:', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'weave: {' },
  { mistake: 'override for a mode it is not for', file: fault, replace: 'expect:', by: 'proxyModes: [iptables]\nin: { nftables: { otherwise: pass } }\nexpect:', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'nftables: {' },
  { mistake: 'fault silent on a check', file: fault, replace: '  who: pass\n', by: '', code: 'HOP_LAB_EXPECT_INCOMPLETE', at: 'expect', says: /who/u },
  { mistake: 'fault on an unknown check', file: fault, replace: 'name: skipped', by: 'nome: skipped', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'nome' },
  { mistake: 'unknown verdict', file: fault, replace: 'who: pass', by: 'who: passed', code: 'HOP_LAB_VALUE_INVALID', at: 'passed' },
  { mistake: 'near-miss uncaught', file: '01-demo/near-misses/1-one/case.yaml', replace: '\ncaughtBy: [answers, who]', by: '', code: 'HOP_LAB_UNCAUGHT', at: 'title' },
  { mistake: 'caught by nothing known', file: '01-demo/near-misses/1-one/case.yaml', replace: '[answers, who]', by: '[anwsers]', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'anwsers', says: /"answers"/u },
  { mistake: 'caught by nothing that has points', file: '01-demo/near-misses/1-one/case.yaml', replace: '[answers, who]', by: '[name]', code: 'HOP_LAB_UNCAUGHT', at: '[name]', says: /as much as a solution/u },
  { mistake: 'answer to no question', file: '01-demo/near-misses/1-one/answers.yaml', by: 'whom: web\n', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'whom' },
  { mistake: 'patch in a kustomization', file: '01-demo/near-misses/1-one/kustomization.yaml', by: 'patches: []\nresources: [a.yaml]\n', code: 'HOP_LAB_KUSTOMIZATION', at: 'patches' },
  { mistake: 'case that does nothing', file: '01-demo/near-misses/1-one/answers.yaml', code: 'HOP_LAB_CASE_EMPTY', in: '01-demo/near-misses/1-one' },
  { mistake: 'file that nothing reads', file: '01-demo/solutions/1-one/manifests/forgotten.yaml', by: 'a: 1\n', code: 'HOP_LAB_FILE_UNREAD', says: /forgotten/u },
  { mistake: 'language that no lab has', file: '01-demo/steps/01-first.hi.md', by: '# A\n', code: 'HOP_LAB_FILE_UNREAD' },
  { mistake: 'points for the untouched lab', file: web, replace: 'app: wbe', by: 'app: web', code: 'HOP_LAB_POINTS_FREE', in: lab, at: '3\n        from' },
]

describe('every mistake ends in one positioned error', () => {
  test.each(mistakes)('$mistake: $code', async ({ file = lab, replace, by, code, at, in: where = file, says = /./u }) => {
    const { files, text } = editedLab(file, replace, by)
    const shown = where === file ? text : String(demoLab()[where] ?? '')
    const error = await readLab(files, 'demo').then(() => undefined, (thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HopError)
    const { facts } = error as HopError
    expect(facts.code).toBe(code)
    expect(facts.exitCode).toBe(2)
    expect(facts.fix).not.toBe('')
    expect(facts.position).toMatchObject(at === undefined ? { file: where } : { file: where, ...positionOf(shown, at) })
    expect(`${facts.what} ${facts.why}`).toMatch(says)
  })

  test('no claim is made about a Service that has a slice among the manifests: it may lead anywhere', async () => {
    const { text } = editedLab(web, 'app: wbe', 'app: web')
    const withSliceOf = (service: string) => readLab(memoryFiles({ ...demoLab(), [web]: `${text}---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: by-hand, labels: { kubernetes.io/service-name: ${service} } }
addressType: IPv4
endpoints: []
` }), 'demo')
    await expect(withSliceOf('other')).rejects.toMatchObject({ code: 'HOP_LAB_POINTS_FREE' })
    expect((await withSliceOf('web')).file.id).toBe('demo')
  })

  describe('points for a source that is kept', () => {
    /** The demo lab with a scored check of the source, and a DaemonSet whose Pods are such. */
    const beside = (spec: string) => {
      const { text } = editedLab(web, 'app: wbe', 'app: web')
      const { text: scored } = editedLab(lab, 'kind: reach', 'kind: source\n        expect: client-pod')
      return readLab(memoryFiles({ ...demoLab(), [lab]: scored, [web]: `${text}---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec: { template: { metadata: { labels: { app: agent } }, spec: ${spec} } }
` }), 'demo')
    }
    const agent = (security: string): string => `containers: [{ name: agent, image: hoplab/echo, securityContext: ${security} }]`

    test.each(['{}', '{ hostNetwork: true }', `{ ${agent('{ privileged: true }')} }`, `{ hostNetwork: true, ${agent('{ capabilities: { add: [SYS_TIME] } }')} }`])('are free beside Pods that cannot write rules on their nodes: %s', async (spec) => {
      await expect(beside(spec)).rejects.toMatchObject({ code: 'HOP_LAB_POINTS_FREE' })
    })
    test.each(['{ privileged: true }', '{ capabilities: { add: [NET_ADMIN] } }', '{ capabilities: { add: [ALL] } }'])('may have to be earned beside Pods that can: %s', async (security) => {
      expect((await beside(`{ hostNetwork: true, ${agent(security)} }`)).file.id).toBe('demo')
    })
  })

  describe('an Ingress check of what nobody serves', () => {
    /** The demo lab with such a check beside one of `paths`, which it needs when `needs` says so. */
    const beside = (paths: string, needs: string) => {
      const { text } = editedLab(lab, 'namespaces: [demo]', 'addons: [internet, ingress]\nnamespaces: [demo]')
      const ingress = (asked: string): string => `kind: ingress\n        host: shop.example\n        paths: [${asked}]`
      const edited = text.replace(/kind: reach[^]*?(?=\n {6}- id)/u, `points: 3\n        title: { en: A, hi-Latn: B }\n        ${ingress(paths)}`)
        .replace(/kind: dns\n/u, `${ingress('{ path: /no }')}\n`).replace('needs: [answers]', `needs: ${needs}`).replace(/ {8}from: \{ node: worker-1 \}\n {8}name: web\n {8}expect: .*\n/u, '')
      return readLab(memoryFiles({ ...demoLab(), [lab]: edited }), 'demo')
    }

    test('proves something beside one that is served', async () => {
      expect((await beside('{ path: /, service: web }', '[answers]')).file.steps[1]?.checks[0]).toMatchObject({ kind: 'ingress', paths: [{ path: '/no' }] })
    })
    test.each([['{ path: /, service: web }', '[]'], ['{ path: / }', '[answers]']])('proves nothing beside %s with needs %s', async (paths, needs) => {
      await expect(beside(paths, needs)).rejects.toMatchObject({ code: 'HOP_LAB_CHECK_UNCONTROLLED' })
    })
  })

  test('the demo lab itself keeps every rule', async () => {
    expect(lintLab(await readLab(memoryFiles(demoLab()), 'demo'))).toEqual([])
  })

  test.each([['solutions', '2-two', 2], ['near-misses', '3-three', 3], ['faults', '3-three', 3]])('too few %s', async (folder, last, needed) => {
    const files = Object.fromEntries(Object.entries(demoLab()).filter(([path]) => !path.startsWith(`01-demo/${folder}/${last}/`)))
    await expect(readLab(memoryFiles(files), 'demo')).rejects.toMatchObject({ code: 'HOP_LAB_UNPROVEN', facts: { what: expect.stringContaining(`${needed} are needed`) } })
  })

  test('bytes that are not UTF-8: line, column and byte offset', async () => {
    const good = new TextEncoder().encode('# नमस्ते\nok ')
    const files = { ...demoLab(), '01-demo/steps/01-first.en.md': new Uint8Array([...good, 0xe9, 0x20, 0x41]) }
    await expect(readLab(memoryFiles(files), 'demo')).rejects.toMatchObject({
      code: 'HOP_LAB_NOT_UTF8',
      facts: { why: `Byte ${good.length} (0xe9) cannot stand there.`, position: { file: '01-demo/steps/01-first.en.md', line: 2, column: 4 } },
    })
  })

  test('an alias bomb is refused in no time', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)].join('\n')
    await expect(readLab(editedLab(lab, undefined, bomb).files, 'demo')).rejects.toMatchObject({ code: 'HOP_LAB_YAML' })
  })
})

function positionOf(text: string, marker: string): { line: number; column: number } {
  const lines = text.slice(0, text.indexOf(marker)).split('\n')
  expect(text).toContain(marker)
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
