import { dockerTests } from './vitest.docker-tests.ts'

/**
 * Tests beside which no other docker test may run: they change the machine itself (a kernel limit, an image that every lab needs), or judge so much
 * at once that a second cluster takes their breath (measured here: a control Pod that did not answer itself in time).
 */
export default dockerTests('alone')
