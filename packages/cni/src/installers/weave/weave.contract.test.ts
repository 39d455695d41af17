import { cniInstallerContract } from '../../testing/contract.ts'
import { weaveInstaller } from './index.ts'

cniInstallerContract('weave', weaveInstaller, { published: false })
