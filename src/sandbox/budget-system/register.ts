/**
 * What the sample budget system has filed: one JSON file a filing, written durably before anybody is
 * told, and the packages beside them by digest. The index in memory is rebuilt from the files.
 */
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex, toRfc3339, type Clock } from '../../kernel/index.js';
import type { ReceivedContract } from './read-package.js';

export interface RegisteredFiling {
  readonly filingNumber: string;
  readonly idempotencyKey: string;
  readonly packageSha256: string;
  readonly documentSha256: string;
  readonly contractNumber: string;
  readonly title: string;
  readonly regionCode: string;
  /** RFC 3339 UTC. */
  readonly receivedAt: string;
}

export type RegisterOutcome =
  | { readonly kind: 'filed' | 'known'; readonly filing: RegisteredFiling }
  /** The key was used with another package. */
  | { readonly kind: 'key-reused' };

export class FilingRegister {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, RegisteredFiling>();
  /** The last sequence number given under each prefix. */
  readonly #given = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  static async open(directory: string, clock: Clock): Promise<FilingRegister> {
    const register = new FilingRegister(directory, clock);
    await mkdir(register.#path('filings'), { recursive: true });
    await mkdir(register.#path('packages'), { recursive: true });
    const names = (await readdir(register.#path('filings'))).filter((name) =>
      name.endsWith('.json'),
    );
    for (const name of names.sort()) {
      const text = await readFile(register.#path('filings', name), 'utf8');
      register.#remember(JSON.parse(text) as RegisteredFiling);
    }
    return register;
  }

  /** Oldest first. */
  all(): readonly RegisteredFiling[] {
    return [...this.#byKey.values()];
  }

  byKey(idempotencyKey: string): RegisteredFiling | undefined {
    return this.#byKey.get(idempotencyKey);
  }

  byNumber(filingNumber: string): RegisteredFiling | undefined {
    return this.all().find((filing) => filing.filingNumber === filingNumber);
  }

  packageOf(filing: RegisteredFiling): Promise<Uint8Array> {
    return readFile(this.#path('packages', `${filing.packageSha256}.zip`));
  }

  /**
   * Files once a key; durable when the promise resolves. One at a time, so that numbers have no gap.
   * @param repeatsNumber - By a fault, the number that was given last is given once more
   */
  file(
    idempotencyKey: string,
    packageBytes: Uint8Array,
    contract: ReceivedContract,
    repeatsNumber = false,
  ): Promise<RegisterOutcome> {
    const turn = this.#last.then(() =>
      this.#file(idempotencyKey, packageBytes, contract, repeatsNumber),
    );
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Takes a filing off the register; its number is not given again. */
  async remove(idempotencyKey: string): Promise<void> {
    const filing = this.#byKey.get(idempotencyKey);
    if (filing === undefined) return;
    await rm(this.#path('filings', fileNameOf(filing)));
    this.#byKey.delete(idempotencyKey);
  }

  /** Writes other facts over a filing. */
  async alter(idempotencyKey: string, changes: Partial<RegisteredFiling>): Promise<void> {
    const filing = this.#byKey.get(idempotencyKey);
    if (filing === undefined) return;
    await this.remove(idempotencyKey);
    await this.#keep({ ...filing, ...changes });
  }

  async #file(
    idempotencyKey: string,
    packageBytes: Uint8Array,
    contract: ReceivedContract,
    repeatsNumber: boolean,
  ): Promise<RegisterOutcome> {
    const packageSha256 = sha256Hex(packageBytes);
    const known = this.#byKey.get(idempotencyKey);
    if (known !== undefined) {
      const isSame = known.packageSha256 === packageSha256;
      return isSame ? { kind: 'known', filing: known } : { kind: 'key-reused' };
    }
    const receivedAt = toRfc3339(this.#clock.now());
    const filing: RegisteredFiling = {
      filingNumber: this.#number(receivedAt.slice(0, 4), contract.regionCode, repeatsNumber),
      idempotencyKey,
      packageSha256,
      documentSha256: contract.documentSha256,
      contractNumber: contract.contractNumber,
      title: contract.title,
      regionCode: contract.regionCode,
      receivedAt,
    };
    await this.#write('packages', `${packageSha256}.zip`, packageBytes);
    await this.#keep(filing);
    return { kind: 'filed', filing };
  }

  async #keep(filing: RegisteredFiling): Promise<void> {
    const json = new TextEncoder().encode(`${JSON.stringify(filing, null, 2)}\n`);
    await this.#write('filings', fileNameOf(filing), json);
    this.#remember(filing);
  }

  /** Year, region, sequence: the pattern of a filing number, not anybody's real ones. */
  #number(year: string, regionCode: string, repeats: boolean): string {
    const prefix = `${year}-${regionCode}-`;
    const last = this.#given.get(prefix) ?? 0;
    return `${prefix}${String(repeats ? last : last + 1).padStart(6, '0')}`;
  }

  #remember(filing: RegisteredFiling): void {
    const prefix = filing.filingNumber.slice(0, -6);
    const sequence = Number(filing.filingNumber.slice(-6));
    this.#given.set(prefix, Math.max(this.#given.get(prefix) ?? 0, sequence));
    this.#byKey.set(filing.idempotencyKey, filing);
  }

  async #write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(folder, name);
    const file = await open(`${path}.part`, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    const directory = await open(this.#path(folder), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }
}

/** In the order of the numbers, and apart where two have one. */
function fileNameOf({ filingNumber, idempotencyKey }: RegisteredFiling): string {
  return `${filingNumber} ${encodeURIComponent(idempotencyKey)}.json`;
}
