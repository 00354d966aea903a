/** Hands the command line the rest of the product: adapters behind ports, the sandbox, the service. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliRuntime } from '../cli/index.js';
import { loadConfig, readEnv } from '../config/index.js';
import { checkContract, parseContractData, renderContract } from '../contract/index.js';
import { AppError, systemClock, silentLogger } from '../kernel/index.js';
import { SEAL_KINDS, drawSeal, drawingToPng, drawingToSvg, type SealKind } from '../seal/index.js';
import { openTrustFolder } from '../trust/file/index.js';
import { openPkcs11Provider } from '../token/pkcs11/index.js';
import { openPkcs12Key } from '../token/pkcs12/index.js';
import type { RevocationSource } from '../trust/index.js';
import { verifyPdf, verifySeal } from '../verification/index.js';
import { backupData, restoreData } from './backup.js';
import { extendFile } from './extend-file.js';
import { fileAccess } from './files.js';
import { locateInFile } from './locate.js';
import { createOutgoing } from './outgoing.js';
import { makeSealFile } from './make-seal-file.js';
import { pkiCommands } from './pki-commands.js';
import { quickstart } from './quickstart.js';
import { loadResources } from './resources.js';
import { sealPagePdf } from './seal-page.js';
import { serveFromConfig } from './serve.js';
import { completeFile, prepareFile } from './held-file.js';
import { needsPassword } from './needs-password.js';
import { signFile } from './sign-file.js';
import { pkcs11Options, useSoftHsmConfiguration } from './pkcs11-modules.js';
import { verifyAuditOf } from './verify-audit.js';

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

function sealKind(kind: string): SealKind {
  const found = SEAL_KINDS.find((each) => each === kind);
  if (found === undefined) {
    throw new AppError('usage', 'no such kind of seal', {
      params: { option: '--type', allowed: SEAL_KINDS },
    });
  }
  return found;
}

/** A person at a terminal may ask any address that a certificate names. */
function terminalOutgoing(): RevocationSource {
  return createOutgoing({ allowsPrivate: true, timeoutMs: 5000 }).revocation;
}

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
    openTrust: (directory) => openTrustFolder(directory),
    async openTokens(modules) {
      const config = loadConfig({ env: readEnv(environment.env) });
      useSoftHsmConfiguration(config.pkcs11.softhsmConf);
      const modulePaths = modules.length > 0 ? modules : config.pkcs11.modules;
      if (modulePaths.length === 0) {
        throw new AppError('token-library-missing', 'no PKCS#11 module is configured', {
          params: { option: '--module', setting: 'QIANYIN_PKCS11_MODULES' },
        });
      }
      // In this process: it ends with the command anyhow, and starting another costs more than a signature.
      return openPkcs11Provider({
        ...pkcs11Options(config),
        modulePaths,
        logger: silentLogger,
        clock: systemClock,
      });
    },
    openPkcs12: (der, password) => openPkcs12Key({ der, password }),
    needsPassword,
    sign: (request) => signFile(request, systemClock),
    prepare: (request) => prepareFile(request, systemClock),
    complete: (request) => completeFile(request, systemClock),
    extend: (request) => extendFile(request, systemClock),
    verify: (source, options) =>
      verifyPdf(source, {
        fileName: options.fileName,
        trust: options.trust,
        at: options.at ?? systemClock.now(),
        now: systemClock.now(),
        ...(options.password === undefined ? {} : { password: options.password }),
        ...(options.isOffline ? {} : { revocation: terminalOutgoing() }),
      }),
    locate: (source, keyword, password) =>
      Promise.resolve().then(() => locateInFile(source, keyword, password)),
    drawSeal: ({ name, kind, code, isSpecimen }) =>
      Promise.resolve().then(() =>
        drawSeal({
          name,
          kind: sealKind(kind),
          ...(code === undefined ? {} : { code }),
          font: loadResources().sealFont,
          specimen: isSpecimen,
        }),
      ),
    exportSeal: (drawing, kind, dpi) =>
      Promise.resolve().then(() => {
        if (kind === 'svg') return new TextEncoder().encode(drawingToSvg(drawing));
        if (kind === 'png') return drawingToPng(drawing, dpi);
        return sealPagePdf(drawing);
      }),
    makeSeal: makeSealFile,
    verifySeal: (der, { fileName, trust, at, isOffline }) =>
      verifySeal(der, {
        fileName,
        trust,
        at: at ?? systemClock.now(),
        ...(isOffline ? {} : { revocation: terminalOutgoing() }),
      }),
    async renderContract(templateName, value) {
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
    checkContract: (value) =>
      Promise.resolve().then(() =>
        checkContract({ data: parseContractData(value), at: systemClock.now() }),
      ),
    pki: pkiCommands(systemClock),
    verifyAudit: (dataDirectory) => verifyAuditOf(dataDirectory),
    backup: (dataDirectory, outPath) => backupData(dataDirectory, outPath),
    restore: (archivePath, dataDirectory) => restoreData(archivePath, dataDirectory),
    serve: (configFile) => serveFromConfig(environment.env, configFile),
    quickstart: (options) => quickstart(options, environment.env),
  };
}
