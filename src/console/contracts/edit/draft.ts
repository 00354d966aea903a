/** A draft at work: what is typed, what was saved, and what was found of it. */
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Caller } from '../../api/caller.js';
import type { Acknowledgement, Contract, ContractData, Finding } from '../../api/contract.js';
import {
  checkContract,
  createContract,
  getContract,
  move,
  updateContract,
  uploadContract,
} from '../../api/contracts.js';
import { ProblemError } from '../../api/request.js';
import type { Note } from '../../form/form-context.js';
import type { Group } from '../../form/field.js';
import {
  dataOf,
  gapsOf,
  isValues,
  withChange,
  withoutEmptyRows,
  type Values,
} from '../../form/values.js';
import { mayRevise } from '../rights.js';

/** How a draft that the service does not have yet comes to be. */
export type Origin = { readonly template: string } | { readonly file: File };

export interface DraftStart {
  readonly form: Group;
  readonly values: Values;
  readonly contract?: Contract | undefined;
  readonly origin?: Origin | undefined;
}

export interface DraftWords {
  readonly missing: string;
  readonly noNumber: string;
  readonly text: (finding: Finding) => string;
}

/** Found by the page or told by the service, of one field or of the whole. */
export interface Fault {
  readonly pointer: string;
  readonly text: string;
}

export interface Draft {
  readonly values: Values;
  readonly contract: Contract | undefined;
  readonly isDirty: boolean;
  readonly isWorking: boolean;
  readonly faults: readonly Fault[];
  /** Of what is saved; `undefined`: not checked since. */
  readonly findings: readonly Finding[] | undefined;
  readonly error: unknown;
  /** What somebody else saved meanwhile. */
  readonly theirs: Contract | undefined;
  readonly base: Values;
  readonly notes: ReadonlyMap<string, readonly Note[]>;
  readonly set: (pointer: string, value: unknown) => void;
  readonly update: (pointer: string, change: (before: unknown) => unknown) => void;
  /** Both answer whether it went well. */
  readonly save: () => Promise<boolean>;
  readonly check: () => Promise<boolean>;
  readonly submit: (
    acknowledged: readonly Acknowledgement[],
    signBy: string | undefined,
  ) => Promise<boolean>;
  /** Goes on from what somebody else saved, with `values` as the ones to save next. */
  readonly settle: (values: Values) => void;
}

export function useDraft(caller: Caller, start: DraftStart, words: DraftWords): Draft {
  const { form } = start;
  const [values, setValues] = useState(start.values);
  const [contract, setContract] = useState(start.contract);
  /** The values as they were when they were last the same as the service's. */
  const [saved, setSaved] = useState<Values | undefined>(
    start.contract === undefined ? undefined : start.values,
  );
  const [isWorking, setIsWorking] = useState(false);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [findings, setFindings] = useState<readonly Finding[] | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [theirs, setTheirs] = useState<Contract | undefined>(undefined);
  const keyFor = useRequestKey();

  const update = useCallback(
    (pointer: string, change: (before: unknown) => unknown) =>
      setValues((before) => withChange(before, pointer, change)),
    [],
  );
  const set = useCallback(
    (pointer: string, value: unknown) => update(pointer, () => value),
    [update],
  );

  const notes = useMemo(() => notesOf(faults, findings ?? [], words), [faults, findings, words]);

  const working = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    setIsWorking(true);
    setError(undefined);
    try {
      return await work();
    } catch (failure) {
      setError(failure);
      if (!(failure instanceof ProblemError)) return undefined;
      const { code, errors } = failure.problem;
      if (errors !== undefined) setFaults(errors.map(faultOf));
      if (code === 'record-version-conflict' && contract !== undefined) {
        setTheirs(await getContract(caller, contract.id).catch(() => undefined));
      }
      return undefined;
    } finally {
      setIsWorking(false);
    }
  };

  const send = (data: ContractData): Promise<Contract> => {
    if (contract !== undefined) return updateContract(caller, contract, data, mayRevise(contract));
    const { origin } = start;
    if (origin === undefined) throw new TypeError('a draft without an origin');
    if ('template' in origin) {
      const request = { template: origin.template, data };
      return createContract(caller, request, keyFor(request));
    }
    return uploadContract(caller, origin.file, data, keyFor(data));
  };

  const save = async (): Promise<Contract | undefined> => {
    const tidy = withoutEmptyRows(form, values);
    setValues(tidy);
    const data = dataOf(form, tidy);
    setFindings(undefined);
    const gaps = gapsOf(form, data).map(({ pointer, kind }) => ({
      pointer,
      text: kind === 'missing' ? words.missing : words.noNumber,
    }));
    setFaults(gaps);
    setError(undefined);
    if (gaps.length > 0 || !isValues(data)) return undefined;
    return working(async () => {
      const answered = await send(data);
      setContract(answered);
      setSaved(tidy);
      return answered;
    });
  };

  const check = async (): Promise<boolean> => {
    const isSaved = contract !== undefined && saved === values;
    const present = isSaved ? contract : await save();
    if (present === undefined) return false;
    const found = await working(() => checkContract(caller, present.id));
    if (found !== undefined) setFindings(found);
    return found !== undefined;
  };

  const submit = async (
    acknowledged: readonly Acknowledgement[],
    signBy: string | undefined,
  ): Promise<boolean> => {
    if (contract === undefined) return false;
    const body = { acknowledged, ...(signBy === undefined ? {} : { signBy }) };
    const key = keyFor({ revision: contract.revision, ...body });
    return (await working(() => move(caller, contract, 'submit', body, key))) !== undefined;
  };

  return {
    values,
    contract,
    isDirty: saved !== values && !(saved === undefined && values === start.values),
    isWorking,
    faults,
    findings: saved === values ? findings : undefined,
    error,
    theirs,
    base: saved ?? {},
    notes,
    set,
    update,
    save: async () => (await save()) !== undefined,
    check,
    submit,
    settle: (settled) => {
      if (theirs === undefined) return;
      setContract(theirs);
      setSaved(theirs.data ?? {});
      setValues(settled);
      setTheirs(undefined);
      setError(undefined);
    },
  };
}

/** One key for one request, however often it is tried; another request has another. */
function useRequestKey(): (request: unknown) => string {
  const last = useRef({ request: '', key: '' });
  return (request) => {
    const text = JSON.stringify(request);
    if (last.current.request !== text) {
      last.current = { request: text, key: crypto.randomUUID() };
    }
    return last.current.key;
  };
}

/** Pointers into the request, or into the contract's data, are pointers into the form. */
function faultOf({
  pointer,
  detail,
}: {
  readonly pointer: string;
  readonly detail: string;
}): Fault {
  return { pointer: pointer.replace(/^#\/data(?=\/|$)/, '#'), text: detail };
}

function notesOf(
  faults: readonly Fault[],
  findings: readonly Finding[],
  words: DraftWords,
): ReadonlyMap<string, readonly Note[]> {
  const all = [
    ...faults.map(({ pointer, text }) => ({ pointer, note: { severity: 'error', text } as const })),
    ...findings.flatMap((finding) =>
      finding.pointer === null
        ? []
        : [
            {
              pointer: finding.pointer,
              note: { severity: finding.severity, text: words.text(finding) },
            },
          ],
    ),
  ];
  const notes = new Map<string, readonly Note[]>();
  for (const { pointer, note } of all) notes.set(pointer, [...(notes.get(pointer) ?? []), note]);
  return notes;
}
