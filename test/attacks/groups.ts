/** All attacks, by kind, each kind with the clause that a validator letting them pass would break. */
import type { Attack } from './attack.js';
import { ENTRIES } from './entries.js';
import { INCREMENTAL } from './incremental.js';
import { LOOKS } from './looks.js';
import { SHADOW } from './shadow.js';
import { SIGNATURE_FORGERY } from './signature-forgery.js';
import { STRUCTURE } from './structure.js';

export interface AttackGroup {
  readonly title: string;
  readonly clause: string;
  readonly attacks: readonly Attack[];
}

export const GROUPS: readonly AttackGroup[] = [
  {
    title: 'universal signature forgery',
    clause: 'ISO 32000-2:2020, 12.8.1, table 255: ByteRange is the whole file but Contents',
    attacks: SIGNATURE_FORGERY,
  },
  {
    title: 'incremental saving',
    clause: 'ISO 32000-2:2020, 7.5.6 and 12.8.2.2.2: an update shows what it changes',
    attacks: INCREMENTAL,
  },
  {
    title: 'shadow and certification attacks',
    clause: 'ISO 32000-2:2020, 12.8.2.2.2, table 257: what DocMDP permits, by what is shown',
    attacks: SHADOW,
  },
  {
    title: 'entries of catalog, page and form',
    clause: 'ISO 32000-2:2020, 12.8.2.2.2, table 257: none of P 1, 2 and 3 permits it',
    attacks: ENTRIES,
  },
  {
    title: 'looks on top of signed pages',
    clause: 'ISO 32000-2:2020, 12.5.5 and 12.7.4.3: a look shows the value of its field',
    attacks: LOOKS,
  },
  {
    title: 'parser differentials',
    clause:
      'ISO 32000-2:2020, 7.5.1 to 7.5.8: header, body, cross-reference, trailer, nothing else',
    attacks: STRUCTURE,
  },
];
