/** Pictures as PDF shows them. */
export type { Picture, PictureRules } from './picture.js';
