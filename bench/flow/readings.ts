/** What supervisors and platforms read, of a whole province. */
import { randomBytes } from 'node:crypto';
import { ApiClient } from '../../src/app/quickstart/api-client.js';
import { Secret } from '../../src/kernel/index.js';
import type { Place } from '../installation/place.js';
import { measure, type Rate } from '../measure.js';

const PROVINCE = '990000';
const CALLS = 20;

export const READINGS = [
  '/contracts?limit=50',
  '/contracts?state=filed&limit=50',
  '/contracts?state=draft&limit=50',
  '/filings?state=filed&limit=50',
  '/deadlines?limit=50',
  '/deadlines?kind=announce&overdue=true&limit=50',
  '/deadlines?regionCode=990201&limit=50',
  '/statistics/contracts',
  '/statistics/contracts?groupBy=region',
  '/statistics/contracts?groupBy=unit&regionCode=990201',
  '/statistics/overdue?regionCode=990201',
  '/exports/announcements?limit=50',
  '/exports/ocds?limit=50',
  '/audit/entries?type=contract.signed&limit=50',
  '/announcements',
] as const;

/** Somebody who supervises all of the seeded province. */
export async function supervisorOf(place: Place): Promise<ApiClient> {
  const { accounts } = place.serving.service.services;
  const password = Secret.fromText(randomBytes(12).toString('base64url'));
  const name = `province-${randomBytes(4).toString('hex')}`;
  await accounts.create(
    {
      accountId: 'installation',
      roles: ['system-administrator'],
      unitId: undefined,
      regionCode: PROVINCE,
      certificateSha256: undefined,
      requestId: undefined,
    },
    {
      name,
      kind: 'person',
      roles: ['supervisor'],
      regionCode: PROVINCE,
      password,
      certificateSha256: [],
    },
  );
  return ApiClient.login(place.serving.url, { name, password });
}

/** One client, each reading again and again. */
export async function measureReadings(reader: ApiClient): Promise<ReadonlyMap<string, Rate>> {
  const rates = new Map<string, Rate>();
  for (const path of READINGS) {
    const work = async (): Promise<void> => {
      await reader.get(path);
    };
    await work();
    rates.set(
      path,
      await measure({ name: `GET ${path}`, lanes: 1, until: { count: CALLS }, work }),
    );
  }
  return rates;
}
