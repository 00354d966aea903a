/**
 * Named places between two durable steps where a test may stop or kill the process.
 *
 * In production every point is a call of an empty function; the fault tests hand in one that kills
 * the process, so that recovery is proved on the real arrows of the flow.
 */
export type FaultPoint =
  | 'signing:prepared'
  | 'signing:use-entered'
  | 'signing:intent'
  | 'signing:signed'
  | 'signing:verified'
  | 'signing:blob-stored'
  | 'signing:published'
  | 'level:claimed'
  | 'level:verified'
  | 'level:blob-stored'
  | 'level:published'
  | 'relay:audited'
  | 'relay:queued'
  | 'filing:packaged'
  | 'filing:claimed'
  | 'filing:sent'
  | 'filing:receipt'
  | 'webhook:claimed'
  | 'webhook:sent'
  | 'seal:stopped'
  | 'seal:uses-ended'
  | 'seal:made';

export const FAULT_POINTS: readonly FaultPoint[] = [
  'signing:prepared',
  'signing:use-entered',
  'signing:intent',
  'signing:signed',
  'signing:verified',
  'signing:blob-stored',
  'signing:published',
  'level:claimed',
  'level:verified',
  'level:blob-stored',
  'level:published',
  'relay:audited',
  'relay:queued',
  'filing:packaged',
  'filing:claimed',
  'filing:sent',
  'filing:receipt',
  'webhook:claimed',
  'webhook:sent',
  'seal:stopped',
  'seal:uses-ended',
  'seal:made',
];

export type FaultHook = (point: FaultPoint) => void;

export const noFaults: FaultHook = () => undefined;
