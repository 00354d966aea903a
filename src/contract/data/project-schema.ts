/** The project and the lot that an award and the contract made of it are for. */
import { z } from 'zod';
import { term, text } from './values.js';

export const projectFields = {
  tenderId: text('项目编号', 100, '/tender/id'),
  tenderTitle: text('项目名称', 200, '/tender/title'),
  lot: z
    .strictObject({
      id: text('包编号', 60, '/tender/lots/0/id'),
      title: text('包名称', 200, '/tender/lots/0/title').exactOptional(),
    })
    .meta(term('采购包', '/tender/lots/0'))
    .exactOptional(),
};
