export { engineFolder, engineSocket, engineStateFile, type OwnEngine, ownEngine, startTicksOf, useOwnEngine } from './engine-socket.ts'
export { buildImages, type BuildOptions, type StepOutcome } from './build/build-images.ts'
export { type ImageSet, type ImageSource, imageSet, imagesToLoad } from './image-set.ts'
export { type Versions, versions } from './versions.ts'
