import { cniInstallerContract } from '../../testing/contract.ts'
import { flannelInstaller } from './index.ts'

cniInstallerContract('flannel', flannelInstaller)
cniInstallerContract('flannel', () => flannelInstaller({ backend: 'host-gw' }))
