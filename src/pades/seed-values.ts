/**
 * Seed values: what the maker of a form wants of the signature in a field. A required one that cannot
 * be met refuses the signature; the others fill in what the caller left open.
 *
 * @see ISO 32000-2:2020, 12.7.5.5 (tables 237 and 238)
 */
import { AppError, bytesToLatin1 } from '../kernel/index.js';
import {
  type PdfDict,
  PdfName,
  PdfString,
  decodeText,
  isInteger,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../pdf/index.js';
import { assertCertificateSeed, type SeedRefusal } from './certificate-seed.js';
import type { SignatureOptions, SignerCertificates } from './signature.js';

/** Bits of `/Ff`: which entries are constraints rather than suggestions. */
const REQUIRED = {
  Filter: 1,
  SubFilter: 2,
  V: 4,
  Reasons: 8,
  LegalAttestation: 16,
  AddRevInfo: 32,
  DigestMethod: 64,
  LockDocument: 128,
  AppearanceFilter: 256,
} as const;
type Entry = keyof typeof REQUIRED;
const KNOWN_BITS = 511;

const OUR_FILTER = 'Adobe.PPKLite';
const OUR_SUB_FILTER = 'ETSI.CAdES.detached';
/** Features of PDF 2.0 signatures. */
const OUR_VERSION = 3;
const DIGESTS = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' } as const;

type Level = 1 | 2 | 3;

/**
 * `options` as the seed values of `field` have them.
 *
 * @param scheme - The digest that the key would take by itself.
 * @throws AppError `pdf-signing-not-permitted`, params `reason` (`seed-value`), `field`, `entry`, `allowed`
 */
export function withSeedValues(
  document: PdfDocument,
  field: FormField,
  certificates: SignerCertificates,
  options: SignatureOptions,
  scheme: { readonly digest: string },
): SignatureOptions {
  const seed = document.resolveDict(field.dict.get('SV'));
  if (seed === undefined) return options;
  const refuse: SeedRefusal = (entry, allowed) => {
    throw new AppError('pdf-signing-not-permitted', `the field's seed value ${entry} is not met`, {
      params: { reason: 'seed-value', field: field.name, entry, allowed },
    });
  };
  const values = new SeedValues(document, seed, refuse);
  values.assertNothingUnknown();
  values.assertKind();
  const certificateSeed = document.resolveDict(seed.get('Cert'));
  if (certificateSeed !== undefined) {
    assertCertificateSeed(document, certificateSeed, certificates, refuse);
  }
  values.assertEvidence(options);
  return {
    ...options,
    ...values.digest(options, scheme),
    ...values.reason(options),
    ...values.certification(options),
    ...values.lock(),
  };
}

class SeedValues {
  readonly #document: PdfDocument;
  readonly #seed: PdfDict;
  readonly #flags: number;
  readonly #refuse: SeedRefusal;

  constructor(document: PdfDocument, seed: PdfDict, refuse: SeedRefusal) {
    this.#document = document;
    this.#seed = seed;
    const flags = document.resolve(seed.get('Ff'));
    this.#flags = isInteger(flags) ? flags : 0;
    this.#refuse = refuse;
  }

  assertNothingUnknown(): void {
    if ((this.#flags & ~KNOWN_BITS) !== 0) this.#refuse('Ff', [String(this.#flags)]);
  }

  assertKind(): void {
    const filter = this.#names('Filter');
    if (this.#isRequired('Filter') && !filter.includes(OUR_FILTER)) this.#refuse('Filter', filter);
    const subFilters = this.#names('SubFilter');
    if (this.#isRequired('SubFilter') && !subFilters.includes(OUR_SUB_FILTER)) {
      this.#refuse('SubFilter', subFilters);
    }
    const version = this.#get('V');
    if (this.#isRequired('V') && !(typeof version === 'number' && version <= OUR_VERSION)) {
      this.#refuse('V', [typeof version === 'number' ? String(version) : '?']);
    }
    // Appearances are chosen by our caller, and none of ours has a name that a form could know.
    if (this.#isRequired('AppearanceFilter')) {
      this.#refuse('AppearanceFilter', this.#texts('AppearanceFilter'));
    }
  }

  /** What only a higher level has: a time-stamp, revocation data. */
  assertEvidence({ timestampBytes, addsRevocation }: SignatureOptions): void {
    const timestamp = this.#document.resolveDict(this.#seed.get('TimeStamp'));
    const isRequired = this.#document.resolve(timestamp?.get('Ff')) === 1;
    if (isRequired && (timestampBytes ?? 0) === 0) {
      const url = this.#document.resolve(timestamp?.get('URL'));
      this.#refuse('TimeStamp', url instanceof PdfString ? [bytesToLatin1(url.bytes)] : []);
    }
    const wantsRevocation = this.#get('AddRevInfo') === true && this.#isRequired('AddRevInfo');
    if (wantsRevocation && addsRevocation !== true) this.#refuse('AddRevInfo', ['B-LT', 'B-LTA']);
  }

  digest(
    options: SignatureOptions,
    scheme: { readonly digest: string },
  ): Pick<SignatureOptions, 'digest'> {
    const methods = this.#texts('DigestMethod');
    if (methods.length === 0) return {};
    const ours = methods.flatMap((method) => {
      const name = method.toUpperCase().replace('-', '');
      return name in DIGESTS ? [DIGESTS[name as keyof typeof DIGESTS]] : [];
    });
    const wanted = options.digest ?? scheme.digest;
    if (ours.some((digest) => digest === wanted)) return {};
    const [first] = ours;
    if (options.digest === undefined && first !== undefined) return { digest: first };
    if (this.#isRequired('DigestMethod')) this.#refuse('DigestMethod', methods);
    return {};
  }

  reason({ reason }: SignatureOptions): Pick<SignatureOptions, 'reason'> {
    const reasons = this.#texts('Reasons');
    const [only] = reasons;
    const isRequired = this.#isRequired('Reasons');
    // An empty list, or a period alone, asks that none be given.
    if (only === undefined || (only === '.' && reasons.length === 1)) {
      if (isRequired && reason !== undefined) this.#refuse('Reasons', ['.']);
      return {};
    }
    if (reason === undefined && reasons.length === 1) return { reason: only };
    if (isRequired && (reason === undefined || !reasons.includes(reason))) {
      this.#refuse('Reasons', reasons);
    }
    return {};
  }

  /** `/MDP` binds whatever `/Ff` says: 0 asks for an approval, 1 to 3 for that certification. */
  certification({ certify }: SignatureOptions): Pick<SignatureOptions, 'certify'> {
    const mdp = this.#document.resolveDict(this.#seed.get('MDP'));
    const level = this.#document.resolve(mdp?.get('P'));
    const wanted = mdp === undefined ? certify : isLevel(level) ? level : undefined;
    if (certify !== undefined && certify !== wanted) {
      this.#refuse('MDP', [isInteger(level) ? String(level) : '?']);
    }
    // We write no legal attestation, which only a certification could carry.
    if (wanted !== undefined && this.#isRequired('LegalAttestation')) {
      this.#refuse('LegalAttestation', this.#texts('LegalAttestation'));
    }
    return wanted === undefined ? {} : { certify: wanted };
  }

  lock(): Pick<SignatureOptions, 'closesDocument'> {
    const value = this.#get('LockDocument');
    const isAsked = value === true || (value instanceof PdfName && value.value === 'true');
    return isAsked ? { closesDocument: true } : {};
  }

  #get(key: string): PdfValue {
    return this.#document.resolve(this.#seed.get(key));
  }

  /** One name or several. */
  #names(key: string): readonly string[] {
    return this.#list(key).flatMap((each) => (each instanceof PdfName ? [each.value] : []));
  }

  #texts(key: string): readonly string[] {
    return this.#list(key).flatMap((each) => (each instanceof PdfString ? [decodeText(each)] : []));
  }

  #list(key: string): readonly PdfValue[] {
    const array = this.#document.resolveArray(this.#seed.get(key));
    return array?.items.map((item) => this.#document.resolve(item)) ?? [this.#get(key)];
  }

  #isRequired(entry: Entry): boolean {
    return (this.#flags & REQUIRED[entry]) !== 0 && this.#seed.has(entry);
  }
}

const isLevel = (value: PdfValue): value is Level => value === 1 || value === 2 || value === 3;
