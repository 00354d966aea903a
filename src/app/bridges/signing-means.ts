/** Until when a unit can sign: by the certificates it has enrolled and the seals it has in force. */
import type { UnitIndex, UnitRecord } from '../../access/index.js';
import type { SigningMeans } from '../../contract/index.js';
import { fromBase64 } from '../../kernel/index.js';
import { parseCertificate } from '../../pki/index.js';
import type { SealIndex, SealRecord } from '../../seal/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';

/** A unit has a handful; who has more is not short of one. */
const MOST_SEALS = 50;

export function signingMeans(parts: {
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'find'>;
}): (unitId: string) => Promise<SigningMeans> {
  return async (unitId) => {
    const unit = await parts.units.get(unitId, SCOPE_ALL);
    const seals = await parts.seals.find(
      { where: { unitId: { eq: unitId } }, limit: MOST_SEALS },
      SCOPE_ALL,
    );
    const certificates = (unit?.certificates ?? [])
      .flatMap(({ derB64 }) => fromBase64(derB64) ?? [])
      .map((der) => parseCertificate(der).notAfter);
    const active = seals.items
      .filter(({ status }) => status === 'active')
      .flatMap(({ versions }) => versions.at(-1) ?? [])
      .map(({ validUntil }) => new Date(validUntil));
    return {
      ...latest('certificateUntil', certificates),
      ...latest('sealUntil', active),
    };
  };
}

function latest<K extends string>(key: K, times: readonly Date[]): { readonly [P in K]?: Date } {
  if (times.length === 0) return {};
  const value = new Date(Math.max(...times.map((time) => time.getTime())));
  return { [key]: value } as { readonly [P in K]?: Date };
}
