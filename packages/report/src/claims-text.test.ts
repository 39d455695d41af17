import { expect, test } from 'vitest'
import { claimsText, type ShownClaim } from './claims-text.ts'

const proof = { lab: 'first-packet', step: 'what-changed', check: 'source-kept', checkTitle: 'The server sees the client Pod\'s own address', counterCase: 'faults/3-masquerade-too-wide', counterTitle: 'Every node hides Pods behind its own address' }
const claims: ShownClaim[] = [
  { id: '2.4', open: false, words: 'Pod ka IP address andar aur bahar same hota hai.', en: 'The IP address of a Pod is the same inside and outside.', note: 'Outside means for other Pods and for nodes. Whoever is beyond the cluster usually sees a node\'s address.', proof: [proof] },
  { id: '2.2', open: true, words: 'Har Pod bina NAT ke baat kar sakta hai.', en: 'Every Pod can talk without NAT.', missing: 'Every pair.', proof: [proof] },
  { id: '4.3', open: true, words: 'Agar do Pods same node par hain\nTo traffic \u001b[31mdirectly flow karta hai', en: 'It flows directly.', missing: 'No lab shows this yet.', proof: [] },
]

test('claims read as paragraphs of short lines, and end with a count and where to see more', () => {
  const text = claimsText(claims, { colour: false, unicode: true, live: false })
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(text).toMatchInlineSnapshot(`
    "2.4 proven
      Pod ka IP address andar aur bahar same hota hai.
      In English: The IP address of a Pod is the same inside and outside.
      Precisely: Outside means for other Pods and for nodes. Whoever is beyond the
      cluster usually sees a node's address.
      Proven in first-packet, step what-changed, by check source-kept: The server
      sees the client Pod's own address
        It fails in faults/3-masquerade-too-wide: Every node hides Pods behind its
        own address

    2.2 open, proven in part
      Har Pod bina NAT ke baat kar sakta hai.
      In English: Every Pod can talk without NAT.
      Proven in first-packet, step what-changed, by check source-kept: The server
      sees the client Pod's own address
        It fails in faults/3-masquerade-too-wide: Every node hides Pods behind its
        own address
      Still to be proven: Every pair.

    4.3 open
      Agar do Pods same node par hain To traffic directly flow karta hai
      In English: It flows directly.
      Still to be proven: No lab shows this yet.

    1 of 3 claims have their proof: a check, and a case of the same lab in which it
    is declared to fail. 2 are open.
    How these cases ended on real clusters: pnpm proof --claims"
  `)
})

test('a state is a word, and colour is only added to it', () => {
  expect(claimsText(claims, { colour: true, unicode: true, live: false })).toContain('\u001b[33mopen\u001b[39m')
})
