/** The calls about contracts. */
import type { Caller } from './caller.js';
import type {
  Contract,
  ContractData,
  ContractState,
  ContractSummary,
  Finding,
  PageOf,
  VersionDifferences,
} from './contract.js';

export interface ListQuery {
  readonly state?: ContractState | undefined;
  readonly number?: string | undefined;
  readonly cursor?: string | undefined;
}

const PAGE_SIZE = 20;

const pathOf = (id: string): string => `/contracts/${encodeURIComponent(id)}`;

export function listContracts(
  caller: Caller,
  { state, number, cursor }: ListQuery,
  signal: AbortSignal,
): Promise<PageOf<ContractSummary>> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (state !== undefined) query.set('state', state);
  if (number !== undefined) query.set('number', number);
  if (cursor !== undefined) query.set('cursor', cursor);
  return caller.json('GET', `/contracts?${query.toString()}`, { signal });
}

export function getContract(caller: Caller, id: string, signal?: AbortSignal): Promise<Contract> {
  return caller.json('GET', pathOf(id), { signal });
}

/** A contract made from a template. */
export function createContract(
  caller: Caller,
  request: { readonly template: string; readonly data: ContractData },
  key: string,
): Promise<Contract> {
  return caller.json('POST', '/contracts', { body: request, key });
}

/** A contract that is a file already, with its data beside it. */
export function uploadContract(
  caller: Caller,
  file: File,
  data: ContractData,
  key: string,
): Promise<Contract> {
  const form = new FormData();
  form.append('data', JSON.stringify({ data }));
  form.append('document', file, file.name);
  return caller.json('POST', '/contracts', { body: form, key });
}

/** @param restartsSigning - the signatures that are there become void */
export function updateContract(
  caller: Caller,
  { id, revision }: Pick<Contract, 'id' | 'revision'>,
  data: ContractData,
  restartsSigning: boolean,
): Promise<Contract> {
  const body = { data, ...(restartsSigning ? { restartsSigning } : {}) };
  return caller.json('PATCH', pathOf(id), { body, revision });
}

export async function checkContract(caller: Caller, id: string): Promise<readonly Finding[]> {
  const { findings } = await caller.json<{ readonly findings: readonly Finding[] }>(
    'POST',
    `${pathOf(id)}/checks`,
  );
  return findings;
}

/** One step on the contract's way, from the revision that was looked at. */
export function move(
  caller: Caller,
  { id, revision }: Pick<Contract, 'id' | 'revision'>,
  step: string,
  body: object,
  key: string,
): Promise<Contract> {
  return caller.json('POST', `${pathOf(id)}/${step}`, { body, revision, key });
}

/** @param version - an earlier one; the present one where absent */
export function contractDocument(caller: Caller, id: string, version?: number): Promise<Blob> {
  const query = version === undefined ? '' : `?version=${String(version)}`;
  return caller.blob('GET', `${pathOf(id)}/document${query}`, { accept: 'application/pdf' });
}

/** The Word document that the contract was set from. */
export function originalDocument(caller: Caller, id: string): Promise<Blob> {
  return caller.blob('GET', `${pathOf(id)}/document?original=true`, { accept: '*/*' });
}

/** Against the last version that the reader's side had agreed to. */
export function contractDifferences(
  caller: Caller,
  id: string,
  signal: AbortSignal,
): Promise<VersionDifferences> {
  return caller.json('GET', `${pathOf(id)}/differences`, { signal });
}

/** The completion report. */
export function contractEvidence(caller: Caller, id: string): Promise<Blob> {
  return caller.blob('GET', `${pathOf(id)}/evidence?format=pdf`, { accept: 'application/pdf' });
}
