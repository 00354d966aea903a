/** What levels above B-B ask of signing files for a person who waits: paths, time-stamps, later revisions. */
import {
  ConcatSource,
  MemorySource,
  concatBytes,
  type ByteSource,
  type Clock,
  type Secret,
} from '../../kernel/index.js';
import type { LevelRequest } from '../../cli/index.js';
import type { SignerCertificates } from '../../pades/index.js';
import { cachedCertificate } from '../../pki/index.js';
import { isAtLeast, raiseLevel } from '../../signing/index.js';
import { assertRaised } from './assert-sound.js';
import { createLevelServices, type LevelServices } from '../bridges/level-services.js';
import { createOutgoing } from '../outgoing.js';

/** Longest request to an authority, a responder or a list. */
const TIMEOUT_MS = 15_000;

/** A person at a terminal may ask any address that the certificates name. */
export function fileLevelServices(level: LevelRequest, clock: Clock): LevelServices {
  return createLevelServices({
    trust: level.trust,
    tsaUrls: level.tsaUrls,
    outgoing: createOutgoing({ allowsPrivate: true, timeoutMs: TIMEOUT_MS }),
    clock,
  });
}

/**
 * The signer's certificates with its whole path: the CMS holds it, so that the signature can be
 * validated without asking for certificates.
 *
 * @throws AppError `certificate-chain-incomplete`
 */
export async function withPath(
  { certificateDer, chainDer, algorithm }: SignerCertificates,
  { evidence }: LevelServices,
  at: Date,
): Promise<SignerCertificates> {
  const path = await evidence.pathOf(cachedCertificate(certificateDer), {
    usage: 'contract-signing',
    embedded: chainDer.map(cachedCertificate),
    at,
  });
  const issuers = path.slice(1, -1).map(({ der }) => der);
  return { certificateDer, chainDer: [...issuers, ...chainDer], algorithm };
}

/** Whether revocation data follows the signature; a seed value of the field may want it. */
export function addsRevocation(level: LevelRequest | undefined): boolean {
  return level !== undefined && isAtLeast(level.level, 'B-LT');
}

export interface RaiseSignedRequest {
  readonly fieldName: string;
  readonly level: LevelRequest;
  readonly services: LevelServices;
  readonly clock: Clock;
  /** Of an encrypted file. */
  readonly password?: Secret;
}

/**
 * Takes a signature of level B-T to the level asked for, all or nothing.
 *
 * @param appended - The signature's own revision behind `base`.
 * @returns What to append to `base`: that revision and those that raise it.
 * @throws AppError `tsa-unavailable`, `tsa-response-invalid`, `revocation-unavailable`,
 *   `certificate-revoked`, `certificate-chain-incomplete`, `signature-not-verified`
 */
export async function raiseSigned(
  base: ByteSource,
  appended: Uint8Array,
  { fieldName, level, services, clock, password }: RaiseSignedRequest,
): Promise<Uint8Array> {
  if (level.level === 'B-T') return appended;
  const opening = password === undefined ? {} : { password };
  const file = new ConcatSource(base, new MemorySource(appended));
  const raised = await raiseLevel(file, {
    target: level.level,
    fields: [fieldName],
    ...services,
    ...opening,
    clock,
  });
  if (raised.failure !== undefined) throw raised.failure;
  await assertRaised(new ConcatSource(file, new MemorySource(raised.appended)), raised, {
    trust: level.trust,
    at: clock.now(),
    ...opening,
  });
  return concatBytes([appended, raised.appended]);
}
