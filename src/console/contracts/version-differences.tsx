/** What is another in the present version than in the one that the reader's side had agreed to. */
import { useCallback, useState } from 'react';
import type { Contract, FieldDifference } from '../api/contract.js';
import { contractDifferences, contractDocument } from '../api/contracts.js';
import { getTemplate } from '../api/templates.js';
import { formOf } from '../form/field.js';
import { labelOf } from '../form/label-of.js';
import { showFile } from '../parts/show-file.js';
import { Trouble } from '../parts/trouble.js';
import { useAnswer } from '../parts/use-answer.js';
import { useContractTexts } from '../text/contracts/language.js';
import { useDesk } from './desk.js';

export function VersionDifferences({ contract }: { readonly contract: Contract }) {
  const texts = useContractTexts();
  const { differences } = texts;
  const { caller } = useDesk();
  const { id, templateId, versionNumber } = contract;
  const [error, setError] = useState<unknown>(undefined);
  const ask = useCallback(
    async (signal: AbortSignal) => {
      const found = await contractDifferences(caller, id, signal);
      // An uploaded text has no template: its data keep the names they have.
      const template =
        templateId === null ? undefined : await getTemplate(caller, templateId, signal);
      return { found, form: template === undefined ? undefined : formOf(template.schema) };
    },
    [caller, id, templateId],
  );
  const answer = useAnswer(ask, versionNumber);
  if (answer.state === 'asking') return <p role="status">{differences.asking}</p>;
  if (answer.state === 'failed') return <Trouble error={answer.error} />;
  const { found, form } = answer.value;
  const show = async (): Promise<void> => {
    const use = showFile();
    try {
      setError(undefined);
      use(await contractDocument(caller, id, found.from));
    } catch (reason) {
      setError(reason);
    }
  };
  const isSame = found.fields.length === 0 && found.pages.length === 0;
  return (
    <section className="file" aria-labelledby="differences-title">
      <h3 id="differences-title">{differences.title(found.from, found.to)}</h3>
      <p className="hint">{isSame ? differences.none : differences.hint}</p>
      {found.fields.length > 0 && (
        <>
          <h4>{differences.data}</h4>
          <table className="changes">
            <thead>
              <tr>
                <th scope="col">{differences.field}</th>
                <th scope="col">{differences.before}</th>
                <th scope="col">{differences.after}</th>
              </tr>
            </thead>
            <tbody>
              {found.fields.map((field) => (
                <tr key={field.pointer}>
                  <th scope="row">
                    {form === undefined ? field.pointer : labelOf(form, field.pointer)}
                  </th>
                  <td>{said(field.before, differences)}</td>
                  <td>{said(field.after, differences)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {found.pages.length > 0 && (
        <>
          <h4>{differences.text}</h4>
          {found.pages.map(({ page, removed, added }) => (
            <div key={page} className="changed-page">
              <h5>{differences.page(page)}</h5>
              {removed.map((line, at) => (
                <del key={`${String(at)} ${line}`}>{differences.removed(line)}</del>
              ))}
              {added.map((line, at) => (
                <ins key={`${String(at)} ${line}`}>{differences.added(line)}</ins>
              ))}
            </div>
          ))}
        </>
      )}
      <div className="savings">
        <button type="button" onClick={() => void show()}>
          {differences.showEarlier(found.from)}
        </button>
      </div>
      <Trouble error={error} />
    </section>
  );
}

function said(
  value: FieldDifference['before'],
  { absent, yes, no }: ReturnType<typeof useContractTexts>['differences'],
): string {
  if (value === null) return absent;
  if (typeof value === 'boolean') return value ? yes : no;
  return String(value);
}
