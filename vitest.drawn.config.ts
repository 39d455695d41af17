import { dockerTests } from './vitest.docker-tests.ts'

/** One lab in full, another one with each commit, so that nobody knows beforehand how long it takes. */
export default dockerTests('drawn')
