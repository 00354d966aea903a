/** What can be wrong with a signature before anybody's key is asked for. */
import type { SignableRequest } from '../../cli/index.js';
import type { Clock } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';
import { assertAdmitted, inspectDocument } from '../../signing/index.js';
import { appearanceOptions } from './appearance-options.js';

/** @throws AppError `pdf-not-admitted`, and as reading, drawing and placing an appearance do */
export function assertSignable({ source, ...request }: SignableRequest, clock: Clock): void {
  const document = openPdf(source, { mode: 'lenient' });
  assertAdmitted(inspectDocument(document, request.allow ?? []).findings);
  appearanceOptions(document, request, clock.now());
}
