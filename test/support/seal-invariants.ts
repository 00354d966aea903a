/**
 * What must hold of seals, their applications and their book of uses, whatever happened to the processes that wrote
 * them: read from the records alone. Returns what does not hold, one line each.
 */
import type { AuditEntry, AuditEntryIndex } from '../../src/audit/index.js';
import {
  allSignatures,
  type ContractIndex,
  type ContractRecord,
  type SignedRevision,
} from '../../src/contract/index.js';
import {
  bookLineHash,
  type BookLine,
  type BookLineIndex,
  type SealApplicationIndex,
  type SealApplicationRecord,
  type SealIndex,
  type SealRecord,
} from '../../src/seal/index.js';
import type { Collection } from '../../src/store/index.js';
import { allOf, repeated, type CheckOptions } from './invariants.js';

export interface SealStoreUnderCheck {
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'find'>;
  readonly sealApplications: Pick<Collection<SealApplicationRecord, SealApplicationIndex>, 'find'>;
  readonly sealUseBook: Pick<Collection<BookLine, BookLineIndex>, 'find'>;
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'find'>;
  readonly auditEntries: Pick<Collection<AuditEntry, AuditEntryIndex>, 'find'>;
}

/** Every invariant over every seal. */
export async function brokenSealInvariants(
  store: SealStoreUnderCheck,
  options: CheckOptions = {},
): Promise<readonly string[]> {
  const seals = await allOf(store.seals);
  const applications = await allOf(store.sealApplications);
  const lines = await allOf(store.sealUseBook);
  const contracts = await allOf(store.contracts);
  const entries = await allOf(store.auditEntries);
  const isSettled = options.isSettled === true;
  const signatures = contracts.flatMap(allSignatures);
  return [
    ...seals.flatMap((seal) => sealFaults(seal, applications, isSettled)),
    ...applications.flatMap((each) => applicationFaults(each, seals)),
    ...repeated(openChanges(applications)).map((id) => `${id}: two changes are under way`),
    ...signatures.flatMap((each) => signatureFaults(each, seals, lines)),
    ...contracts.flatMap((each) => stoppedFaults(each, seals, isSettled)),
    ...bookFaults(lines, signatures, isSettled),
    ...loggedFaults(lines, entries, isSettled),
  ];
}

/** Versions follow each other, each by an application of its own; the status is what the history says. */
function sealFaults(
  seal: SealRecord,
  applications: readonly SealApplicationRecord[],
  isSettled: boolean,
): readonly string[] {
  const { id, versions, statusHistory, status, revocation } = seal;
  const faults: string[] = [];
  if (versions.some(({ number }, index) => number !== index + 1)) {
    faults.push(`${id}: versions are not numbered in order`);
  }
  const made = versions.flatMap(({ applicationId }) => applicationId ?? []);
  if (made.length !== versions.length) faults.push(`${id}: a version of no application`);
  for (const twice of repeated(made)) faults.push(`${id}: ${twice} made two versions`);
  for (const applicationId of made) {
    const state = applications.find((each) => each.id === applicationId)?.state;
    // Between the seal's write and the application's own it is still approved.
    if (state !== 'made' && (isSettled || state !== 'approved')) {
      faults.push(`${id}: made by ${applicationId}, which is ${state ?? 'not there'}`);
    }
  }
  if (statusHistory.some(({ at }, index) => at < (statusHistory[index - 1]?.at ?? at))) {
    faults.push(`${id}: the history runs backwards`);
  }
  const changes = statusHistory.filter((each) => each.status === 'revoked');
  if (changes.length > 1 || (changes.length === 1) !== (revocation !== undefined)) {
    faults.push(`${id}: revoked ${changes.length} times, revocation ${revocation?.at ?? 'absent'}`);
  }
  if (changes[0]?.at !== revocation?.at) faults.push(`${id}: revoked at two times`);
  const isAhead = revocation !== undefined && status !== 'revoked';
  const said = isAhead ? statusHistory.at(-2)?.status : statusHistory.at(-1)?.status;
  if (said !== status) faults.push(`${id}: is ${status}, the history says ${said ?? 'nothing'}`);
  if (isSettled && seal.usesToEnd !== undefined) faults.push(`${id}: its uses were not ended`);
  return faults;
}

/** What was made is what was approved, by two who had not applied. */
function applicationFaults(
  application: SealApplicationRecord,
  seals: readonly SealRecord[],
): readonly string[] {
  const { id, state, applicants, preparation, approval, making } = application;
  if (state !== 'made') return [];
  const faults: string[] = [];
  if (preparation === undefined || approval === undefined || making === undefined) {
    return [`${id}: made without all its steps`];
  }
  if (approval.contentSha256 !== preparation.contentSha256) {
    faults.push(`${id}: approved for other content`);
  }
  for (const what of ['accountId', 'certificateSha256'] as const) {
    const makers = [preparation[what], making[what]];
    const others = [approval[what], ...applicants.map((step) => step[what])];
    if (makers.some((each) => each !== undefined && others.includes(each))) {
      faults.push(`${id}: one ${what} on both sides`);
    }
    if (applicants.some((step) => step[what] !== undefined && step[what] === approval[what])) {
      faults.push(`${id}: approved by who applied (${what})`);
    }
  }
  for (const { sealId } of preparation.seals) {
    const versions = seals.find((each) => each.id === sealId)?.versions ?? [];
    const own = versions.filter((each) => each.applicationId === id);
    if (own.length !== 1) faults.push(`${id}: made ${own.length} versions of ${sealId}`);
  }
  return faults;
}

function openChanges(applications: readonly SealApplicationRecord[]): readonly string[] {
  const closed = ['made', 'rejected', 'withdrawn'];
  return applications.flatMap(({ state, sealId }) =>
    closed.includes(state) || sealId === undefined ? [] : [sealId],
  );
}

/** No signature is published with a seal that was stopped before, and each is in the book. */
function signatureFaults(
  signature: SignedRevision,
  seals: readonly SealRecord[],
  lines: readonly BookLine[],
): readonly string[] {
  const { sealId, signedAt, attemptId } = signature;
  if (sealId === undefined) return [];
  const seal = seals.find((each) => each.id === sealId);
  if (seal === undefined) return [`${attemptId}: signed with ${sealId}, which is not there`];
  const before = seal.statusHistory.filter(({ at }) => at < signedAt).at(-1)?.status;
  // Times are whole seconds: what changed within the same one may have come before or after.
  const within = seal.statusHistory.filter(({ at }) => at === signedAt);
  const wasActive = [before, ...within.map(({ status }) => status)].includes('active');
  const intents = lines.filter((line) => line.useId === attemptId && line.kind === 'intended');
  return [
    ...(wasActive ? [] : [`${attemptId}: signed at ${signedAt} with ${sealId}, ${before ?? ''}`]),
    ...(intents.length === 1 && intents[0]?.sealId === sealId
      ? []
      : [`${attemptId}: ${intents.length} intents in the book`]),
  ];
}

/** An attempt that is left over after its seal was revoked knows it. */
function stoppedFaults(
  { id, attempt }: ContractRecord,
  seals: readonly SealRecord[],
  isSettled: boolean,
): readonly string[] {
  const seal = seals.find((each) => each.id === attempt?.sealId);
  const isUnmarked = seal?.status === 'revoked' && attempt?.sealStoppedAt === undefined;
  return isSettled && isUnmarked ? [`${id}: its attempt does not know of the revocation`] : [];
}

/** Numbered without gaps, each line bound to the one before, each use with one truth. */
function bookFaults(
  lines: readonly BookLine[],
  signatures: readonly SignedRevision[],
  isSettled: boolean,
): readonly string[] {
  const faults: string[] = [];
  for (const unitId of new Set(lines.map((line) => line.unitId))) {
    const own = lines.filter((line) => line.unitId === unitId).sort((a, b) => a.number - b.number);
    own.forEach((line, index) => {
      const place = `book of ${unitId}, line ${line.number}`;
      if (line.number !== index + 1) faults.push(`${place}: a gap before it`);
      if (line.hash !== bookLineHash(line.event)) faults.push(`${place}: its hash is another's`);
      const previous = own[index - 1];
      if (line.event.details['previous'] !== (previous?.hash ?? '')) {
        faults.push(`${place}: not bound to the line before`);
      }
    });
  }
  for (const twice of repeated(lines.map(({ useId, kind }) => `${useId} ${kind}`))) {
    faults.push(`the book says ${twice} twice`);
  }
  for (const line of lines.filter(({ kind }) => kind === 'intended')) {
    const signature = signatures.find((each) => each.attemptId === line.useId);
    const kinds = lines.filter(({ useId }) => useId === line.useId).map(({ kind }) => kind);
    const outcome = line.outcome?.kind;
    if (isSettled && outcome === undefined) faults.push(`${line.useId}: nobody ended it`);
    if (outcome !== undefined && (outcome === 'completed') !== (signature !== undefined)) {
      faults.push(`${line.useId}: ${outcome}, signature ${signature?.blobId ?? 'absent'}`);
    }
    if (outcome !== undefined && !kinds.includes(outcome)) {
      faults.push(`${line.useId}: marked ${outcome}, no line says so`);
    }
    if (outcome === 'completed' && line.outcome?.signedSha256 !== signature?.blobId) {
      faults.push(`${line.useId}: completed with another file than was published`);
    }
  }
  return faults;
}

/** Every line is in the log once, or on its way there. */
function loggedFaults(
  lines: readonly BookLine[],
  entries: readonly AuditEntry[],
  isSettled: boolean,
): readonly string[] {
  const logged = new Set(entries.map(({ event }) => event.id));
  return lines.flatMap(({ event, pendingEvents, outcome, kind }) => {
    if (logged.has(event.id)) return [];
    const isOnItsWay =
      pendingEvents.some((each) => each.id === event.id) ||
      // An intent is appended by whoever signs; where that broke off, its outcome brings it.
      (kind === 'intended' && outcome === undefined);
    return isOnItsWay && !isSettled ? [] : [`${event.id} (${event.type}) is not in the log`];
  });
}
