/** A trust profile, parsed once: the same profile object gives the same parsed one. */
import { isAppError } from '../kernel/index.js';
import {
  cachedCertificate,
  certificateSha256Hex,
  parseCrl,
  parseOcspResponse,
  type Certificate,
  type Crl,
  type OcspResponse,
} from '../pki/index.js';
import type { TrustPeriod, TrustProfile, TrustUsage } from '../trust/index.js';

export interface ParsedProfile {
  readonly name: string;
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly ocsps: readonly OcspResponse[];
  allows(usage: TrustUsage): boolean;
  /** When an anchor is trusted; `undefined`: without limit. */
  periodOf(anchor: Certificate): TrustPeriod | undefined;
}

const parsed = new WeakMap<TrustProfile, ParsedProfile>();

/** What does not parse is left out: one bad file in a folder does not make the others useless. */
export function parseProfile(profile: TrustProfile): ParsedProfile {
  const known = parsed.get(profile);
  if (known !== undefined) return known;
  const { usages } = profile;
  const periods = new Map(
    (profile.anchorPeriods ?? []).flatMap((period) =>
      parseEach([period.anchorDer], cachedCertificate).map((anchor): [string, TrustPeriod] => [
        certificateSha256Hex(anchor),
        period,
      ]),
    ),
  );
  const result: ParsedProfile = {
    name: profile.name,
    anchors: parseEach(profile.anchorsDer, cachedCertificate),
    intermediates: parseEach(profile.intermediatesDer, cachedCertificate),
    crls: parseEach(profile.crlsDer, parseCrl),
    ocsps: parseEach(profile.ocspDer, parseOcspResponse),
    allows: (usage) => usages === undefined || usages.includes(usage),
    periodOf: (anchor) => periods.get(certificateSha256Hex(anchor)),
  };
  parsed.set(profile, result);
  return result;
}

export function parseEach<T>(
  values: readonly Uint8Array[],
  parse: (der: Uint8Array) => T,
): readonly T[] {
  return values.flatMap((der) => {
    try {
      return [parse(der)];
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  });
}
