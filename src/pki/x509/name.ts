/** Distinguished names: read, compare, print by RFC 4514, and build. */
import {
  AppError,
  bytesToLatin1,
  bytesToUtf8,
  equalBytes,
  toHex,
  utf8ToBytes,
} from '../../kernel/index.js';
import {
  derElement,
  derIa5,
  derOid,
  derPrintable,
  derSequence,
  derSetOf,
  derUtf8,
  isPrintable,
  OID,
  readElement,
  readOid,
  readString,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';

export interface NameAttribute {
  readonly oid: string;
  /** Text of the value; `#` and hex of its encoding where it is no string type. */
  readonly value: string;
}

/** A Name as found in a certificate. */
export interface DistinguishedName {
  readonly der: Uint8Array;
  /** In the order of the encoding, one entry a relative distinguished name. */
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** RFC 4514 text: most specific first. */
  readonly text: string;
  /** First value of `oid` in the order of the encoding. */
  get(oid: string): string | undefined;
}

class ParsedName implements DistinguishedName {
  readonly der: Uint8Array;
  readonly rdns: readonly (readonly NameAttribute[])[];
  #text: string | undefined;
  #canonical: string | undefined;

  constructor(der: Uint8Array, rdns: readonly (readonly NameAttribute[])[]) {
    this.der = der;
    this.rdns = rdns;
  }

  get text(): string {
    this.#text ??= this.rdns
      .map((rdn) => rdn.map(attributeText).join('+'))
      .reverse()
      .join(',');
    return this.#text;
  }

  get(oid: string): string | undefined {
    for (const rdn of this.rdns) {
      for (const attribute of rdn) if (attribute.oid === oid) return attribute.value;
    }
    return undefined;
  }

  get canonical(): string {
    this.#canonical ??= this.rdns.map(canonicalRdn).join('\u0001');
    return this.#canonical;
  }
}

/** @throws AppError `asn1-malformed` */
export function readName(element: Asn1Element): DistinguishedName {
  if (element.tag !== TAG.sequence) readElement(element.raw, TAG.sequence);
  const rdns: NameAttribute[][] = [];
  const reader = element.enter();
  while (!reader.isAtEnd) rdns.push(readRdn(reader.read(TAG.set)));
  return new ParsedName(element.raw, rdns);
}

/** From DER of a Name. @throws AppError `asn1-malformed` */
export function parseName(der: Uint8Array): DistinguishedName {
  return readName(readElement(der, TAG.sequence));
}

function readRdn(element: Asn1Element): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const reader = element.enter();
  while (!reader.isAtEnd) {
    const pair = reader.enter();
    const oid = readOid(pair.read(TAG.oid));
    const value = pair.read();
    pair.expectEnd();
    attributes.push({
      oid,
      value: isStringTag(value.tag) ? readString(value) : `#${toHex(value.raw)}`,
    });
  }
  return attributes;
}

function isStringTag(tag: number): boolean {
  return (
    tag === TAG.utf8String ||
    (tag >= TAG.numericString && tag <= TAG.ia5String && tag !== 0x15) ||
    (tag >= TAG.visibleString && tag <= TAG.bmpString && tag !== 0x1b && tag !== 0x1d)
  );
}

/**
 * Whether two names are the same: equal encodings, or equal after folding case and spaces.
 * @see RFC 5280 7.1
 */
export function equalNames(a: DistinguishedName, b: DistinguishedName): boolean {
  if (equalBytes(a.der, b.der)) return true;
  if (a.rdns.length !== b.rdns.length) return false;
  return canonicalOf(a) === canonicalOf(b);
}

/** Whether `name` begins with all of `base`'s relative distinguished names, in order. */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  if (base.rdns.length > name.rdns.length) return false;
  return base.rdns.every((rdn, i) => {
    const own = name.rdns[i];
    return own !== undefined && canonicalRdn(own) === canonicalRdn(rdn);
  });
}

/** Text that is equal where `equalNames` says so: for indexes. */
export function canonicalOf(name: DistinguishedName): string {
  return name instanceof ParsedName ? name.canonical : name.rdns.map(canonicalRdn).join('\u0001');
}

function canonicalRdn(rdn: readonly NameAttribute[]): string {
  return rdn
    .map(
      ({ oid, value }) =>
        `${oid}=${value.trim().replace(/\s+/g, ' ').normalize('NFKC').toLowerCase()}`,
    )
    .sort()
    .join('\u0000');
}

/** RFC 4514 table, and further keywords that OpenSSL and domestic tools print. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  [OID.commonName, 'CN'],
  [OID.locality, 'L'],
  [OID.state, 'ST'],
  [OID.organization, 'O'],
  [OID.organizationalUnit, 'OU'],
  [OID.country, 'C'],
  [OID.street, 'STREET'],
  [OID.domainComponent, 'DC'],
  [OID.userId, 'UID'],
  [OID.serialNumber, 'serialNumber'],
  [OID.organizationIdentifier, 'organizationIdentifier'],
  [OID.emailAddress, 'emailAddress'],
]);

const OIDS_BY_KEYWORD: ReadonlyMap<string, string> = new Map([
  ...[...KEYWORDS].map(([oid, keyword]): [string, string] => [keyword.toLowerCase(), oid]),
  ['s', OID.state],
  ['e', OID.emailAddress],
]);

function attributeText({ oid, value }: NameAttribute): string {
  const type = KEYWORDS.get(oid) ?? oid;
  return `${type}=${value.startsWith('#') && !KEYWORDS.has(oid) ? value : escapeValue(value)}`;
}

/** @see RFC 4514 2.4 */
function escapeValue(value: string): string {
  let out = '';
  for (let i = 0; i < value.length; i++) {
    const character = value.charAt(i);
    const isEdge = i === 0 || i === value.length - 1;
    if (character === '\0') out += '\\00';
    else if ('\\"+,;<>'.includes(character)) out += `\\${character}`;
    else if ((character === ' ' && isEdge) || (character === '#' && i === 0)) {
      out += `\\${character}`;
    } else out += character;
  }
  return out;
}

/**
 * Builds a Name. Values go into UTF8String, except where the attribute has a type of its own.
 * @param rdns - In the order of the encoding: country first, common name last.
 */
export function buildName(rdns: readonly (readonly NameAttribute[])[]): Uint8Array {
  return derSequence(
    ...rdns.map((rdn) =>
      derSetOf(rdn.map(({ oid, value }) => derSequence(derOid(oid), derValue(oid, value)))),
    ),
  );
}

function derValue(oid: string, value: string): Uint8Array {
  if (value.length === 0) throw new AppError('input-invalid', 'empty name attribute');
  if (oid === OID.emailAddress || oid === OID.domainComponent) return derIa5(value);
  const wantsPrintable = oid === OID.country || oid === OID.serialNumber;
  return wantsPrintable && isPrintable(value) ? derPrintable(value) : derUtf8(value);
}

/**
 * Builds a Name from RFC 4514 text (`CN=张三,O=某某县财政局,C=CN`: most specific first, so the
 * encoding is in reverse), or from the slashed form OpenSSL prints (`/C=CN/O=…/CN=…`, in order).
 *
 * @throws AppError `input-invalid` for text that is neither, or an unknown attribute keyword
 */
export function buildNameFromText(text: string): Uint8Array {
  const isSlashed = text.startsWith('/');
  const pieces = isSlashed
    ? splitUnescaped(text.slice(1), '/')
    : splitUnescaped(text, ',').reverse();
  return buildName(pieces.map((piece) => splitUnescaped(piece, '+').map(attributeFromText)));
}

function attributeFromText(piece: string): NameAttribute {
  const match = /^\s*([A-Za-z][A-Za-z0-9-]*|[0-2](?:\.\d+)+)\s*=(.*)$/s.exec(piece);
  const [, type, rest] = match ?? [];
  if (type === undefined || rest === undefined) {
    throw new AppError('input-invalid', 'not a distinguished name');
  }
  const oid = /^\d/.test(type) ? type : OIDS_BY_KEYWORD.get(type.toLowerCase());
  if (oid === undefined) {
    throw new AppError('input-invalid', `unknown name attribute ${type}`, {
      params: { attribute: type },
    });
  }
  return { oid, value: unescapeValue(rest) };
}

function splitUnescaped(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') {
      piece += character + text.charAt(++i);
    } else if (character === separator) {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
    }
  }
  pieces.push(piece);
  return pieces;
}

/** Undoes escapes and drops the spaces around a value, except escaped ones. */
function unescapeValue(text: string): string {
  const octets: number[] = [];
  let kept = 0;
  for (const [token] of text.replace(/^ +/, '').matchAll(/\\[0-9A-Fa-f]{2}|\\?[^]/gu)) {
    if (/^\\[0-9A-Fa-f]{2}$/.test(token)) octets.push(Number.parseInt(token.slice(1), 16));
    else octets.push(...utf8ToBytes(token.length > 1 ? token.replace(/^\\/, '') : token));
    if (token !== ' ') kept = octets.length;
  }
  return bytesToUtf8(Uint8Array.from(octets.slice(0, kept)));
}

/** A GeneralName, as alternative names, distribution points and constraints hold it. */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly value: string }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  /** Address octets; in name constraints address and mask. */
  | { readonly kind: 'ip'; readonly octets: Uint8Array }
  | { readonly kind: 'registered-id'; readonly value: string }
  | { readonly kind: 'other'; readonly tag: number; readonly der: Uint8Array };

/** @throws AppError `asn1-malformed` */
export function readGeneralName(element: Asn1Element): GeneralName {
  switch (element.tag) {
    case 0x81:
      return { kind: 'email', value: bytesToLatin1(element.content) };
    case 0x82:
      return { kind: 'dns', value: bytesToLatin1(element.content) };
    case 0x86:
      return { kind: 'uri', value: bytesToLatin1(element.content) };
    case 0xa4:
      return { kind: 'directory', name: readName(element.enter().read(TAG.sequence)) };
    case 0x87:
      return { kind: 'ip', octets: element.content };
    case 0x88:
      return { kind: 'registered-id', value: readOid(element) };
    default:
      return { kind: 'other', tag: element.tag, der: element.raw };
  }
}

/** The names inside a GeneralNames, whatever its own tag. */
export function readGeneralNames(element: Asn1Element): GeneralName[] {
  return element.children().map(readGeneralName);
}

/** Encodes the kinds that our own structures use. */
export function derGeneralName(name: GeneralName): Uint8Array {
  switch (name.kind) {
    case 'email':
      return derIa5(name.value, 0x81);
    case 'dns':
      return derIa5(name.value, 0x82);
    case 'uri':
      return derIa5(name.value, 0x86);
    case 'directory':
      return derElement(0xa4, name.name.der);
    case 'ip':
      return derElement(0x87, name.octets);
    case 'registered-id': {
      const oid = derOid(name.value);
      oid[0] = 0x88;
      return oid;
    }
    case 'other':
      return name.der;
  }
}
