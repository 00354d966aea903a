/** New functions, announced to who uses them. */
import { z } from 'zod';
import { route, type Route } from '../route.js';
import type { HttpServices } from '../services.js';

const announcement = z
  .strictObject({
    version: z.string().meta({ description: '版本；Unreleased 为下一版本' }),
    releasedOn: z.iso.date().nullable(),
    kind: z.string().meta({ description: 'added 新增；changed 变化；fixed 修正……' }),
    text: z.string().meta({ description: '中文；没有中文时为英文' }),
    textEn: z.string(),
  })
  .meta({ id: 'FeatureAnnouncement' });

export function announcementRoutes({ features }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/announcements',
      operationId: 'listAnnouncements',
      tag: 'service',
      summary: '新功能公告 / New functions',
      access: 'authenticated',
      query: z.strictObject({ version: z.string().min(1).max(40).optional() }),
      success: {
        status: 200,
        description: '按版本，新的在前',
        json: z.strictObject({ items: z.array(announcement) }),
      },
      handle: ({ query: { version } }) =>
        Promise.resolve({
          body: {
            items: features.filter((each) => version === undefined || each.version === version),
          },
        }),
    }),
  ];
}
