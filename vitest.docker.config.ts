import { dockerTests } from './vitest.docker-tests.ts'

export default dockerTests('docker')
