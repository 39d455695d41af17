import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

const whole = (sent: number, asked: number) => ({ arrived: sent, received: asked, spoiltThere: false, spoiltBack: false })

checkKindContract({
  kind: 'transfer',
  healthy: () => ({ kind: 'transfer', from: client, to: hello }),
  faults: {
    'large bodies that get stuck': (lab) => { lab.network.weather.moves = (sent, asked) => ({ ...whole(sent, asked), arrived: 0, received: 0, ends: 'TIMEOUT' }) },
    'an answer that does not come whole': (lab) => { lab.network.weather.moves = (sent, asked) => ({ ...whole(sent, asked), received: asked - 1 }) },
    'a body that does not arrive whole': (lab) => { lab.network.weather.moves = (sent, asked) => ({ ...whole(sent, asked), arrived: sent - 1 }) },
    'bytes that change on the way there': (lab) => { lab.network.weather.moves = (sent, asked) => ({ ...whole(sent, asked), spoiltThere: true }) },
    'bytes that change on the way back': (lab) => { lab.network.weather.moves = (sent, asked) => ({ ...whole(sent, asked), spoiltBack: true }) },
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
  },
}, { describe, test })
