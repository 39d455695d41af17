import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const check = { kind: 'reach', from: client, to: hello } as const
const foreign = () => {
  for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, image: 'nginx' })
  lab.network.weather.says = () => undefined
}
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over }]))[0]

describe('reach passes', () => {
  test('on a healthy lab, at the first look, with kernel, DNS and control as witnesses', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, maxPoints: 1, attempts: 1, flapped: false, truth: 'real' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(expect.arrayContaining(['client', 'dns', 'server', 'conntrack', 'control']))
    expect(result?.why).toBe('5 of 5 fresh connections from Pod lab/client to Service lab/hello:80 were answered.')
  })
  test('by ClusterIP while DNS is down', async () => {
    lab.names = undefined
    expect(await look({ to: { ...hello, via: 'cluster-ip' } })).toMatchObject({ verdict: 'pass' })
  })
  test('to Pods directly, and from a node', async () => {
    expect(await look({ from: { node: 'b' }, to: { pod: { labels: { app: 'hello' } }, port: 8080 } })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('10 of 10') })
  })
  test('when the name leads to a server that is not behind the ClusterIP: a client dials what its resolver says', async () => {
    lab.names?.set('hello.lab', ['10.96.1.2'])
    lab.service('other', '10.96.1.2', { app: 'hello' })
    lab.service('hello', '10.96.1.1', { app: 'nobody' })
    lab.names?.set('hello.lab', ['10.96.1.2'])
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('on a way that loses most of what control Pods send: one answered connection shows that there is a path', async () => {
    let asked = 0
    lab.network.weather.brokenPaths.add('a>b')
    lab.network.weather.waysAside.has = (way) => way !== 'control-a>control-b' || asked++ % 4 === 3
    expect(await look()).toMatchObject({ verdict: 'pass' })
    expect(asked).toBe(4)
  })
  test('where nothing tracks connections, and says so', async () => {
    lab.network.weather.untracked = true
    const result = await look()
    expect(result?.verdict).toBe('pass')
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'conntrack', observed: 'nothing tracks this connection on this node' }))
  })
  test('with a foreign server, by the kernel\'s word alone', async () => {
    foreign()
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('with a foreign server that has nothing at "/": it answered as a server', async () => {
    foreign()
    lab.network.weather.status = () => 404
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('reach by NodePort', () => {
  const byNodePort = { from: client, to: { ...hello, via: 'node-port', node: 'b' }, count: 12 }
  const open = (): void => {
    const service = [...lab.kube.objects.values()].find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'hello')
    if (!service) throw new Error('no Service')
    lab.kube.put({ ...service, spec: { ...service.spec as object, type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] } })
    lab.network.syncSlices()
  }
  test.each(['a', 'b'])('passes at node %s, own or another, and the record of the node that was dialled names the backends', async (node) => {
    open()
    const result = await look({ ...byNodePort, to: { ...byNodePort.to, node } })
    expect(result).toMatchObject({ verdict: 'pass', why: `12 of 12 fresh connections from Pod lab/client to Service lab/hello:80 by NodePort 30080 of ${node} were answered.` })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'server', observed: 'answered by lab/hello-a, lab/hello-b' }))
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'conntrack', command: expect.stringContaining(`toolbox/${node},`), observed: expect.stringContaining('replies 10.244.') }))
  })
  test('fails when the server says another Pod than that record', async () => {
    open()
    lab.network.weather.says = (_pod, body) => ({ ...body, local: '10.244.9.9:8080' })
    expect(await look(byNodePort)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/the server says it is 10\.244\.9\.9, the kernel says 10\.244\.[12]\.11/u) })
  })
  test('fails where one node\'s NodePort answers nobody, and not where another\'s does', async () => {
    open()
    lab.network.weather.closedNodePorts.add('b')
    expect(await look(byNodePort)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('by NodePort 30080 of b got no answer in time') })
    expect(await look({ ...byNodePort, to: { ...byNodePort.to, node: 'a' } })).toMatchObject({ verdict: 'pass' })
  })
  test('waits for kube-proxy of the node that is dialled', async () => {
    open()
    lab.lateProxies.add('b')
    expect((await lab.verify([{ ...check, ...byNodePort, within: 1 }]))[0]).toMatchObject({ verdict: 'fail', firstBrokenHop: 'kube-proxy on b' })
  })
  test('fails at a Service that has none', async () => {
    expect(await look(byNodePort)).toMatchObject({ verdict: 'fail', why: 'Service lab/hello:80 has no NodePort.', firstBrokenHop: 'Service lab/hello:80' })
  })
})

describe('reach fails', () => {
  test('when another Pod answers in place of the one that is dialled, though all it says of itself is true', async () => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe'
      ? { ...printed, stdout: printed.stdout.replaceAll(' src=10.244.2.11 ', ' src=10.244.1.11 ').replaceAll('"local":"10.244.2.11:8080"', '"local":"10.244.1.11:8080"') } : printed)
    expect(await look({ to: { pod: { name: 'hello-b' }, port: 8080 } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('the kernel says that 10.244.1.11:8080 answers in place of 10.244.2.11:8080') })
  })
  test.each([['foreign', 500], ['foreign', 503], ['own', 503]] as const)('when a server of %s image answers with HTTP %i', async (image, status) => {
    if (image === 'foreign') foreign()
    lab.network.weather.status = () => status
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', points: 0, why: `Service lab/hello:80 answered Pod lab/client, but with HTTP ${status}.` })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'client', observed: `5 OK with HTTP ${status}`, expected: '5 OK' }))
  })
  test('when what answers does not speak HTTP', async () => {
    foreign()
    lab.network.weather.status = (pod) => (pod === 'hello-b' ? undefined : 200)
    const result = await look({ count: 40 })
    expect(result).toMatchObject({ verdict: 'fail', why: 'Service lab/hello:80 answered Pod lab/client, but what answered does not speak HTTP.' })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'client', observed: expect.stringMatching(/\d+ OK without HTTP/u) }))
  })
  test('at a Service without endpoints, naming its selector and the hop', async () => {
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: 'Service lab/hello:80', why: '2 of 2 connections from Pod lab/client to Service lab/hello:80 were refused: the Service has no ready endpoint for its selector app=helo.' })
  })
  test('at a wrong target port, naming the endpoints', async () => {
    lab.service('hello', '10.96.1.1', { app: 'hello' }, 8081)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('10.244.1.11:8081') })
  })
  test('when the client Pod is missing, and names it', async () => {
    expect(await look({ from: { pod: { name: 'clinet' } } })).toMatchObject({ verdict: 'fail', why: 'There is no Pod clinet in namespace lab to ask from.' })
  })
  test('when the client Pod does not run, with the kubelet\'s reason', async () => {
    lab.pod({ name: 'client', node: 'a', ip: '10.244.1.10', waiting: 'ImagePullBackOff' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Pod lab/client is not running: ImagePullBackOff.' })
  })
  test('when there is no such Service', async () => {
    expect(await look({ to: { service: 'bye', port: 80 } })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/bye.' })
  })
  test('as DNS, not as a dead Service, when the name does not resolve', async () => {
    lab.names = undefined
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'DNS', why: 'From Pod lab/client the name hello does not resolve: TIMEOUT.' })
  })
  test('when the path between nodes is dead, naming the path, even where the near backend would answer', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b', why: expect.stringContaining('not even the control Pods') })
  })
  test('when only some connections are answered', async () => {
    lab.network.weather.between = (_from, to) => (to === 'hello-b' ? 'TIMEOUT' : undefined)
    expect(await look({ count: 40 })).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^\d+ of 40 connections .* got no answer in time/u) })
  })
  test('when somebody answers without the nonce of the request', async () => {
    lab.network.weather.says = (_pod, body) => ({ ...body, nonce: 'recorded-yesterday' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('nonce') })
  })
  test('when server and kernel name different Pods', async () => {
    lab.network.weather.says = (_pod, body) => ({ ...body, local: '10.244.9.9:8080' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/the server says it is 10\.244\.9\.9, the kernel says 10\.244\.[12]\.11/u) })
  })
  test('when a foreign server claims to be the lab\'s and no kernel keeps a record', async () => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, command: ['python3', 'liar.py'] })
    lab.network.weather.untracked = true
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('nothing but the server itself says who answered') })
  })
})
