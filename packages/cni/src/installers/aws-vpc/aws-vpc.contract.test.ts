import { cniInstallerContract } from '../../testing/contract.ts'
import { awsVpcInstaller } from './index.ts'

cniInstallerContract('aws-vpc', awsVpcInstaller, { published: false })
