/** All attacks, by kind, each kind with the clause that a validator letting them pass would break. */
import { ANNOTATIONS, SOUND_ANNOTATIONS } from './annotations.js';
import type { Attack } from './attack.js';
import { CERTIFICATES, SOUND_CERTIFICATES } from './certificates.js';
import { CMS_ALGORITHMS } from './cms-algorithms.js';
import { CMS_ATTRIBUTES } from './cms-attributes.js';
import { CMS_STRUCTURES } from './cms-structures.js';
import { SOUND_CMS } from './cms-twins.js';
import { ENTRIES } from './entries.js';
import { DOCUMENT_TIMESTAMPS, SOUND_TIMESTAMPS } from './document-timestamps.js';
import { EVIDENCE_STORES, SOUND_EVIDENCE } from './evidence-stores.js';
import { EVIDENCE } from './evidence.js';
import { FIELDS, SOUND_FIELDS } from './fields.js';
import { HIDING, SOUND_HIDING } from './hiding.js';
import { INCREMENTAL } from './incremental.js';
import { LOOKS } from './looks.js';
import { PERMITTED, SOUND_PERMITTED } from './permitted.js';
import { RICH } from './rich.js';
import { SEALS, SOUND_SEALS } from './seals.js';
import { SHADOW } from './shadow.js';
import { SIGNATURE_FORGERY } from './signature-forgery.js';
import { STREAMS } from './streams.js';
import { SOUND_STRUCTURE, STRUCTURE } from './structure.js';
import { SIGNATURE_TIMESTAMPS } from './timestamps.js';

export interface AttackGroup {
  readonly title: string;
  readonly clause: string;
  readonly attacks: readonly Attack[];
  /** Sound files that look like them, and must pass. */
  readonly twins?: readonly Attack[];
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
    title: 'objects that the catalog and the pages lead to',
    clause: 'ISO 32000-2:2020, 12.8.2.2.2, table 257: none of P 1, 2 and 3 permits it',
    attacks: RICH,
  },
  {
    title: 'looks on top of signed pages',
    clause: 'ISO 32000-2:2020, 12.5.5 and 12.7.4.3: a look shows the value of its field',
    attacks: LOOKS,
  },
  {
    title: 'what looks of later signatures hide',
    clause:
      'ISO 32000-2:2020, 8.4.5, 8.5.3, 9.3.6, 11.6.6 and 12.5.5: what is painted over a text hides it, by whatever means',
    attacks: HIDING,
    twins: SOUND_HIDING,
  },
  {
    title: 'fields filled in that show something else',
    clause:
      'ISO 32000-2:2020, 12.7.4.3 and 12.7.5: a look shows the value of its field, all of it and nothing beside it',
    attacks: FIELDS,
    twins: SOUND_FIELDS,
  },
  {
    title: 'what comes along with permitted changes',
    clause: 'ISO 32000-2:2020, 12.7.3, 12.8.2.2 to 12.8.2.4: a permitted change excuses no other',
    attacks: PERMITTED,
    twins: SOUND_PERMITTED,
  },
  {
    title: 'annotations that P 3 permits by the letter',
    clause:
      'ISO 32000-2:2020, 12.5.5, 12.5.6 and 12.8.2.2.2: they lie beside what was certified, or mark it',
    attacks: ANNOTATIONS,
    twins: SOUND_ANNOTATIONS,
  },
  {
    title: 'parser differentials',
    clause:
      'ISO 32000-2:2020, 7.5.1 to 7.5.8: header, body, cross-reference, trailer, nothing else',
    attacks: [...STRUCTURE, ...STREAMS],
    twins: SOUND_STRUCTURE,
  },
  {
    title: 'signed attributes',
    clause: 'RFC 5652:2009, 5.3, 5.4 and 11; RFC 5035, 3 to 5; EN 319 142-1, 6.3',
    attacks: CMS_ATTRIBUTES,
    twins: SOUND_CMS,
  },
  {
    title: 'signature values and algorithms',
    clause:
      'ETSI EN 319 102-1, 5.2.7 and 5.2.8: what cannot be computed, or is too weak, proves nothing',
    attacks: CMS_ALGORITHMS,
  },
  {
    title: 'forms of the CMS and certificates in it',
    clause: 'RFC 5652, 5.1 to 5.3; ISO 32000-2:2020, 12.8.3.3.1; EN 319 102-1, 5.2.3',
    attacks: CMS_STRUCTURES,
  },
  {
    title: 'certificates',
    clause:
      'RFC 5280, 4.2 and 6.1; ETSI EN 319 102-1, 5.2.6: a path of those who may issue to one who may sign',
    attacks: CERTIFICATES,
    twins: SOUND_CERTIFICATES,
  },
  {
    title: 'time-stamps',
    clause:
      'RFC 3161, 2.2 to 2.4; ETSI EN 319 102-1, 5.4, 5.5.4 and 5.6.3: what proves a signature older than the end of its certificate',
    attacks: [...SIGNATURE_TIMESTAMPS, ...DOCUMENT_TIMESTAMPS],
    twins: SOUND_TIMESTAMPS,
  },
  {
    title: 'evidence of revocation',
    clause:
      'RFC 5280, 5 and 6.3; RFC 6960, 3.2 and 4.2.2; ETSI EN 319 142-1, 5.4: whose word counts, on whom, and how long',
    attacks: [...EVIDENCE, ...EVIDENCE_STORES],
    twins: SOUND_EVIDENCE,
  },
  {
    title: 'electronic seals',
    clause:
      'GB/T 38540-2020 and GM/T 0031: the seal by its maker, the signer in its list, the signing within its validity',
    attacks: SEALS,
    twins: SOUND_SEALS,
  },
];
