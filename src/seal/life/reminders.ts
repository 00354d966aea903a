/**
 * Reminders that a seal ends, 30, 15 and 7 days before: its own validity, and that of the first of its
 * certificates, since a renewed UKey signs no more with the seal. Pure.
 *
 * @see 鲁财采〔2023〕15号 (延期须在到期前确认)
 */
import { toRfc3339 } from '../../kernel/index.js';
import type { SealRecord, SealReminder, SealVersion } from '../record.js';

export const REMINDER_DAYS = [30, 15, 7] as const;

const DAY_MS = 86_400_000;
const SUBJECTS = ['seal', 'certificate'] as const;

/** When the newest version can no longer sign. */
export function endOf(seal: Pick<SealRecord, 'versions'>): string | undefined {
  const version = seal.versions.at(-1);
  if (version === undefined) return undefined;
  const { validUntil, certificatesUntil } = version;
  return certificatesUntil !== undefined && certificatesUntil < validUntil
    ? certificatesUntil
    : validUntil;
}

/**
 * The reminders that are due at `now` and were not given. Of several that were missed, the nearest to the end
 * stands for all: nobody is told of 30 days when 3 are left.
 */
export function dueReminders(seal: SealRecord, now: Date): readonly SealReminder[] {
  const version = seal.versions.at(-1);
  if (version === undefined || !isReminded(seal)) return [];
  return SUBJECTS.flatMap((of) => {
    const endsAt = endingOf(version, of);
    const daysBefore =
      endsAt === undefined ? undefined : nextDays(seal, version, of).find(isDue(endsAt, now));
    if (endsAt === undefined || daysBefore === undefined) return [];
    const givenAt = toRfc3339(now);
    return [{ of, daysBefore, endsAt, givenAt, versionNumber: version.number }];
  });
}

/** When the background is to look at the seal next; `undefined` where nothing is to come. */
export function lifeDueAt(seal: SealRecord): string | undefined {
  const pending = seal.status === 'revoked' ? undefined : seal.revocation?.at;
  const version = seal.versions.at(-1);
  const reminders =
    version === undefined || !isReminded(seal)
      ? []
      : SUBJECTS.map((of) => {
          const endsAt = endingOf(version, of);
          const days = nextDays(seal, version, of).at(-1);
          return endsAt === undefined || days === undefined ? undefined : before(endsAt, days);
        });
  return [pending, ...reminders].filter((each) => each !== undefined).sort()[0];
}

/** The days left to remind of, the nearest to the end first. */
function nextDays(
  seal: SealRecord,
  version: SealVersion,
  of: SealReminder['of'],
): readonly number[] {
  const given = (seal.reminders ?? [])
    .filter((each) => each.of === of && each.versionNumber === version.number)
    .map(({ daysBefore }) => daysBefore);
  const nearest = Math.min(Infinity, ...given);
  return REMINDER_DAYS.filter((days) => days < nearest).sort((a, b) => a - b);
}

const isDue =
  (endsAt: string, now: Date) =>
  (days: number): boolean =>
    before(endsAt, days) <= toRfc3339(now);

function before(endsAt: string, days: number): string {
  return toRfc3339(new Date(Date.parse(endsAt) - days * DAY_MS));
}

function endingOf(version: SealVersion, of: SealReminder['of']): string | undefined {
  return of === 'seal' ? version.validUntil : version.certificatesUntil;
}

/** A seal that is or will be revoked is not renewed. */
function isReminded(seal: SealRecord): boolean {
  return seal.status !== 'revoked' && seal.revocation === undefined;
}
