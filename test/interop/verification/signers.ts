/** Other signing software, as products use it: PDFBox and OpenPDF (one Java process), poppler's pdfsig (NSS). */
import { execFileSync, spawnSync } from 'node:child_process';
import { buildJavaTool } from '../../../scripts/java-tool.mjs';
import type { OpensslPki } from './peers.js';

const tool = buildJavaTool('signers');
if ('skipped' in tool) console.warn(`skipped: files signed by PDFBox and OpenPDF: ${tool.skipped}`);
export const hasJavaSigners = 'classPath' in tool;
export const hasNss = spawnSync('certutil', ['-H']).error === undefined;

const PASSWORD = 'for-tests-only';
const NICKNAME = 'signer';

export interface SigningStep {
  readonly by: 'pdfbox' | 'openpdf' | 'fill' | 'pdfsig';
  readonly options?: Readonly<Record<string, string | number>>;
}

/** The key of the signer that openssl made, in the stores that the others read. */
export class OtherSigners {
  readonly #pki: OpensslPki;
  readonly #store: string;

  constructor(pki: OpensslPki) {
    this.#pki = pki;
    this.#store = pki.file('ee.p12');
    const files = ['-inkey', 'ee.key', '-in', 'ee.pem', '-certfile', 'root.pem', '-out', 'ee.p12'];
    pki.run('pkcs12', '-export', ...files, '-name', NICKNAME, '-passout', `pass:${PASSWORD}`);
    if (!hasNss) return;
    execFileSync('certutil', ['-N', '-d', pki.directory, '--empty-password']);
    const key = ['-i', this.#store, '-d', pki.directory, '-W', PASSWORD, '-K', ''];
    execFileSync('pk12util', key, { stdio: 'ignore' });
  }

  /** Signs `pdf` in turn, in as few processes as can be. @throws Error where a program fails */
  run(pdf: Uint8Array, steps: readonly SigningStep[]): Uint8Array {
    const file = (index: number): string => this.#pki.file(`${index}.pdf`);
    this.#pki.write('0.pdf', pdf);
    let jobs = '';
    steps.forEach(({ by, options = {} }, index) => {
      const files = [file(index), file(index + 1)];
      if (by === 'pdfsig') {
        this.#runJava(jobs);
        jobs = '';
        const key = ['-nssdir', this.#pki.directory, '-nick', NICKNAME];
        execFileSync('pdfsig', ['-add-signature', ...key, ...files], { stdio: 'ignore' });
      } else {
        const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
        jobs += `${[by, ...files, ...words].join('\t')}\n`;
      }
    });
    this.#runJava(jobs);
    return this.#pki.read(`${steps.length}.pdf`);
  }

  #runJava(jobs: string): void {
    if (jobs === '') return;
    if (!('classPath' in tool)) throw new Error(tool.skipped);
    const flags = ['-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', tool.classPath];
    execFileSync('java', [...flags, 'Signers', this.#store], {
      input: jobs,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, SIGNERS_PASSWORD: PASSWORD },
    });
  }
}
