/** What a later revision may change in the catalog: the form, validation data, extensions, metadata. */
import { bytesToLatin1, digestBytes, toHex } from '../../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  isName,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import type { OwnerTest, StepComparison } from './step-comparison.js';
import { changedKeys, isTypeKept, sameValue } from './values.js';

/** Entries with a rule of their own. */
const RULED: readonly string[] = [
  'AcroForm',
  'DSS',
  'Extensions',
  'Metadata',
  'Perms',
  'StructTreeRoot',
  'Version',
];

export function compareCatalog(step: StepComparison): void {
  const old = step.before.catalog;
  const now = step.after.catalog;
  const changed = changedKeys(old, now);
  for (const key of changed) {
    if (key === 'Type' && isTypeKept(old, now, 'Catalog')) continue;
    if (!RULED.includes(key) || (key === 'Perms' && old.has('Perms'))) {
      step.forbid({ what: 'catalog-entry', detail: key });
    }
  }
  const { catalogRef } = step.after;
  if (catalogRef.equals(step.before.catalogRef) || !step.existedBefore(catalogRef.num)) {
    step.open.delete(catalogRef.num);
  }
  if (changed.includes('Perms')) {
    // A certification has to be the first signature; one that comes later grants nothing.
    step.forbid({ what: 'permissions-added' });
  }
  if (changed.includes('Version') && !isUpgrade(step.before, step.after)) {
    step.forbid({ what: 'catalog-entry', detail: 'Version' });
  }
  compareMetadata(step, old, now);
  compareValidationData(step, old, now);
  const areDicts = (a: PdfValue, b: PdfValue): boolean =>
    a instanceof PdfDict && b instanceof PdfDict;
  step.closeOver(
    now.get('Extensions'),
    old.get('Extensions'),
    areDicts,
    ownedBy(step, 'Extensions'),
  );
}

/** A place in the catalog, under one of its keys. */
export function ownedBy(step: StepComparison, key: string): OwnerTest {
  const { num } = step.before.catalogRef;
  return ({ from, topKey }) => from === num && topKey === key;
}

/** Signing a file may raise its version, never lower it. @see ISO 32000-2:2020, table 29 */
function isUpgrade(before: PdfDocument, after: PdfDocument): boolean {
  const version = after.catalog.get('Version');
  return (
    version instanceof PdfName &&
    /^[12]\.\d$/.test(version.value) &&
    version.value >= before.version
  );
}

/** Metadata are XMP packets, kept up to date by whatever touches the file; what is none has no business there. */
function compareMetadata(step: StepComparison, old: PdfDict, now: PdfDict): void {
  const ref = now.get('Metadata');
  const isSame = sameValue(old.get('Metadata'), ref);
  if (isSame && !(ref instanceof PdfRef && step.open.has(ref.num))) return;
  const stream = step.after.resolve(ref);
  const isPacket =
    stream instanceof PdfStream &&
    isName(stream.dict.get('Type'), 'Metadata') &&
    bytesToLatin1(stream.data()).includes('rdf:RDF');
  if (!isPacket) {
    step.forbid({ what: 'catalog-entry', detail: 'Metadata' });
    return;
  }
  step.explain(ref, ownedBy(step, 'Metadata'));
  step.permit({ kind: 'metadata' });
}

const EVIDENCE_LISTS = ['Certs', 'OCSPs', 'CRLs'] as const;
/** Of a VRI entry, and of the store. */
const VRI_LISTS = [
  ['Cert', 'Certs'],
  ['OCSP', 'OCSPs'],
  ['CRL', 'CRLs'],
] as const;

/**
 * Validation data may come and go: what a revision drops stays in the one before, and evidence is
 * taken from all of them (`file-evidence.ts`). Streams of evidence are never written over.
 *
 * @see ETSI EN 319 142-1, 5.4 (DSS, VRI)
 */
function compareValidationData(step: StepComparison, old: PdfDict, now: PdfDict): void {
  const oldDss = step.before.resolveDict(old.get('DSS'));
  const newDss = step.after.resolveDict(now.get('DSS'));
  if (isEvidenceDropped(step, oldDss, newDss)) step.permit({ kind: 'validation-data-dropped' });
  const explained = step.closeOver(
    now.get('DSS'),
    old.get('DSS'),
    isValidationObject,
    ownedBy(step, 'DSS'),
  );
  if (explained > 0) step.permit({ kind: 'validation-data' });
}

/** Whether something of the store is no longer in it, nor for the signature that it was for. */
function isEvidenceDropped(
  step: StepComparison,
  oldDss: PdfDict | undefined,
  newDss: PdfDict | undefined,
): boolean {
  const isDropped = (
    old: PdfValue | undefined,
    ...now: readonly (PdfValue | undefined)[]
  ): boolean => {
    const had = step.before.resolveArray(old)?.items ?? [];
    const has = now.flatMap((list) => step.after.resolveArray(list)?.items ?? []);
    const missing = had.filter((item) => !has.some((other) => sameValue(item, other)));
    if (missing.length === 0) return false;
    // Some products write the same evidence again as new objects.
    const kept = new Set(has.map((item) => evidenceDigest(step.after, item)));
    return missing.some((item) => !kept.has(evidenceDigest(step.before, item)));
  };
  if (EVIDENCE_LISTS.some((key) => isDropped(oldDss?.get(key), newDss?.get(key)))) return true;
  const oldVri = step.before.resolveDict(oldDss?.get('VRI'));
  const newVri = step.after.resolveDict(newDss?.get('VRI'));
  return [...(oldVri?.entries() ?? [])].some(([key, value]) => {
    const oldEntry = step.before.resolveDict(value);
    const newEntry = step.after.resolveDict(newVri?.get(key));
    // An entry says which evidence is for which signature; some products write it anew each time.
    return VRI_LISTS.some(([inEntry, inStore]) =>
      isDropped(oldEntry?.get(inEntry), newEntry?.get(inEntry), newDss?.get(inStore)),
    );
  });
}

function evidenceDigest(document: PdfDocument, item: PdfValue): string {
  const stream = document.resolve(item);
  return stream instanceof PdfStream ? toHex(digestBytes('sha256', stream.data())) : '';
}

/** DSS dictionaries and arrays may grow; the streams of evidence in them never change. */
const isValidationObject = (old: PdfValue, now: PdfValue): boolean =>
  (old instanceof PdfDict && now instanceof PdfDict) ||
  (old instanceof PdfArray && now instanceof PdfArray);
