/** The contracts that the account may see, page by page. */
import { useCallback, useState, type SubmitEvent } from 'react';
import { CONTRACT_STATES, type ContractState, type ContractSummary } from '../api/contract.js';
import { listContracts, type ListQuery } from '../api/contracts.js';
import { useAnswer } from '../parts/use-answer.js';
import { textOf } from '../parts/text-of.js';
import { Trouble } from '../parts/trouble.js';
import { useContractTexts } from '../text/contracts/language.js';
import { showDay, useLanguage } from '../text/language.js';
import { useDesk } from './desk.js';
import { groupYuan } from '../form/money.js';
import { addressOf } from './place.js';
import { mayDraft } from './rights.js';
import { StateChip } from './state-chip.js';

const OPEN_STATES: readonly ContractState[] = [
  'sent',
  'confirmed',
  'supplier-signed',
  'buyer-signed',
];

type Filter = Pick<ListQuery, 'state' | 'number'>;

export function ContractList() {
  const texts = useContractTexts();
  const { me, caller } = useDesk();
  const [filter, setFilter] = useState<Filter>({});
  /** Cursors of the pages so far; the last is that of the page shown, none is the first page's. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [tries, setTries] = useState(0);
  const cursor = cursors.at(-1);
  const ask = useCallback(
    (signal: AbortSignal) => listContracts(caller, { ...filter, cursor }, signal),
    [caller, filter, cursor],
  );
  const answer = useAnswer(ask, tries);
  const next = answer.state === 'answered' ? answer.value.nextCursor : null;
  const apply = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const state = textOf(entered, 'state');
    const number = textOf(entered, 'number').trim();
    setCursors([]);
    setFilter({
      ...(state === '' ? {} : { state: state as ContractState }),
      ...(number === '' ? {} : { number }),
    });
  };
  return (
    <section aria-labelledby="list-title">
      <div className="results-head">
        <h2 id="list-title">{texts.listTitle}</h2>
        {mayDraft(me) && (
          <a className="button primary" href={addressOf({ kind: 'new' })}>
            {texts.newContract}
          </a>
        )}
      </div>
      <form className="ask filter" onSubmit={apply}>
        <div>
          <label htmlFor="filter-state">{texts.filterState}</label>
          <select id="filter-state" name="state" defaultValue="">
            <option value="">{texts.allStates}</option>
            {CONTRACT_STATES.map((state) => (
              <option key={state} value={state}>
                {texts.states[state]}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label htmlFor="filter-number">{texts.filterNumber}</label>
          <input id="filter-number" name="number" maxLength={100} autoComplete="off" />
        </div>
        <button type="submit">{texts.filter}</button>
      </form>
      {answer.state === 'failed' ? (
        <Trouble error={answer.error}>
          <button type="button" onClick={() => setTries((before) => before + 1)}>
            {texts.retry}
          </button>
        </Trouble>
      ) : answer.state === 'asking' ? (
        <p role="status">{texts.asking}</p>
      ) : (
        <Contracts contracts={answer.value.items} />
      )}
      <div className="pages">
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            {texts.previousPage}
          </button>
        )}
        {next !== null && (
          <button type="button" onClick={() => setCursors([...cursors, next])}>
            {texts.nextPage}
          </button>
        )}
      </div>
    </section>
  );
}

function Contracts({ contracts }: { readonly contracts: readonly ContractSummary[] }) {
  const texts = useContractTexts();
  const { language } = useLanguage();
  const { columns } = texts;
  if (contracts.length === 0) return <p role="status">{texts.none}</p>;
  return (
    <>
      <p role="status" className="visually-hidden">
        {texts.shown(contracts.length)}
      </p>
      <table className="list">
        <thead>
          <tr>
            {Object.entries(columns).map(([key, name]) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {contracts.map((contract) => (
            <tr key={contract.id}>
              <td data-label={columns.state}>
                <StateChip state={contract.state} />
              </td>
              <td data-label={columns.contract}>
                <a href={addressOf({ kind: 'contract', id: contract.id })}>{contract.title}</a>
                <span className="aside">{contract.number}</span>
              </td>
              <td data-label={columns.parties}>
                {contract.parties.map(({ role, name }) => (
                  <span key={role} className="party">
                    {name}
                  </span>
                ))}
              </td>
              <td data-label={columns.amount} className="amount">
                {contract.amount === null ? '' : groupYuan(contract.amount)}
              </td>
              <td data-label={columns.deadline}>
                {isOpen(contract) && showDay(language, contract.signBy)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Still to be confirmed or signed, by a day. */
function isOpen<T extends ContractSummary>(contract: T): contract is T & { signBy: string } {
  return contract.signBy !== null && OPEN_STATES.includes(contract.state);
}
