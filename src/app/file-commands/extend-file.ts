/** Raises the level of the signatures in a file, verified by ourselves before it is handed out. */
import { ConcatSource, MemorySource, type Clock } from '../../kernel/index.js';
import type { ExtendedFile, ExtendFileRequest } from '../../cli/index.js';
import { raiseLevel } from '../../signing/index.js';
import { assertRaised } from './assert-sound.js';
import { fileLevelServices } from './file-levels.js';

/**
 * All or nothing: a level that cannot be reached is a failure, and the file stays as it is.
 *
 * @throws AppError `tsa-unavailable`, `tsa-response-invalid`, `revocation-unavailable`,
 *   `certificate-revoked`, `certificate-chain-incomplete`, `input-invalid` without a signature,
 *   `signature-not-verified`, and what reading throws
 */
export async function extendFile(
  { source, level, password }: ExtendFileRequest,
  clock: Clock,
): Promise<ExtendedFile> {
  const opening = password === undefined ? {} : { password };
  const raised = await raiseLevel(source, {
    target: level.level,
    ...fileLevelServices(level, clock),
    ...opening,
    clock,
  });
  if (raised.failure !== undefined) throw raised.failure;
  await assertRaised(new ConcatSource(source, new MemorySource(raised.appended)), raised, {
    trust: level.trust,
    at: clock.now(),
    ...opening,
  });
  return raised;
}
