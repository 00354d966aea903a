export { openTrustFolder } from './trust-folder.js';
