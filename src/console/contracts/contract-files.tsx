/** The contract's document, to look at and to take away, and the completion report. */
import { useState } from 'react';
import type { Contract } from '../api/contract.js';
import { contractDocument, contractEvidence, originalDocument } from '../api/contracts.js';
import { saveFile } from '../parts/save-file.js';
import { showFile } from '../parts/show-file.js';
import { Trouble } from '../parts/trouble.js';
import { useContractTexts } from '../text/contracts/language.js';
import { useDesk } from './desk.js';

export function ContractFiles({ contract }: { readonly contract: Contract }) {
  const texts = useContractTexts();
  const { caller } = useDesk();
  const [isFetching, setIsFetching] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const { document: file, id, number, signatures } = contract;
  const fetchThen = async (fetched: Promise<Blob>, use: (content: Blob) => void): Promise<void> => {
    setIsFetching(true);
    setError(undefined);
    try {
      use(await fetched);
    } catch (reason) {
      setError(reason);
    } finally {
      setIsFetching(false);
    }
  };
  const button = (label: string, onClick: () => Promise<void>) => (
    <button type="button" disabled={isFetching} onClick={() => void onClick()}>
      {label}
    </button>
  );
  return (
    <section className="file" aria-labelledby="document-title">
      <h3 id="document-title">{texts.document}</h3>
      <p>
        {file === null
          ? texts.noDocument
          : texts.documentFacts(file.fileName, file.pageCount, Math.ceil(file.sizeBytes / 1024))}
      </p>
      {file !== null && (
        <div className="savings">
          {button(texts.preview, () => {
            const show = showFile();
            return fetchThen(contractDocument(caller, id), show);
          })}
          {button(texts.download, () =>
            fetchThen(contractDocument(caller, id), (content) => saveFile(file.fileName, content)),
          )}
          {file.source === 'word' &&
            button(texts.original, () =>
              fetchThen(originalDocument(caller, id), (content) =>
                saveFile(file.fileName.replace(/\.pdf$/i, '.docx'), content),
              ),
            )}
          {signatures.length > 0 &&
            button(texts.evidence, () =>
              fetchThen(contractEvidence(caller, id), (content) =>
                saveFile(`${number}-evidence.pdf`, content),
              ),
            )}
          {isFetching && <span role="status">{texts.fetching}</span>}
        </div>
      )}
      <Trouble error={error} />
    </section>
  );
}
