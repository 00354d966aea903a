export { unpackZip, type UnpackBounds, type Unpacked } from './unpack.js';
