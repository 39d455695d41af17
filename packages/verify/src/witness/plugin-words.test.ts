import { expect, test } from 'vitest'
import { explainPlugin } from './plugin-words.ts'

const sandbox = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${'0f'.repeat(32)}": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: `

test.each([
  ['failed to assign an IP address to container', 'every address that this node has for Pods is in use, or was until less than 30 s ago: a released one rests that long'],
  ['failed to connect to backend server: dial unix /var/run/aws-node/ipamd.sock: connect: connection refused', 'the plugin\'s agent on this node does not answer'],
  ['Error received from AddNetwork gRPC call: rpc error: code = Unknown desc = failed to retrieve mac from instance metadata operation error ec2imds: GetMetadata', 'the plugin\'s agent asks the node\'s metadata service for each Pod, and that does not answer'],
])('what a plugin says is told short, and with its meaning: %s', (said, meaning) => {
  const told = explainPlugin(`${sandbox}${said}`)
  expect(told).toBe(`Failed to create pod sandbox: failed to setup network for sandbox: plugin type="aws-cni" name="aws-cni" failed (add): add cmd: ${said.replace('rpc error: code = Unknown desc = ', '')} (${meaning})`)
})

test('what nobody knows stays as it is', () => {
  expect(explainPlugin('failed to find plugin "flannel" in path [/opt/cni/bin]')).toBe('failed to find plugin "flannel" in path [/opt/cni/bin]')
})
