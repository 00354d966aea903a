/** One file: its progress, what went wrong, or its report. */
import { useState } from 'react';
import type { PackageFinding, VerificationReport } from '../api/report.js';
import { reportAsPdf } from '../api/verifications.js';
import { explainProblem, type Explanation } from '../parts/explain-problem.js';
import { Facts } from '../parts/facts.js';
import { saveFile } from '../parts/save-file.js';
import { pick, useLanguage } from '../text/language.js';
import type { Check, CheckState } from './checks.js';
import { SignatureCard } from './signature-card.js';
import { useSignaturePictures } from './signature-pictures.js';
import { Verdict } from './verdict.js';

interface FileResultProps {
  readonly check: Check;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}

export function FileResult({ check, onRetry, onRemove }: FileResultProps) {
  const { texts } = useLanguage();
  const { file, state } = check;
  return (
    <article className="file" aria-label={file.name}>
      <div className="file-head">
        <h3>{file.name}</h3>
        <button
          type="button"
          className="quiet"
          aria-label={texts.removeFile(file.name)}
          onClick={onRemove}
        >
          {texts.remove}
        </button>
      </div>
      {state.kind === 'done' ? (
        <Report file={file} report={state.report} />
      ) : state.kind === 'failed' ? (
        <Failure explanation={explainProblem(state.error, texts)} onRetry={onRetry} />
      ) : (
        <Progress name={file.name} state={state} />
      )}
    </article>
  );
}

type UnderWay = Exclude<CheckState, { kind: 'done' | 'failed' }>;

function Progress({ name, state }: { readonly name: string; readonly state: UnderWay }) {
  const { texts } = useLanguage();
  const share = state.kind === 'uploading' ? state.share : undefined;
  const text =
    state.kind === 'uploading'
      ? texts.uploading(Math.round(state.share * 100))
      : state.kind === 'checking'
        ? texts.checking
        : texts.waiting;
  return (
    <div className="progress">
      {state.kind !== 'waiting' && <progress aria-label={texts.progressOf(name)} value={share} />}
      <p>{text}</p>
    </div>
  );
}

function Failure({
  explanation: { title, advice },
  onRetry,
}: {
  readonly explanation: Explanation;
  readonly onRetry: () => void;
}) {
  const { texts } = useLanguage();
  return (
    <div className="verdict verdict-none" data-testid="verdict">
      <p className="verdict-text">
        {texts.failed}：{title}
      </p>
      <p>{advice}</p>
      <button type="button" onClick={onRetry}>
        {texts.retry}
      </button>
    </div>
  );
}

function Report({ file, report }: { readonly file: File; readonly report: VerificationReport }) {
  const { texts, language } = useLanguage();
  const pictures = useSignaturePictures(file, report);
  return (
    <>
      <Verdict report={report} />
      <Savings file={file} report={report} />
      {report.signatures.length > 0 && (
        <p className="count">{texts.signatures(report.signatures.length)}</p>
      )}
      {report.signatures.map((signature, index) => (
        <SignatureCard
          key={`${signature.field} ${signature.revision}`}
          file={report.package === undefined ? file : undefined}
          signature={signature}
          number={index + 1}
          picture={pictures.get(signature.field)}
        />
      ))}
      {report.package !== undefined && <PackageFacts found={report.package} />}
      <details>
        <summary>{texts.fileDetails}</summary>
        <Facts
          facts={[
            { name: texts.fileName, value: report.file },
            { name: texts.fileSize, value: `${file.size.toLocaleString(language)} B` },
            { name: 'SHA-256', value: <code>{report.sha256}</code> },
            { name: texts.revisions, value: report.revisions },
            {
              name: texts.notes,
              value: [
                ...(report.repaired ? [texts.repaired] : []),
                ...report.messages.map((each) => pick(language, each)),
              ].join(texts.listJoin),
            },
          ]}
        />
      </details>
    </>
  );
}

/** What is around the contract in a filing package. */
function PackageFacts({ found }: { readonly found: PackageFinding }) {
  const { texts } = useLanguage();
  const { parts, manifest, audit } = found;
  const intact = parts.filter(({ state }) => state === 'intact').length;
  return (
    <details open>
      <summary>{texts.packageDetails}</summary>
      <Facts
        facts={[
          {
            name: texts.packageContract,
            value: `${found.contractNumber ?? ''} ${found.title ?? ''}`,
          },
          { name: texts.packageParts, value: texts.packageIntact(intact, parts.length) },
          { name: texts.packageManifest, value: texts.statementStates[manifest.state] },
          {
            name: texts.packageAudit,
            value: texts.packageEntries(audit.entries, texts.statementStates[audit.state]),
          },
        ]}
      />
    </details>
  );
}

/** The report to take away: what is on the page as JSON, or a PDF that the service makes. */
function Savings({ file, report }: { readonly file: File; readonly report: VerificationReport }) {
  const { texts } = useLanguage();
  const [isMaking, setIsMaking] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const name = `${file.name.replace(/\.(pdf|zip)$/i, '')}-${texts.reportName}`;
  const savePdf = async (): Promise<void> => {
    setIsMaking(true);
    setError(undefined);
    try {
      saveFile(`${name}.pdf`, await reportAsPdf(file));
    } catch (reason) {
      setError(reason);
    } finally {
      setIsMaking(false);
    }
  };
  const saveJson = (): void => {
    const text = JSON.stringify(report, null, 2);
    saveFile(`${name}.json`, new Blob([text], { type: 'application/json' }));
  };
  const failure = error === undefined ? undefined : explainProblem(error, texts);
  return (
    <div className="savings">
      {report.package === undefined && (
        <button type="button" disabled={isMaking} onClick={() => void savePdf()}>
          {isMaking ? texts.savingPdf : texts.savePdf}
        </button>
      )}
      <button type="button" onClick={saveJson}>
        {texts.saveJson}
      </button>
      {failure !== undefined && (
        <p role="alert">
          {failure.title}。{failure.advice}
        </p>
      )}
    </div>
  );
}
