import { dockerTests } from './vitest.docker-tests.ts'

/** What the command says when the machine fails it: an engine that dies, a signal, what is missing. */
export default dockerTests('machine')
