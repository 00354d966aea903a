/** What the development PKI consists of, as declared in `certs/development-pki.json`. */
import { readFileSync } from 'node:fs';

export interface AuthorityDeclaration {
  readonly id: string;
  /** RFC 4514. */
  readonly subject: string;
}

export interface PkiDeclaration {
  readonly validityYears: {
    readonly root: number;
    readonly issuing: number;
    readonly service: number;
    readonly endEntityDays: number;
  };
  readonly crlDays: number;
  readonly ocspMinutes: number;
  readonly timestampPolicy: string;
  readonly root: AuthorityDeclaration;
  /** The SM2 root that seal makers are under. */
  readonly sealRoot: AuthorityDeclaration;
  readonly issuing: readonly AuthorityDeclaration[];
  readonly tsa: AuthorityDeclaration;
  readonly sealMaker: AuthorityDeclaration;
  readonly ocspSubjectSuffix: string;
}

/** Ships with the product; the path is the same from `src` and from `dist`. */
const location = new URL('../../../certs/development-pki.json', import.meta.url);

let declaration: PkiDeclaration | undefined;

export function pkiDeclaration(): PkiDeclaration {
  declaration ??= JSON.parse(readFileSync(location, 'utf8')) as PkiDeclaration;
  return declaration;
}

/** Every authority that issues certificates and CRLs. */
export function authorities(): readonly AuthorityDeclaration[] {
  const { root, sealRoot, issuing } = pkiDeclaration();
  return [root, sealRoot, ...issuing];
}

/** Roots are meant to stay offline: they answer by CRL alone. */
export function isRoot(id: string): boolean {
  const { root, sealRoot } = pkiDeclaration();
  return id === root.id || id === sealRoot.id;
}

/** Where a file of the seal root's own trust profile lies below `trust/`. */
export function sealTrust(name: string): string {
  return `seals/${name}`;
}

/** Where the CRL of an authority lies below `trust/`. */
export function crlFile(id: string): string {
  const name = `crl/${id}.crl`;
  return id === pkiDeclaration().sealRoot.id ? sealTrust(name) : name;
}
