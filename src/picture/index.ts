/** Pictures as PDF shows them: SVG as vectors, PNG and JPEG as images, seals as ink. */
export type { Picture, PictureRules } from './picture.js';
export { captioned } from './caption.js';
export { INK, colourSpaces, inkState } from './ink.js';
export { pictureFormat, readPicture } from './read-picture.js';
export type { PictureFormat } from './read-picture.js';
export { readPixels } from './read-pixels.js';
export type { RgbPixels } from './read-pixels.js';
export { svgToPng } from './svg.js';
export { encodePng, withPngMetadata } from './encode-png.js';
