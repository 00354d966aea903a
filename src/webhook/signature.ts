/** How a message is signed, by Standard Webhooks (https://www.standardwebhooks.com), symmetric scheme `v1`. */
import { createHmac } from 'node:crypto';
import { AppError, fromBase64, toBase64, utf8ToBytes, type RandomBytes } from '../kernel/index.js';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** `whsec_` and base64, as receivers' libraries take it. */
export function newSecretText(random: RandomBytes): string {
  return PREFIX + toBase64(random(SECRET_BYTES));
}

/** @param secretTexts - one, or several while a secret is exchanged: a receiver accepts any of them */
export function signatureHeaders(
  secretTexts: readonly string[],
  messageId: string,
  at: Date,
  bodyText: string,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signed = utf8ToBytes(`${messageId}.${timestamp}.${bodyText}`);
  const signatures = secretTexts.map((text) => {
    const key = text.startsWith(PREFIX) ? fromBase64(text.slice(PREFIX.length)) : undefined;
    if (key === undefined) throw new AppError('internal', 'a webhook secret is damaged');
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
