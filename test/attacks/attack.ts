/** What an attack file is: how it is made from honest ones, and why it must not pass. */
import type { SignatureOptions } from '../../src/pades/index.js';
import type { SealRegister } from '../../src/verification/index.js';
import type { Holder } from './authority.js';
import { stream } from './forgery.js';

/** Whoever has a key and a certificate; all but the stranger under a root that is trusted. */
export interface Holders {
  readonly root: Holder;
  readonly signer: Holder;
  readonly peer: Holder;
  readonly rsa: Holder;
  /** With a certificate that ended in 2025. */
  readonly late: Holder;
  /** Time-stamps, as it may. */
  readonly tsa: Holder;
  /** RSA with the public exponent 3. */
  readonly cubic: Holder;
  /** Its own root, and nobody's trust. */
  readonly stranger: Holder;
  /** Makes seals, under a root that is believed for that and nothing else. */
  readonly sealMaker: Holder;
  readonly sealRoot: Holder;
}

/** Honest files an attacker starts from. */
export interface Honest {
  /** No signature. */
  readonly plain: Uint8Array;
  readonly once: Uint8Array;
  readonly twice: Uint8Array;
  /** Certified with P 1, 2 and 3. */
  readonly certified: readonly [Uint8Array, Uint8Array, Uint8Array];
  /** Signed over object and cross-reference streams. */
  readonly compressed: Uint8Array;
  /** Signed, with a text field that others may fill, and a hidden one. */
  readonly form: Uint8Array;
  /** Signed, with everything that a page or the catalog may lead to. */
  readonly rich: Uint8Array;
  readonly holders: Holders;
  /** Signs as another holder of a certificate of the same authority. */
  readonly sign: (pdf: Uint8Array, options?: Partial<SignatureOptions>) => Promise<Uint8Array>;
}

export interface Attack {
  readonly name: string;
  /** Why a validator that lets it pass is wrong. */
  readonly reason: string;
  /**
   * What the report says of each signature, or of the file; with a sub-indication behind a slash
   * where that is tested too. TOTAL-FAILED unless given.
   */
  readonly verdict?: string;
  /** The clause that decides it, where it is another than that of the group. */
  readonly clause?: string;
  /** The register that the verifier asks; none unless given. */
  readonly seals?: (honest: Honest) => SealRegister;
  readonly build: (honest: Honest) => Uint8Array | Promise<Uint8Array>;
}

/** Page content that says something else. */
export const EVIL = stream('BT /F1 40 Tf 60 700 Td (amount 9,999,999.00) Tj ET');
