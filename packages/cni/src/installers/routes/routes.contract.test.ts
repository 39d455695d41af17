import { cniInstallerContract } from '../../testing/contract.ts'
import { routesInstaller } from './index.ts'

cniInstallerContract('routes', routesInstaller)
