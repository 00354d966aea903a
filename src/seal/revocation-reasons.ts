/** The reasons a seal is revoked for, as people read them. */
import type { RevocationReason } from './record.js';

export const REVOCATION_REASON_TEXTS = {
  'unit-dissolved': { text: '单位撤销', textEn: 'unit dissolved' },
  'unit-merged': { text: '单位合并', textEn: 'unit merged' },
  'physical-seal-invalid': { text: '实物印章作废', textEn: 'physical seal no longer valid' },
  'key-compromise': { text: '密钥或 UKey 失控', textEn: 'key or token compromised' },
  other: { text: '其他原因', textEn: 'other reason' },
} as const satisfies Record<RevocationReason, { readonly text: string; readonly textEn: string }>;
