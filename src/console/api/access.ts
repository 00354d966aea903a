/** Logging in. */
import type { Session } from './me.js';
import { requestJson } from './request.js';

export function logIn(account: string, password: string): Promise<Session> {
  return requestJson('POST', '/auth/sessions', { body: { account, password } });
}
