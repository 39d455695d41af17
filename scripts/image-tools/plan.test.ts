import { expect, test } from 'vitest'
import { goNeeded, planOf } from './plan.ts'

test('what is missing is installed, and nothing else', () => {
  expect(planOf([], { candidate: '2:1.19~1', needed: '1.25.0' })).toEqual({ packages: [], unable: [] })
  expect(planOf(['gcc', 'debootstrap'], { candidate: undefined, needed: '1.25.0' })).toEqual({ packages: ['gcc', 'libc6-dev', 'debootstrap'], unable: [] })
})

test("Debian's Go is taken only where it suffices; else it is said which is needed and which there is", () => {
  expect(planOf(['go'], { candidate: '2:1.25~2', needed: '1.25.3' })).toEqual({ packages: ['golang-go'], unable: [] })
  expect(planOf(['go', 'gcc'], { candidate: '2:1.19~1', needed: '1.25.0' })).toEqual({ packages: ['gcc', 'libc6-dev'], unable: [expect.stringMatching(/^Go 1\.25\.0 or newer .* is 1\.19~1: /u)] })
  expect(planOf(['go'], { candidate: undefined, needed: '1.25.0' }).unable).toEqual([expect.stringContaining('not to be had')])
})

test('the newest Go that a module asks for counts', () => {
  expect(goNeeded(['module a\n\ngo 1.24.0\n', 'module b\n\ngo 1.25.0\n\nrequire x v1\n', 'module c\ngo 1.9\n'])).toBe('1.25.0')
})
