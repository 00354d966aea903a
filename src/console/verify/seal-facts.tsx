/** The seal of a signature: what it was when it was used, and what the register says of it now. */
import { useMemo } from 'react';
import { ProblemError } from '../api/request.js';
import type { SignatureReport } from '../api/report.js';
import { SEAL_CODE, sealStatus, type SealStatus } from '../api/seals.js';
import { Facts } from '../parts/facts.js';
import { useAnswer, type Answer } from '../parts/use-answer.js';
import { useLanguage } from '../text/language.js';
import type { Texts } from '../text/zh.js';

export function SealFacts({ seal }: { readonly seal: NonNullable<SignatureReport['seal']> }) {
  const { texts } = useLanguage();
  const { code, name, status, pictureMatches } = seal;
  const ask = useMemo(
    () =>
      SEAL_CODE.test(code) ? (signal: AbortSignal) => sealStatus(code, { signal }) : undefined,
    [code],
  );
  const now = useAnswer(ask);
  const picture =
    pictureMatches === null
      ? texts.pictureNotCompared
      : pictureMatches
        ? texts.pictureMatches
        : texts.pictureDiffers;
  return (
    <Facts
      facts={[
        {
          name: texts.seal,
          value: (
            <>
              {name}
              <span className="aside">{texts.sealCode(code)}</span>
            </>
          ),
        },
        {
          name: texts.sealAtSigning,
          value: `${texts.sealStatuses[status]}${texts.listJoin}${picture}`,
        },
        { name: texts.sealNow, value: ask === undefined ? undefined : nowText(now, texts) },
      ]}
    />
  );
}

function nowText(answer: Answer<SealStatus>, texts: Texts): string {
  switch (answer.state) {
    case 'asking':
      return texts.registerAsking;
    case 'answered':
      return texts.registerStatuses[answer.value.status];
    case 'failed': {
      const { error } = answer;
      const isUnknown = error instanceof ProblemError && error.problem.code === 'seal-not-found';
      return isUnknown ? texts.registerNotFound : texts.registerUnavailable;
    }
  }
}
