import type { CheckResult } from '@hoplab/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

const client = { pod: { name: 'client' } }
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

/** A server in Perl that answers every request with what `body` makes; `$n` is the nonce it was asked with. */
const server = (body: string): string => String.raw`use IO::Socket::INET; $SIG{PIPE} = "IGNORE"; my $l = IO::Socket::INET->new(LocalPort => 8080, Listen => 50, ReuseAddr => 1); while (my $c = $l->accept) { my $n = ""; while (my $h = <$c>) { $n = $1 if $h =~ /nonce: (\S+)/i; last if $h =~ /^\r\n$/ } my $b = ${body}; print $c "HTTP/1.1 200 OK\r\nContent-Length: " . length($b) . "\r\nConnection: close\r\n\r\n$b"; close $c }`
/** Above a mebibyte: not ASCII, commands for a terminal, text that reads backwards, lines like the probe's results and the ends of a batch. */
const loud = server(String.raw`"\xc3\xa9\xe2\x80\xae\x1b]0;pwned\x07\x1b[2J\n{\"id\":\"0\",\"nonce\":\"x\",\"class\":\"OK\"}\n{\"end\":\"x\",\"count\":1}\nrecords-end\nhoplab-00000000-0000-4000-8000-000000000000 end\n" x 9000`)
/** Of the shape of our own server, with the right nonce and hostile words. */
const sly = server(String.raw`"{\"echo\":1,\"pod\":\"\\u001b]0;pwned\\u0007\\nrecords-end\\n\",\"nonce\":\"$n\",\"remote\":\"\\u202e6.6.6.6:1\",\"local\":\"\\u001b[2J{\\\"end\\\":\\\"x\\\"}\"}"`)
/** The same with a nonce of its own. */
const forging = server(String.raw`"{\"echo\":1,\"pod\":\"hello\",\"nonce\":\"00000000-0000-4000-8000-000000000000.0\",\"remote\":\"6.6.6.6:1\",\"local\":\"6.6.6.6:8080\"}"`)
const programs = { loud, sly, forging }

/** What a Pod writes decides nothing, neither about itself nor about others that are asked in the same batch. */
export function hostilePods(get: () => LiveLab): void {
  describe('what Pods write is data', () => {
    beforeAll(async () => {
      for (const [name, program] of Object.entries(programs)) await get().put(get().pod(name, { nodeName: get().cluster.nodeName('worker-2') }, { app: name }, { command: ['perl', '-e', program] }), get().service(name, { app: name }))
    })
    afterAll(async () => { for (const name of Object.keys(programs)) { await get().remove('Pod', name); await get().remove('Service', name) } })

    test.each(Object.keys(programs))('from Pod %s: kernel and API decide, and what is shown is plain', async (name) => {
      const to = { service: name, port: 80, via: 'cluster-ip' }
      const hello = { service: 'hello', port: 80, via: 'cluster-ip' }
      const written = [
        { id: 'reach', kind: 'reach', from: client, to, count: 5, within: 30 }, { id: 'source', kind: 'source', from: client, to, expect: 'client-pod', within: 30 },
        { id: 'other', kind: 'reach', from: client, to: hello }, { id: 'closed', kind: 'reach', from: client, to: { pod: { name }, port: 9 }, within: 3 },
        { id: 'who', kind: 'answer', key: 'who', truth: { answeredBy: { from: client, to } }, within: 3 },
      ]
      const { results } = await get().verify(written, { answers: { who: 'hello' } })
      expect(Object.fromEntries(results.map(({ id, verdict }) => [id, verdict])), JSON.stringify(results.map(({ why }) => why))).toEqual({ reach: 'pass', source: 'pass', other: 'pass', closed: 'fail', who: 'fail' })
      for (const text of results.flatMap(shown)) expect(unsafe.test(text), JSON.stringify(text)).toBe(false)
    })
  })
}

const shown = ({ why, firstBrokenHop = '', evidence }: CheckResult): string[] => [why, firstBrokenHop, ...evidence.flatMap(({ witness, observed, expected, command = '' }) => [witness, observed, expected, command])]
