/** What came after a signature, in words, and on request as pictures. */
import { useState } from 'react';
import type { ReportedChange, SignatureReport } from '../api/report.js';
import { pick, useLanguage } from '../text/language.js';
import { PageDifferencesView } from './page-differences.js';

interface ChangesProps {
  readonly file: File | undefined;
  readonly signature: SignatureReport;
}

export function Changes({ file, signature }: ChangesProps) {
  const { texts } = useLanguage();
  const { changesAfter, revision } = signature;
  const [isShown, setIsShown] = useState(false);
  const { verdict, changes } = changesAfter;
  const gravestFirst = changes.toSorted((a, b) => Number(a.permitted) - Number(b.permitted));
  const summary = {
    none: texts.changesNone,
    permitted: texts.changesPermitted,
    forbidden: texts.changesForbidden,
  }[verdict];
  return (
    <div className={`changes changes-${verdict}`}>
      <h5>{texts.changes}</h5>
      <p>{summary}</p>
      {changes.length > 0 && (
        <ul>
          {gravestFirst.map((change, index) => (
            <Change key={`${index} ${change.code}`} change={change} />
          ))}
        </ul>
      )}
      {file !== undefined &&
        verdict !== 'none' &&
        (isShown ? (
          <PageDifferencesView file={file} revision={revision} changes={changes} />
        ) : (
          <button type="button" onClick={() => setIsShown(true)}>
            {texts.showPages}
          </button>
        ))}
    </div>
  );
}

function Change({ change }: { readonly change: ReportedChange }) {
  const { texts, language } = useLanguage();
  const { permitted, page, place, field } = change;
  const where = [
    ...(page === null ? [] : [texts.onPage(page)]),
    ...(place === null ? [] : [texts.changePlace(place.leftMm, place.bottomMm)]),
    ...(field === null ? [] : [field]),
  ].join(texts.listJoin);
  return (
    <li className={permitted ? 'change-permitted' : 'change-forbidden'}>
      <span className="chip">{permitted ? texts.permitted : texts.notPermitted}</span>
      {pick(language, change)}
      {where !== '' && <span className="aside">{where}</span>}
    </li>
  );
}
