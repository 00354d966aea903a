/** What is wrong with a UKey, step by step: library, slot, token, certificates, PIN, signature. */
import { errorText, isAppError, type Clock, type ErrorCode, type Secret } from '../kernel/index.js';
import type {
  SignatureScheme,
  SigningKey,
  TokenCertificate,
  TokenModuleFault,
  TokenProvider,
  TokenSlot,
} from '../token/index.js';

export interface DoctorStep {
  readonly step: 'library' | 'slot' | 'token' | 'certificate' | 'validity' | 'pin' | 'signature';
  readonly verdict: 'ok' | 'warning' | 'failed';
  /** The module's file, or the token's label and serial. */
  readonly of: string;
  /** What was found, and where it is not well what to do; Chinese first. */
  readonly text: string;
  /** Of `failed`. */
  readonly code?: ErrorCode;
}

const DAY_MS = 86_400_000;
/** Renewal takes days, and a new certificate means a new seal. */
const WARNING_DAYS = 30;
/** Begins with a letter and names its purpose: it can be taken for nothing that is signed. */
const TEST_MESSAGE = new TextEncoder().encode('qianyin-token-doctor-v1: 测试签名，不具任何效力');

export interface DoctorOptions {
  readonly clock: Clock;
  /** Only this token; all where absent. */
  readonly label: string | undefined;
  /** For a test signature; none is made without it. */
  readonly pin: Secret | undefined;
}

export async function examineTokens(
  provider: TokenProvider,
  options: DoctorOptions,
): Promise<readonly DoctorStep[]> {
  const { slots, faults } = await provider.list();
  const steps = faults.flatMap(faultSteps);
  const wanted = slots.filter(
    ({ label }) => options.label === undefined || label === options.label,
  );
  for (const slot of wanted) steps.push(...(await slotSteps(provider, slot, options)));
  if (wanted.length === 0 && faults.length === 0) {
    steps.push(failed('token', options.label ?? '', 'token-absent'));
  }
  return steps;
}

function failed(
  step: DoctorStep['step'],
  of: string,
  code: ErrorCode,
  detail?: string,
): DoctorStep {
  const { title, hint, titleEn, hintEn } = errorText(code);
  const what = detail === undefined ? title : `${title}（${detail}）`;
  return {
    step,
    verdict: 'failed',
    of,
    code,
    text: `${what}；${hint} (${titleEn}; ${hintEn})`,
  };
}

/** How far a module came: what lies before its fault is well. */
function faultSteps({ modulePath, code, reason }: TokenModuleFault): DoctorStep[] {
  const library: DoctorStep = {
    step: 'library',
    verdict: 'ok',
    of: modulePath,
    text: '驱动已加载 (library loaded)',
  };
  switch (code) {
    case 'token-library-missing':
    case 'token-failed':
      return [failed('library', modulePath, code, reason)];
    case 'token-no-slot':
      return [library, failed('slot', modulePath, code)];
    case 'token-absent':
      return [
        library,
        { step: 'slot', verdict: 'ok', of: modulePath, text: '有读卡设备 (slot present)' },
        failed('token', modulePath, code),
      ];
  }
}

async function slotSteps(
  provider: TokenProvider,
  slot: TokenSlot,
  { clock, pin }: DoctorOptions,
): Promise<DoctorStep[]> {
  const of = `${slot.label} (${slot.serial})`;
  const steps: DoctorStep[] = [
    { step: 'library', verdict: 'ok', of, text: `驱动已加载 (library): ${slot.modulePath}` },
    { step: 'slot', verdict: 'ok', of, text: `卡槽 (slot) ${slot.slotId}` },
    { step: 'token', verdict: 'ok', of, text: `${slot.manufacturer} ${slot.model}` },
    ...certificateSteps(of, slot, clock.now()),
    pinStep(of, slot),
  ];
  const isTryable = slot.pinState !== 'locked' && slot.pinState !== 'final-try';
  if (pin !== undefined && isTryable) steps.push(await signatureStep(provider, of, slot, pin));
  return steps;
}

function certificateSteps(of: string, slot: TokenSlot, at: Date): DoctorStep[] {
  const { certificates, signingCertificate: signing } = slot;
  if (signing === undefined) {
    const seen = certificates.map(certificateText).join('；');
    return [failed('certificate', of, 'token-no-signing-certificate', seen || '没有证书 (none)')];
  }
  const others = certificates.filter((each) => each !== signing).map(certificateText);
  return [
    {
      step: 'certificate',
      verdict: 'ok',
      of,
      text: [`签名证书 (signing): ${certificateText(signing)}`, ...others].join('；'),
    },
    validityStep(of, signing, at),
  ];
}

const certificateText = ({ subject, keyUsage, isForSigning }: TokenCertificate): string =>
  `${subject} [${isForSigning ? '' : '不用于签名 not for signing: '}${keyUsage.join(', ')}]`;

function validityStep(of: string, certificate: TokenCertificate, at: Date): DoctorStep {
  const { notBefore, notAfter } = certificate;
  const days = Math.floor((Date.parse(notAfter) - at.getTime()) / DAY_MS);
  if (Date.parse(notBefore) > at.getTime()) {
    return failed('validity', of, 'certificate-not-yet-valid', notBefore);
  }
  if (days < 0) return failed('validity', of, 'certificate-expired', notAfter);
  const period = `有效期至 ${notAfter}，还有 ${days} 天 (${days} days left)`;
  return days < WARNING_DAYS
    ? {
        step: 'validity',
        verdict: 'warning',
        of,
        text: `${period}；请尽快办理延期，延期后须重新制作印章 (renew it soon; the seal is remade then)`,
      }
    : { step: 'validity', verdict: 'ok', of, text: period };
}

function pinStep(of: string, { pinState }: TokenSlot): DoctorStep {
  switch (pinState) {
    case 'ok':
      return { step: 'pin', verdict: 'ok', of, text: 'PIN 未曾输错 (no refused try)' };
    case 'count-low':
      return {
        step: 'pin',
        verdict: 'warning',
        of,
        text: 'PIN 曾输错，请核对后再输 (refused before)',
      };
    case 'final-try':
      return failed('pin', of, 'token-pin-final-try');
    case 'locked':
      return failed('pin', of, 'token-pin-locked');
    case 'not-initialised':
      return {
        step: 'pin',
        verdict: 'warning',
        of,
        text: 'UKey 称尚未设置 PIN；有的驱动从不报告此项 (the token says no PIN is set; some never tell)',
      };
  }
}

async function signatureStep(
  provider: TokenProvider,
  of: string,
  { serial, label }: TokenSlot,
  pin: Secret,
): Promise<DoctorStep> {
  try {
    await using key = await provider.open({ serial, label }, { pin });
    await key.sign(TEST_MESSAGE, schemeOf(key));
    const each =
      key.authentication === 'each-signature'
        ? '；每次签名都要求 PIN，批量签署须另行同意 (wants the PIN for each signature)'
        : '';
    const chain = `，UKey 内有 ${key.chainDer.length} 张签发者证书 (issuers on the token)`;
    return {
      step: 'signature',
      verdict: 'ok',
      of,
      text: `测试签名通过 (signed and verified)${chain}${each}`,
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { reason } = error.params;
    return failed('signature', of, error.code, typeof reason === 'string' ? reason : undefined);
  }
}

function schemeOf({ algorithm }: SigningKey): SignatureScheme {
  switch (algorithm.kind) {
    case 'rsa':
      return { padding: 'pkcs1-v1_5', digest: 'sha256' };
    case 'ec':
      return { padding: 'ecdsa', digest: 'sha256' };
    case 'ed25519':
      return { padding: 'eddsa', digest: 'sha512' };
    case 'sm2':
      return { padding: 'sm2', digest: 'sm3' };
  }
}
