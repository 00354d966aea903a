/** Pictures as PDF shows them: SVG as vectors, PNG and JPEG as images, seals as ink. */
export type { Picture, PictureRules } from './picture.js';
export { captioned } from './caption.js';
export { INK, colourSpaces, inkState } from './ink.js';
export { readPicture } from './read-picture.js';
export { encodePng } from './encode-png.js';
