/** A served development PKI with signers of every kind, and signing at a level against it. */
import { constants, generateKeyPairSync, sign as signMessage, type KeyObject } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLevelServices, type LevelServices } from '../../src/app/bridges/level-services.js';
import { createOutgoing } from '../../src/app/outgoing.js';
import { signFile } from '../../src/app/file-commands/sign-file.js';
import { MemorySource, concatBytes, systemClock } from '../../src/kernel/index.js';
import { parseCertificate, type SignatureScheme } from '../../src/pki/index.js';
import { initPki, issue, servePki, type ServedPki } from '../../src/sandbox/pki/index.js';
import type { Level } from '../../src/signing/index.js';
import type { SigningKey } from '../../src/token/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { freePort } from './processes.js';

export type KeyKind = 'rsa' | 'P-256' | 'P-384' | 'P-521' | 'ed25519';

function generate(kind: KeyKind): {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
} {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: kind });
}

export class LevelDesk implements AsyncDisposable {
  readonly directory: string;
  readonly trustDirectory: string;
  readonly tsaUrl: string;
  readonly #served: ServedPki;

  private constructor(directory: string, served: ServedPki) {
    this.directory = directory;
    this.trustDirectory = join(directory, 'trust');
    this.tsaUrl = `${served.url}/tsa`;
    this.#served = served;
  }

  static async open(): Promise<LevelDesk> {
    const directory = mkdtempSync(join(tmpdir(), 'qianyin-levels-'));
    const port = await freePort();
    const clock = systemClock;
    await initPki({ directory, baseUrl: `http://127.0.0.1:${port}`, clock });
    return new LevelDesk(directory, await servePki({ directory, port, clock }));
  }

  get trust() {
    return openTrustFolder(this.trustDirectory);
  }

  get rootPem(): string {
    return join(this.trustDirectory, 'anchors', 'root.pem');
  }

  /** The authorities between the root and the signers. */
  get intermediatePems(): readonly string[] {
    const folder = join(this.trustDirectory, 'intermediates');
    return readdirSync(folder).map((name) => join(folder, name));
  }

  /** No server answers any more; files and trust stay. */
  stopServers(): Promise<void> {
    return this.#served.stop();
  }

  /** A key in software; its CMS chain is empty, so that the path has to be found. */
  async signer(kind: KeyKind): Promise<SigningKey & { readonly serialHex: string }> {
    const { publicKey, privateKey } = generate(kind);
    const { certificateDer, serialHex } = await issue({
      directory: this.directory,
      clock: systemClock,
      subject: `CN=签署人 ${kind},O=示例单位,C=CN`,
      key: { publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) },
    });
    const algorithm = parseCertificate(certificateDer).publicKey.key;
    if (algorithm === undefined) throw new Error(`no ${kind} key`);
    return {
      certificateDer,
      chainDer: [],
      algorithm,
      serialHex,
      authentication: 'once' as const,
      sign: (message: Uint8Array, { padding, digest }: SignatureScheme) =>
        Promise.resolve(
          new Uint8Array(
            signMessage(padding === 'eddsa' ? null : digest, message, {
              key: privateKey,
              ...(padding === 'pss'
                ? {
                    padding: constants.RSA_PKCS1_PSS_PADDING,
                    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
                  }
                : {}),
            }),
          ),
        ),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  services(tsaUrls: readonly string[] = [this.tsaUrl], timeoutMs = 5000): LevelServices {
    return createLevelServices({
      trust: this.trust,
      tsaUrls,
      outgoing: createOutgoing({ allowsPrivate: true, timeoutMs }),
      clock: systemClock,
    });
  }

  /** The whole signed file. */
  async sign(
    pdf: Uint8Array,
    key: SigningKey,
    level: Level,
    options: { readonly isPss?: boolean; readonly digest?: 'sha256' | 'sha384' | 'sha512' } = {},
  ): Promise<Uint8Array> {
    const signed = await signFile(
      {
        source: new MemorySource(pdf),
        key,
        isPss: options.isPss ?? false,
        ...(options.digest === undefined ? {} : { digest: options.digest }),
        ...(level === 'B-B' ? {} : { level: { level, tsaUrls: [this.tsaUrl], trust: this.trust } }),
      },
      systemClock,
    );
    return concatBytes([pdf, signed.appended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServers();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
