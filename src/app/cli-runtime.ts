/** Hands the command line the rest of the product: adapters behind ports, the sandbox, the service. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliRuntime, PkiCommands } from '../cli/index.js';
import type { CheckFinding } from '../contract/index.js';
import { AppError, MemorySource, systemClock, silentLogger } from '../kernel/index.js';
import type { RevocationSource } from '../trust/index.js';
import { fileAccess } from './files/file-access.js';

/** What of the process the command line is given. */
export interface ProcessEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly isInteractive: boolean;
  untilStopped(): Promise<void>;
}

/** Asks at the terminal without showing what is typed. */
async function promptHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

/** The commands of the PKI, loaded with the first one that is called. */
function lazyPki(): PkiCommands {
  const load = async (): Promise<PkiCommands> =>
    (await import('./file-commands/pki-commands.js')).pkiCommands(systemClock);
  return {
    init: async (...args) => (await load()).init(...args),
    issueP12: async (...args) => (await load()).issueP12(...args),
    issueCsr: async (...args) => (await load()).issueCsr(...args),
    revoke: async (...args) => (await load()).revoke(...args),
    serve: async (...args) => (await load()).serve(...args),
  };
}

/** A person at a terminal may ask any address that a certificate names. */
async function terminalOutgoing(): Promise<RevocationSource> {
  const { createOutgoing } = await import('./outgoing.js');
  return createOutgoing({ allowsPrivate: true, timeoutMs: 5000 }).revocation;
}

/** @throws AppError `contract-data-invalid` */
async function checkData(value: unknown): Promise<readonly CheckFinding[]> {
  const { checkContract, parseContractData } = await import('../contract/index.js');
  const { readCalendar } = await import('./resources.js');
  const at = systemClock.now();
  return checkContract({ data: parseContractData(value), at, calendar: readCalendar() });
}

/** Each command loads what it needs when it is called: all of the product takes longer to load than to sign. */
export function createCliRuntime(environment: ProcessEnvironment): CliRuntime {
  return {
    clock: systemClock,
    files: fileAccess,
    version: environment.version,
    secrets: {
      readFile: (path) => fileAccess.read(path),
      fromEnvironment: environment.env['QIANYIN_PIN'],
      pdfPassword: environment.env['QIANYIN_PDF_PASSWORD'],
      prompt: environment.isInteractive ? promptHidden : undefined,
    },
    untilStopped: () => environment.untilStopped(),
    openTrust: async (directory) =>
      (await import('../trust/file/index.js')).openTrustFolder(directory),
    async openTokens(modules) {
      const { loadConfig, readEnv } = await import('../config/index.js');
      const { pkcs11Options, useSoftHsmConfiguration } = await import('./pkcs11-modules.js');
      const config = loadConfig({ env: readEnv(environment.env) });
      useSoftHsmConfiguration(config.pkcs11.softhsmConf);
      const modulePaths = modules.length > 0 ? modules : config.pkcs11.modules;
      if (modulePaths.length === 0) {
        throw new AppError('token-library-missing', 'no PKCS#11 module is configured', {
          params: { option: '--module', setting: 'QIANYIN_PKCS11_MODULES' },
        });
      }
      // In this process: it ends with the command anyhow, and starting another costs more than a signature.
      const { openPkcs11Provider } = await import('../token/pkcs11/index.js');
      return openPkcs11Provider({
        ...pkcs11Options(config),
        modulePaths,
        logger: silentLogger,
        clock: systemClock,
      });
    },
    openPkcs12: async (der, password) =>
      (await import('../token/pkcs12/index.js')).openPkcs12Key({ der, password }),
    needsPassword: async (source) =>
      (await import('./file-commands/needs-password.js')).needsPassword(source),
    assertSignable: async (request) =>
      (await import('./file-commands/assert-signable.js')).assertSignable(request, systemClock),
    sign: async (request) =>
      (await import('./file-commands/sign-file.js')).signFile(request, systemClock),
    isSignedCopy: async (original, signed, by) =>
      (await import('./file-commands/signed-copy.js')).isSignedCopy(
        original,
        signed,
        by,
        systemClock,
      ),
    prepare: async (request) =>
      (await import('./file-commands/held-file.js')).prepareFile(request, systemClock),
    complete: async (request) =>
      (await import('./file-commands/held-file.js')).completeFile(request, systemClock),
    extend: async (request) =>
      (await import('./file-commands/extend-file.js')).extendFile(request, systemClock),
    assertRenderer: async () => (await import('./drawing/index.js')).assertRenderer(),
    writePageDifferences: async (...args) =>
      (await import('./drawing/index.js')).writePageDifferences(...args),
    async verify(source, options) {
      const { verifyPdf } = await import('../verification/index.js');
      return verifyPdf(source, {
        fileName: options.fileName,
        trust: options.trust,
        at: options.at ?? systemClock.now(),
        now: systemClock.now(),
        ...(options.password === undefined ? {} : { password: options.password }),
        ...(options.seals === undefined ? {} : { seals: options.seals }),
        ...(options.isOffline ? {} : { revocation: await terminalOutgoing() }),
      });
    },
    async verifyPackage(zip, { fileName, trust, trustDirectory, at, isOffline }) {
      const { trustedServiceKeys, verifyPackageFile } = await import('./verify-package.js');
      return verifyPackageFile(zip, {
        fileName,
        trust,
        serviceKeys: trustedServiceKeys(trustDirectory),
        verify: (pdf, seals) =>
          this.verify(new MemorySource(pdf), { fileName, trust, at, isOffline, ...seals }),
      });
    },
    async renderReport(report, at) {
      const { renderReport } = await import('../verification/index.js');
      const { loadResources } = await import('./resources.js');
      return renderReport({ report, at: at ?? systemClock.now(), fonts: loadResources().fonts });
    },
    locate: async (source, keyword, password) =>
      (await import('./file-commands/locate.js')).locateInFile(source, keyword, password),
    async drawSeal({ name, kind, code, isSpecimen }) {
      const { SEAL_KINDS, drawSeal } = await import('../seal/index.js');
      const { loadResources } = await import('./resources.js');
      const known = SEAL_KINDS.find((each) => each === kind);
      if (known === undefined) {
        throw new AppError('usage', 'no such kind of seal', {
          params: { option: '--type', allowed: SEAL_KINDS },
        });
      }
      return drawSeal({
        name,
        kind: known,
        ...(code === undefined ? {} : { code }),
        font: loadResources().sealFont,
        specimen: isSpecimen,
      });
    },
    async exportSeal(drawing, kind, dpi) {
      const { drawingToPng, drawingToSvg } = await import('../seal/index.js');
      if (kind === 'svg') return new TextEncoder().encode(drawingToSvg(drawing));
      if (kind === 'png') return drawingToPng(drawing, dpi);
      return (await import('./file-commands/seal-page.js')).sealPagePdf(drawing);
    },
    cleanSpecimen: async (scan, widthMm) =>
      (await import('../seal/index.js')).cleanSpecimen(scan, widthMm),
    makeSeal: async (request) =>
      (await import('./file-commands/make-seal-file.js')).makeSealFile(request),
    async inspectSeal(der) {
      const { describeSeal, pictureOfSeal } = await import('../seal/index.js');
      return { description: describeSeal(der), picture: pictureOfSeal(der) };
    },
    async verifySeal(der, { fileName, trust, at, isOffline }) {
      const { verifySeal } = await import('../verification/index.js');
      return verifySeal(der, {
        fileName,
        trust,
        at: at ?? systemClock.now(),
        ...(isOffline ? {} : { revocation: await terminalOutgoing() }),
      });
    },
    async renderContract(templateName, value) {
      const { parseContractData, renderContract } = await import('../contract/index.js');
      const { loadResources } = await import('./resources.js');
      const resources = loadResources();
      const data = parseContractData(value);
      const rendered = await renderContract({
        data,
        template: resources.template(templateName),
        fonts: resources.fonts,
        at: systemClock.now(),
      });
      return { pdf: rendered.pdf, pageCount: rendered.pageCount };
    },
    async setWord(bytes, title) {
      const { setWord } = await import('../contract/index.js');
      const { readWord } = await import('../word/index.js');
      const { loadResources } = await import('./resources.js');
      const reading = readWord(bytes);
      const { fonts } = loadResources();
      return setWord({ reading, bytes, title, at: systemClock.now(), fonts });
    },
    checkContract: (value) => checkData(value),
    async checkContractPdf(pdf, value) {
      const { parseContractData } = await import('../contract/index.js');
      const { checkPdf } = await import('./file-commands/check-pdf.js');
      if (value === undefined) return checkPdf(pdf, [], {});
      return [
        ...(await checkData(value)),
        ...checkPdf(pdf, [], { data: parseContractData(value) }),
      ];
    },
    pki: lazyPki(),
    verifyAudit: async (place, options) => {
      const { verifyAuditOf, verifyConfiguredAudit } =
        await import('./data-folder/verify-audit.js');
      if ('dataDirectory' in place) return verifyAuditOf(place.dataDirectory, options);
      const { configFrom } = await import('./serve.js');
      return verifyConfiguredAudit(configFrom(environment.env, place.configFile), options);
    },
    verifyAuditProof: async (proofFile, keyFile) =>
      (await import('./data-folder/verify-audit.js')).verifyProofFile(proofFile, keyFile),
    backup: async (dataDirectory, outPath) =>
      (await import('./data-folder/backup.js')).backupData(dataDirectory, outPath),
    restore: async (archivePath, dataDirectory) =>
      (await import('./data-folder/backup.js')).restoreData(archivePath, dataDirectory),
    serve: async (configFile) =>
      (await import('./serve.js')).serveFromConfig(environment.env, configFile),
    quickstart: async (options) =>
      (await import('./quickstart/quickstart.js')).quickstart(options, environment.env),
  };
}
