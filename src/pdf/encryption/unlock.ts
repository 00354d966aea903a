/** Opens an encrypted file: which password it takes, what that password permits, and the cipher for its objects. */
import { AppError, type Secret } from '../../kernel/index.js';
import { PdfDict, PdfRef, type PdfValue } from '../objects.js';
import { malformed } from '../pdf-errors.js';
import { serialize } from '../serialize.js';
import { readEncryption } from './encryption-dictionary.js';
import { ObjectCipher } from './object-cipher.js';
import { openFileKey } from './standard-handler.js';

/** What the password that opened a file permits. @see ISO 32000-2:2020, table 22 */
export interface AccessRights {
  readonly isOwner: boolean;
  /** Bit 4: change the document other than by the three below. */
  readonly mayModify: boolean;
  /** Bit 6: annotate and fill in forms; with bit 4, create form fields. */
  readonly mayAnnotate: boolean;
  /** Bit 9: fill in form fields that are there, signature fields among them. */
  readonly mayFillForms: boolean;
}

export interface Unlocked {
  readonly cipher: ObjectCipher;
  readonly rights: AccessRights;
}

/** Results by encryption dictionary and identifier: the revisions of one file share theirs, and hashing is slow. */
export type UnlockCache = Map<string, Unlocked>;

export interface UnlockRequest {
  /** `/Encrypt` of the trailer, unresolved. */
  readonly encrypt: PdfValue;
  /** `/ID` of the trailer, unresolved. */
  readonly id: PdfValue | undefined;
  /** Undefined: only what opens without one. */
  readonly password: Secret | undefined;
  readonly resolve: (value: PdfValue | undefined) => PdfValue;
  readonly cache: UnlockCache;
}

/**
 * @throws AppError `pdf-encrypted` where a password is needed and none given, `pdf-password-incorrect`,
 *   `pdf-unsupported` (params `feature`: another handler or version), `pdf-malformed`
 */
export function unlock(request: UnlockRequest): Unlocked {
  const { encrypt, password, resolve, cache } = request;
  const dict = resolve(encrypt);
  if (!(dict instanceof PdfDict)) throw malformed('Encrypt is not a dictionary');
  const exempt = encrypt instanceof PdfRef ? encrypt.num : undefined;
  const encryption = readEncryption(dict, request.id, resolve);
  const key = [exempt ?? '', String(serialize(dict)), String(encryption.permanentId)].join(' ');
  const known = cache.get(key);
  if (known !== undefined) return known;
  const opened = openFileKey(encryption, password?.reveal() ?? new Uint8Array(0));
  if (opened === undefined) {
    throw password === undefined
      ? new AppError('pdf-encrypted', 'the file is encrypted and needs a password')
      : new AppError(
          'pdf-password-incorrect',
          'the password opens the file neither as owner nor as user',
        );
  }
  const { fileKey, isOwner, arePermissionsAuthentic } = opened;
  const flags = arePermissionsAuthentic ? encryption.flags : 0;
  const may = (bit: number): boolean => isOwner || (flags & (1 << (bit - 1))) !== 0;
  const unlocked: Unlocked = {
    cipher: new ObjectCipher(encryption, fileKey, exempt),
    rights: {
      isOwner,
      mayModify: may(4),
      mayAnnotate: may(6),
      // Revision 2 has no bit of its own for it.
      mayFillForms: may(6) || (encryption.revision >= 3 && may(9)),
    },
  };
  cache.set(key, unlocked);
  return unlocked;
}
