import { expect, test } from 'vitest'
import { edited } from './weave-edits.ts'

const npc = 'package main\n\nnsController := make(client.Core().RESTClient())\npodController := make(client.Core().RESTClient())\n'

test('what has to change is changed, everywhere in the file, and said there', () => {
  expect(edited('prog/weave-npc/main.go', npc)).toBe('package main // Changed by hoplab.\n\nnsController := make(client.CoreV1().RESTClient())\npodController := make(client.CoreV1().RESTClient())\n')
})

test('a file that nothing has to be changed in stays as it is', () => {
  expect(edited('net/veth.go', npc)).toBe(npc)
})

test.each([['more', `${npc}client.Core().RESTClient()`], ['less', 'package main\n\nclient.Core().RESTClient()'], ['nothing', 'package main\n']])('another version is refused: there is %s to be changed', (_how, text) => {
  expect(() => edited('prog/weave-npc/main.go', text)).toThrow(/^prog\/weave-npc\/main\.go: "client\.Core\(\)\.RESTClient\(\)" stands there \d times, not 2\.$/u)
})

test('the socket of the tunnel holds more than a burst', () => {
  const sleeve = 'x\n\t// This makes sure all packets we send out do not have DF set\n\t// on them.\n'
  expect(edited('router/sleeve.go', sleeve)).toContain('syscall.SO_RCVBUFFORCE, 4<<20)')
})
