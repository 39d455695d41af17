#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { cacheFolder } from '@hoplab/core/node/folders'

// Half the time of a short command goes into compiling its modules (measured). Where nothing was installed, nothing is made for it.
if (existsSync(cacheFolder())) enableCompileCache(join(cacheFolder(), 'compiled'))
const { hoplab } = await import('./hoplab.ts')

process.exit(await hoplab(process.argv.slice(2)))
