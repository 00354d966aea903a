/** Our side of the race: in memory as the service calls it, and from file to file as the command line does. */
import { draftFile } from '../../src/app/files/draft-file.js';
import { createLogger } from '../../src/app/logger.js';
import { signFile } from '../../src/app/file-commands/sign-file.js';
import { HashedSource, MemorySource, Secret, systemClock } from '../../src/kernel/index.js';
import { beginSignature, finishSignature } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import { openPkcs11Provider } from '../../src/token/pkcs11/index.js';
import type { SigningKey } from '../../src/token/index.js';

export interface TokenPlace {
  readonly modulePath: string;
  readonly label: string;
  readonly pin: string;
}

/** The key as the product holds it: by the PKCS#11 adapter, which checks each value it gets. */
export async function openAdapterKey(token: TokenPlace): Promise<SigningKey & AsyncDisposable> {
  const tokens = await openPkcs11Provider({
    modulePaths: [token.modulePath],
    logger: createLogger('error'),
    clock: systemClock,
  });
  const key = await tokens.open({ label: token.label }, { pin: Secret.fromText(token.pin) });
  return {
    certificateDer: key.certificateDer,
    chainDer: key.chainDer,
    algorithm: key.algorithm,
    authentication: key.authentication,
    sign: (message, scheme) => key.sign(message, scheme),
    async [Symbol.asyncDispose]() {
      await key[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
    },
  };
}

function wholeSeconds(): Date {
  return new Date(Math.floor(systemClock.now().getTime() / 1000) * 1000);
}

export async function signInMemory(
  pdf: Uint8Array,
  key: SigningKey,
  isVerified: boolean,
): Promise<void> {
  const source = new HashedSource(new MemorySource(pdf));
  if (isVerified) {
    await signFile({ source, key, isPss: false }, systemClock);
    return;
  }
  const pending = beginSignature(openPdf(source, { mode: 'lenient' }), key, {
    claimedAt: wholeSeconds(),
  });
  finishSignature(pending, await key.sign(pending.signedAttributes, pending.scheme));
}

export async function signFileToFile(
  input: string,
  output: string,
  key: SigningKey,
  isVerified: boolean,
): Promise<void> {
  using draft = draftFile(input, output);
  const source = await draft.fill(['sha256']);
  if (isVerified) {
    await draft.commit((await signFile({ source, key, isPss: false }, systemClock)).appended);
    return;
  }
  const pending = beginSignature(openPdf(source, { mode: 'lenient' }), key, {
    claimedAt: wholeSeconds(),
  });
  const signature = await key.sign(pending.signedAttributes, pending.scheme);
  await draft.commit(finishSignature(pending, signature));
}
