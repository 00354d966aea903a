/** Yuan as they are typed, sent and shown; counted in fen, as whole numbers. */

const YUAN = /^(0|[1-9][0-9]{0,12})\.[0-9]{2}$/;

/** `1409.50` → 140950n; `undefined` where it is not yuan with two decimals. */
export function fenOf(yuan: unknown): bigint | undefined {
  return typeof yuan === 'string' && YUAN.test(yuan) ? BigInt(yuan.replace('.', '')) : undefined;
}

/** 140950n → `1409.50`. */
export function yuanOf(fen: bigint): string {
  const digits = fen.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `1409.50` → `1,409.50`, for reading. */
export function groupYuan(yuan: string): string {
  const [whole = '', decimals = ''] = yuan.split('.');
  return `${whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',')}.${decimals}`;
}

/**
 * What people type and spreadsheets copy, as the service takes it: `¥1,409.5` → `1409.50`. What is
 * no amount stays as it is, for the service to refuse.
 */
export function tidyYuan(typed: string): string {
  const plain = typed
    .normalize('NFKC')
    .trim()
    .replace(/^[¥￥]\s*/u, '');
  const match = /^([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?$/.exec(plain);
  if (match?.[1] === undefined) return typed.trim();
  const whole = match[1].replaceAll(',', '').replace(/^0+(?=[0-9])/, '');
  return `${whole}.${(match[2] ?? '').padEnd(2, '0')}`;
}
