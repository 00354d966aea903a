/** The files of a development PKI: keys and certificates by role, the register of what was issued, `trust/`. */
import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, newId } from '../../kernel/index.js';
import { parseCertificate, type Certificate, type RevocationReason } from '../../pki/index.js';

export interface IssuedCertificate {
  readonly serialHex: string;
  readonly issuerId: string;
  /** RFC 4514. */
  readonly subject: string;
  /** RFC 3339. */
  readonly notAfter: string;
  readonly revokedAt?: string;
  readonly reason?: RevocationReason;
}

export interface PkiRegister {
  /** Where `pki serve` answers; baked into the certificates, so it is fixed at `pki init`. */
  readonly baseUrl: string;
  readonly crlNumber: number;
  readonly issued: readonly IssuedCertificate[];
}

/** A role of the PKI with its key: an authority, or a service. */
export interface KeyHolder {
  readonly id: string;
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

export class PkiDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @returns `undefined` where the directory holds no PKI yet */
  async readRegisterIfAny(): Promise<PkiRegister | undefined> {
    const text = await readIfAny(join(this.path, 'register.json'));
    return text === undefined ? undefined : (JSON.parse(text) as PkiRegister);
  }

  /** @throws AppError `file-not-found` where the directory holds no PKI */
  async readRegister(): Promise<PkiRegister> {
    const register = await this.readRegisterIfAny();
    if (register !== undefined) return register;
    throw new AppError('file-not-found', 'no development PKI here; run pki init first');
  }

  async writeRegister(register: PkiRegister): Promise<void> {
    await this.#replace('register.json', `${JSON.stringify(register, null, 2)}\n`, 0o644);
  }

  /** @returns `undefined` where the role has no key or certificate yet */
  async readHolderIfAny(id: string): Promise<KeyHolder | undefined> {
    const keyPem = await readIfAny(join(this.path, 'keys', `${id}.key.pem`));
    const certificatePem = await readIfAny(join(this.path, 'certificates', `${id}.pem`));
    if (keyPem === undefined || certificatePem === undefined) return undefined;
    const der = new Uint8Array(new X509Certificate(certificatePem).raw);
    return { id, certificate: parseCertificate(der), key: createPrivateKey(keyPem) };
  }

  /** @throws AppError `file-not-found` */
  async readHolder(id: string): Promise<KeyHolder> {
    const holder = await this.readHolderIfAny(id);
    if (holder !== undefined) return holder;
    throw new AppError('file-not-found', `the development PKI has no ${id}`, { params: { id } });
  }

  async writeHolder(id: string, key: KeyObject, certificateDer: Uint8Array): Promise<void> {
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    await this.#replace(join('keys', `${id}.key.pem`), pem, 0o600);
    await this.#replace(join('certificates', `${id}.pem`), certificatePem(certificateDer), 0o644);
  }

  /** @param name - Below `trust/`, as `crl/root.crl`. */
  async writeTrust(name: string, content: Uint8Array | string): Promise<void> {
    await this.#replace(join('trust', name), content, 0o644);
  }

  async readTrust(name: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(join(this.path, 'trust', name)));
  }

  /** Writes beside and renames, so that a reader sees the old file or the new one. */
  async #replace(name: string, content: Uint8Array | string, mode: number): Promise<void> {
    const target = join(this.path, name);
    await mkdir(join(target, '..'), { recursive: true, mode: 0o755 });
    const draft = `${target}.${newId('tmp')}`;
    await writeFile(draft, content, { mode, flush: true });
    await rename(draft, target);
  }
}

async function readIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
