export { REVOCATION_REASONS, SEALS, SEAL_KINDS } from './record.js';
export type {
  EffectiveSealStatus,
  RevocationReason,
  SealIndex,
  SealKind,
  SealRecord,
  SealStatus,
  SealStatusChange,
  SealVersion,
} from './record.js';
export type { DrawingPath, PathSegment, SealDrawing } from './drawing.js';
