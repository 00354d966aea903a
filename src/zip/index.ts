export { isOddName, readPlainZip, readZip } from './read-zip.js';
export type { ZipBounds, ZipReading, ZipRefusal } from './read-zip.js';
export type { ZipFaultKind } from './zip-fault.js';
