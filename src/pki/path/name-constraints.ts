/** Name constraints along a path (RFC 5280 4.2.1.10): what is permitted narrows, what is excluded grows. */
import { bytesToLatin1 } from '../../kernel/index.js';
import { OID } from '../asn1/index.js';
import {
  isWithinName,
  type Certificate,
  type GeneralName,
  type NameConstraints,
} from '../x509/index.js';

/** Constraint sets gathered so far. Each `permitted` list must be met by itself. */
export interface NameConstraintState {
  readonly permitted: readonly (readonly GeneralName[])[];
  readonly excluded: readonly GeneralName[];
}

export const NO_NAME_CONSTRAINTS: NameConstraintState = { permitted: [], excluded: [] };

export function addNameConstraints(
  state: NameConstraintState,
  constraints: NameConstraints | undefined,
): NameConstraintState {
  if (constraints === undefined) return state;
  const { permitted, excluded } = constraints;
  return {
    permitted: permitted.length === 0 ? state.permitted : [...state.permitted, permitted],
    excluded: [...state.excluded, ...excluded],
  };
}

/** Whether all names of a certificate are within the constraints; a kind of name we cannot compare is not. */
export function satisfiesNameConstraints(
  state: NameConstraintState,
  certificate: Certificate,
): boolean {
  if (state.permitted.length === 0 && state.excluded.length === 0) return true;
  return namesOf(certificate).every(
    (name) =>
      !state.excluded.some((base) => base.kind === name.kind && isWithin(name, base) !== false) &&
      state.permitted.every((list) => {
        const bases = list.filter((base) => base.kind === name.kind);
        return bases.length === 0 || bases.some((base) => isWithin(name, base) === true);
      }),
  );
}

function namesOf(certificate: Certificate): GeneralName[] {
  const { subject, extensions } = certificate;
  const names: GeneralName[] = [...extensions.subjectAltNames];
  if (subject.rdns.length > 0) names.push({ kind: 'directory', name: subject });
  // An address in the subject counts where the alternative names have none.
  if (!names.some(({ kind }) => kind === 'email')) {
    for (const { oid, value } of subject.rdns.flat()) {
      if (oid === OID.emailAddress) names.push({ kind: 'email', value });
    }
  }
  return names;
}

/** @returns `undefined` where the two cannot be compared */
function isWithin(name: GeneralName, base: GeneralName): boolean | undefined {
  if (name.kind === 'directory' && base.kind === 'directory') {
    return isWithinName(name.name, base.name);
  }
  if (name.kind === 'dns' && base.kind === 'dns') return isWithinDns(name.value, base.value);
  if (name.kind === 'email' && base.kind === 'email') return isWithinEmail(name.value, base.value);
  if (name.kind === 'uri' && base.kind === 'uri') return isWithinUri(name.value, base.value);
  if (name.kind === 'ip' && base.kind === 'ip') return isWithinAddress(name.octets, base.octets);
  return undefined;
}

function isWithinDns(name: string, base: string): boolean {
  const host = name.toLowerCase();
  const domain = base.toLowerCase().replace(/^\./, '');
  return domain === '' || host === domain || host.endsWith(`.${domain}`);
}

function isWithinEmail(name: string, base: string): boolean {
  const at = name.lastIndexOf('@');
  const mailbox = base.lastIndexOf('@');
  const host = name.slice(at + 1).toLowerCase();
  if (at < 0) return false;
  if (mailbox >= 0) {
    // The local part keeps its case, the host does not.
    const isSameLocal = name.slice(0, at) === base.slice(0, mailbox);
    return isSameLocal && host === base.slice(mailbox + 1).toLowerCase();
  }
  const domain = base.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain;
}

/** @returns `undefined` for a URI without a host name: RFC 5280 says to refuse it where constraints exist */
function isWithinUri(name: string, base: string): boolean | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(name);
  const host = match?.[1]?.toLowerCase();
  if (host === undefined || /^[\d.]+$/.test(host) || host.startsWith('[')) return undefined;
  const domain = base.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain;
}

function isWithinAddress(address: Uint8Array, base: Uint8Array): boolean | undefined {
  if (base.length !== address.length * 2) return bytesToLatin1(base) === '' ? undefined : false;
  return address.every((octet, i) => {
    const mask = base[address.length + i] ?? 0;
    return (octet & mask) === ((base[i] ?? 0) & mask);
  });
}
