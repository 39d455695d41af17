#!/usr/bin/env node
import { hoplab } from './hoplab.ts'

process.exit(await hoplab(process.argv.slice(2)))
