/**
 * Reads untrusted files in processes that can be killed: a few at a time, the rest waits its turn,
 * and where too many wait the caller is told to come back.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AppError, isAppError } from '../../kernel/index.js';
import type { CheckFinding } from '../../contract/index.js';
import type { PackageFileReport } from '../../filing/index.js';
import type { AdmissionPolicy, Inspection } from '../../signing/index.js';
import type { CleanSpecimen } from '../../seal/index.js';
import type { VerificationReport, VerifyOptions } from '../../verification/index.js';
import type { WordReading } from '../../word/index.js';
import type { ComparedPages, DrawnSignature } from '../../http/index.js';
import type { CheckJob, Job, PortName, VerifyJob } from './messages.js';
import { ReaderProcess, type PortCall, type ReaderLimits } from './reader-process.js';

export interface IsolationOptions extends Partial<ReaderLimits> {
  /** The program, with arguments of node before it; the one beside this file unless given. */
  readonly program?: readonly string[];
  /** Processes at once. */
  readonly processes?: number;
  /** Jobs that may wait for one. */
  readonly queueLength?: number;
  /** Of the processes that draw pages, where they differ. */
  readonly drawing?: Partial<Pick<IsolationOptions, 'processes' | 'queueLength'> & ReaderLimits>;
}

export interface IsolatedReader extends Disposable {
  /** @throws AppError as `verifyPdf`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  verify(pdf: Uint8Array, options: Omit<VerifyOptions, 'password'>): Promise<VerificationReport>;
  /**
   * @param serviceKeys - Public keys of services that are believed, PEM.
   * @throws AppError as `verifyPackageFile`; `pdf-limit-exceeded` where it is killed; `unavailable`
   */
  verifyPackage(
    zip: Uint8Array,
    serviceKeys: readonly string[],
    options: Omit<VerifyOptions, 'password'>,
  ): Promise<PackageFileReport>;
  /** @throws AppError as `inspectPdf`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  inspect(pdf: Uint8Array, policy: AdmissionPolicy): Promise<Inspection>;
  /** @throws AppError as `checkPdf`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  check(
    pdf: Uint8Array,
    policy: AdmissionPolicy,
    input: CheckJob['input'],
  ): Promise<readonly CheckFinding[]>;
  /** @throws AppError as `pageLines`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  lines(pdf: Uint8Array): Promise<readonly (readonly string[])[]>;
  /** @throws AppError as `readWord`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  word(docx: Uint8Array): Promise<WordReading>;
  /** @throws AppError as `describePageDifferences`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  compare(pdf: Uint8Array, revision: number): Promise<ComparedPages>;
  /** @throws AppError as `drawSignatures`; `pdf-limit-exceeded` where it is killed; `unavailable` */
  drawSignatures(pdf: Uint8Array): Promise<readonly DrawnSignature[]>;
  /** @throws AppError as `cleanSpecimen`, `specimen-unsuitable` also where it is killed; `unavailable` */
  cleanSpecimen(scan: Uint8Array, widthMm: number): Promise<CleanSpecimen>;
}

const WORK_MS = 10_000;
const MEMORY_BYTES = 512 * 1024 * 1024;
/** Per process, before a caller is turned away. */
const QUEUE_LENGTH = 32;
/** Drawing takes longer than reading, and must not keep verifications waiting: it has a process of its own. */
const DRAWING = { processes: 1, queueLength: 16, workMs: 30_000 } as const;

export function createIsolatedReader(options: IsolationOptions = {}): IsolatedReader {
  const limits = {
    program: options.program ?? [fileURLToPath(new URL('./main.js', import.meta.url))],
    processes: options.processes ?? Math.min(4, availableParallelism()),
    queueLength: options.queueLength ?? QUEUE_LENGTH,
    workMs: options.workMs ?? WORK_MS,
    memoryBytes: options.memoryBytes ?? MEMORY_BYTES,
  };
  const pool = new Pool(limits);
  const drawing = new Pool({ ...limits, ...DRAWING, ...options.drawing });
  return {
    async verify(pdf, options) {
      const { terms, answer } = portsOf(options);
      return (await pool.run({ kind: 'verify', pdf, ...terms }, answer)) as VerificationReport;
    },
    async verifyPackage(zip, serviceKeys, options) {
      const { terms, answer } = portsOf(options);
      const job: Job = { kind: 'package', zip, serviceKeys, ...terms };
      return (await pool.run(job, answer)) as PackageFileReport;
    },
    inspect: async (pdf, policy) =>
      (await pool.run({ kind: 'inspect', pdf, policy }, () => undefined)) as Inspection,
    check: async (pdf, policy, input) =>
      (await pool.run(
        { kind: 'check', pdf, policy, input },
        () => undefined,
      )) as readonly CheckFinding[],
    lines: async (pdf) =>
      (await pool.run({ kind: 'lines', pdf }, () => undefined)) as readonly (readonly string[])[],
    word: async (docx) => (await pool.run({ kind: 'word', docx }, () => undefined)) as WordReading,
    compare: async (pdf, revision) =>
      (await drawing.run({ kind: 'compare', pdf, revision }, () => undefined)) as ComparedPages,
    drawSignatures: async (pdf) =>
      (await drawing.run(
        { kind: 'signatures', pdf },
        () => undefined,
      )) as readonly DrawnSignature[],
    async cleanSpecimen(scan, widthMm) {
      try {
        const job: Job = { kind: 'specimen', scan, widthMm };
        return (await drawing.run(job, () => undefined)) as CleanSpecimen;
      } catch (error) {
        if (!isAppError(error, 'pdf-limit-exceeded')) throw error;
        throw new AppError('specimen-unsuitable', 'the scan is too large', {
          params: { reason: 'too-large' },
          cause: error,
        });
      }
    },
    [Symbol.dispose]: () => {
      pool.close();
      drawing.close();
    },
  };
}

/** What a verification is told at once, and how it is answered what it asks for. */
function portsOf({ fileName, at, now, ...ports }: Omit<VerifyOptions, 'password'>): {
  readonly terms: Omit<VerifyJob, 'kind' | 'pdf'>;
  readonly answer: PortCall;
} {
  const calls: Readonly<Record<PortName, ((...args: never[]) => unknown) | undefined>> = {
    trust: () => ports.trust.profiles(),
    crl: ports.revocation?.fetchCrl.bind(ports.revocation),
    ocsp: ports.revocation?.fetchOcsp.bind(ports.revocation),
    seal: ports.seals?.find.bind(ports.seals),
    sealStructure: ports.seals?.findStructure.bind(ports.seals),
    provedAt: ports.provedAt,
  };
  const names = (Object.keys(calls) as PortName[]).filter((name) => calls[name] !== undefined);
  return {
    terms: { fileName, at, ...(now === undefined ? {} : { now }), ports: names },
    answer: (port, args) => calls[port]?.(...(args as never[])),
  };
}

type PoolOptions = Required<Omit<IsolationOptions, 'drawing'>>;

function stopping(cause?: unknown): AppError {
  return new AppError('unavailable', 'the service is stopping', { cause });
}

class Pool {
  readonly #options: PoolOptions;
  readonly #idle: ReaderProcess[] = [];
  readonly #busy = new Set<ReaderProcess>();
  readonly #queue: (() => void)[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async run(job: Job, answer: PortCall): Promise<unknown> {
    const reader = await this.#take();
    try {
      return await reader.run(job, answer);
    } catch (error) {
      if (this.#isClosed) throw stopping(error);
      throw error;
    } finally {
      this.#busy.delete(reader);
      if (this.#isClosed) reader.kill();
      else if (reader.isUsable) this.#idle.push(reader);
      this.#queue.shift()?.();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const reader of [...this.#idle, ...this.#busy]) reader.kill();
    for (const next of this.#queue.splice(0)) next();
  }

  async #take(): Promise<ReaderProcess> {
    while (this.#busy.size >= this.#options.processes && !this.#isClosed) {
      if (this.#queue.length >= this.#options.queueLength) {
        throw new AppError('unavailable', 'too many files are waiting to be read');
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    if (this.#isClosed) throw stopping();
    let reader = this.#idle.pop();
    while (reader?.isUsable === false) reader = this.#idle.pop();
    reader ??= new ReaderProcess(this.#options.program, this.#options);
    this.#busy.add(reader);
    return reader;
  }
}
