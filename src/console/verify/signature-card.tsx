/** One signature as a clerk asks about it: who, when, which seal, what came after; the rest is folded. */
import type { SignatureReport } from '../api/report.js';
import type { SignaturePicture } from '../api/pictures.js';
import { Facts, type Fact } from '../parts/facts.js';
import { pick, showTime, useLanguage, type Language } from '../text/language.js';
import type { Texts } from '../text/zh.js';
import { Changes } from './changes.js';
import { SealFacts } from './seal-facts.js';
import { TechnicalDetails } from './technical-details.js';

interface SignatureCardProps {
  /** Whose pages can be looked at; none where it came in a package. */
  readonly file: File | undefined;
  readonly signature: SignatureReport;
  /** Counted from 1. */
  readonly number: number;
  readonly picture: SignaturePicture | undefined;
}

const TONES = { 'TOTAL-PASSED': 'good', 'TOTAL-FAILED': 'bad', INDETERMINATE: 'open' } as const;

export function SignatureCard({ file, signature, number, picture }: SignatureCardProps) {
  const { texts } = useLanguage();
  const { signer, kind, indication, seal, messages } = signature;
  const isTimestamp = kind === 'document-timestamp';
  const who = signer?.unit ?? texts.unknownSigner;
  const facts: readonly Fact[] = [
    { name: isTimestamp ? texts.authority : texts.unit, value: who },
    { name: texts.creditCode, value: signer?.creditCode },
    { name: texts.time, value: <Time signature={signature} /> },
    {
      name: indication === 'TOTAL-PASSED' ? texts.otherNotes : texts.why,
      value: messages.length === 0 ? undefined : <Messages signature={signature} />,
    },
  ];
  return (
    <section className={`signature signature-${TONES[indication]}`} data-testid="signature">
      <h4>
        <span className="chip">{texts.indications[indication]}</span>
        {isTimestamp ? texts.kinds[kind] : texts.signature(number)}
        <span className="signature-who">{who}</span>
        <span className="signature-field">{signature.field}</span>
      </h4>
      <div className="signature-body">
        {picture !== undefined && (
          <figure className="seal-picture">
            <img
              src={`data:image/png;base64,${picture.pngB64}`}
              width={picture.widthPx}
              height={picture.heightPx}
              alt={texts.pictureOf(seal?.name ?? who)}
            />
            <figcaption>{texts.onPage(picture.page)}</figcaption>
          </figure>
        )}
        <div>
          <Facts facts={facts} />
          {seal !== null && <SealFacts seal={seal} />}
        </div>
      </div>
      <Changes file={file} signature={signature} />
      <TechnicalDetails signature={signature} />
    </section>
  );
}

function Messages({ signature: { messages } }: { readonly signature: SignatureReport }) {
  const { language } = useLanguage();
  return (
    <ul className="plain">
      {messages.map((each) => (
        <li key={`${each.code} ${each.text}`}>{pick(language, each)}</li>
      ))}
    </ul>
  );
}

function Time({ signature }: { readonly signature: SignatureReport }) {
  const { texts, language } = useLanguage();
  const { claimedTime } = signature;
  return (
    <>
      {claimedTime === null ? texts.timeUnknown : showTime(language, claimedTime)}
      <span className="aside">{proofOf(signature, texts, language)}</span>
    </>
  );
}

function proofOf(
  { bestSignatureTime, level }: SignatureReport,
  texts: Texts,
  language: Language,
): string {
  if (bestSignatureTime === null) return texts.timeClaimed;
  const time = showTime(language, bestSignatureTime);
  const isStamped = level !== null && level !== 'B-B';
  return isStamped ? texts.timeStamped(time) : texts.timeRecorded(time);
}
