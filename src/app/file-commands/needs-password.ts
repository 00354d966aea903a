/** Whether somebody has to be asked for a password before a file can be read. */
import { isAppError, type ByteSource } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';

/** What else may be wrong with the file is left to whoever reads it. */
export function needsPassword(source: ByteSource): boolean {
  try {
    openPdf(source, { mode: 'lenient' }).assertReadable();
    return false;
  } catch (error) {
    return isAppError(error, 'pdf-encrypted');
  }
}
