/** The texts on a seal: which are suitable, and how they are cut into characters. */
import { AppError } from '../../kernel/index.js';

const MAX_NAME = 40;
/** Letters of any script, digits, and the marks that occur in legal names. */
const NAME_CHARACTER = /^[\p{L}\p{Nd}〇·•・．.,，、＆&+＋\-－—()（）〔〕[\]［］《》“”"'’/]$/u;

/**
 * The characters of a name as they stand on the seal, composed (NFC).
 * @throws AppError `seal-name-unsuitable` (params `reason`: `too-short`, `too-long`, `character`; `character`)
 */
export function nameCharacters(name: string): readonly string[] {
  const characters = Array.from(name.normalize('NFC'));
  if (characters.length < 2) throw unsuitable(name, 'too-short');
  if (characters.length > MAX_NAME) throw unsuitable(name, 'too-long');
  const odd = characters.find((character) => !NAME_CHARACTER.test(character));
  if (odd !== undefined) throw unsuitable(name, 'character', odd);
  return characters;
}

/** @throws AppError `seal-name-unsuitable` */
export function unsuitable(
  name: string,
  reason: 'too-short' | 'too-long' | 'character',
  character?: string,
): AppError {
  return new AppError('seal-name-unsuitable', `the name cannot stand on a seal: ${reason}`, {
    params: {
      name: name.slice(0, 80),
      reason,
      ...(character === undefined
        ? {}
        : { character: `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}` }),
    },
  });
}
