/** One contract: what it is, where it stands, what is next and for whom. */
import { useCallback, useState } from 'react';
import type { Contract, Party } from '../api/contract.js';
import { getContract } from '../api/contracts.js';
import { Facts } from '../parts/facts.js';
import { Trouble } from '../parts/trouble.js';
import { useAnswer } from '../parts/use-answer.js';
import { groupYuan } from '../form/money.js';
import { useContractTexts } from '../text/contracts/language.js';
import { showDay, showTime, useLanguage } from '../text/language.js';
import { Actions } from './actions.js';
import { useDesk } from './desk.js';
import { ContractFiles } from './contract-files.js';
import { eventsOf } from './events.js';
import { StateChip } from './state-chip.js';
import { stepsOf } from './steps.js';
import { VersionDifferences } from './version-differences.js';

export function ContractView({ id }: { readonly id: string }) {
  const texts = useContractTexts();
  const { caller } = useDesk();
  const [tries, setTries] = useState(0);
  /** What an action answered, newer than what was asked for. */
  const [newer, setNewer] = useState<Contract | undefined>(undefined);
  const ask = useCallback((signal: AbortSignal) => getContract(caller, id, signal), [caller, id]);
  const answer = useAnswer(ask, tries);
  const contract = newer ?? (answer.state === 'answered' ? answer.value : undefined);
  return (
    <>
      {contract !== undefined ? (
        <Shown contract={contract} onChange={setNewer} />
      ) : answer.state === 'failed' ? (
        <Trouble error={answer.error}>
          <button type="button" onClick={() => setTries((before) => before + 1)}>
            {texts.retry}
          </button>
        </Trouble>
      ) : (
        <p role="status">{texts.asking}</p>
      )}
    </>
  );
}

interface ShownProps {
  readonly contract: Contract;
  readonly onChange: (contract: Contract) => void;
}

function Shown({ contract, onChange }: ShownProps) {
  const texts = useContractTexts();
  const { language } = useLanguage();
  const { facts } = texts;
  return (
    <article aria-labelledby="contract-title">
      <div className="file">
        <div className="file-head">
          <h2 id="contract-title">{contract.title}</h2>
          <StateChip state={contract.state} />
        </div>
        <Steps contract={contract} />
        <div className="next">
          <h3>{texts.next}</h3>
          <p>{nextOf(contract, texts)}</p>
          {isToBeAnnounced(contract) && <p>{texts.announceNext}</p>}
          {isBeingSigned(contract) && <p className="hint">{texts.signingElsewhere}</p>}
        </div>
        <Actions contract={contract} onChange={onChange} />
      </div>
      {contract.earlierVersions.length > 0 && <VersionDifferences contract={contract} />}
      <div className="file">
        <Facts
          facts={[
            { name: facts.number, value: contract.number },
            {
              name: facts.amount,
              value: contract.amount === null ? null : groupYuan(contract.amount),
            },
            {
              name: facts.signBy,
              value: contract.signBy === null ? null : showDay(language, contract.signBy),
            },
            {
              name: facts.template,
              value: contract.templateId ?? texts.facts.uploaded,
            },
            { name: facts.version, value: texts.version(contract.versionNumber) },
            { name: facts.filing, value: contract.filingNumber },
          ]}
        />
        <h3>{texts.parties}</h3>
        <dl className="facts">
          {contract.parties.map((party) => (
            <PartyFacts key={party.role} party={party} />
          ))}
        </dl>
      </div>
      <ContractFiles contract={contract} />
      <div className="file">
        <h3>{texts.events}</h3>
        <ol className="events">
          {eventsOf(contract, texts).map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              <time dateTime={at}>{showTime(language, at)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </div>
    </article>
  );
}

function Steps({ contract }: { readonly contract: Contract }) {
  const texts = useContractTexts();
  const { language } = useLanguage();
  return (
    <ol className="steps" aria-label={texts.where}>
      {stepsOf(contract).map(({ step, doneAt, isNow }) => (
        <li
          key={step}
          className={doneAt !== null ? 'step-done' : isNow ? 'step-now' : ''}
          aria-current={isNow ? 'step' : undefined}
        >
          <strong>{texts.steps[step]}</strong>
          <span className="aside">
            {doneAt !== null ? showDay(language, doneAt) : isNow ? texts.stepNow : texts.stepOpen}
          </span>
        </li>
      ))}
    </ol>
  );
}

function isBeingSigned({ state }: Contract): boolean {
  return state === 'confirmed' || state === 'supplier-signed' || state === 'buyer-signed';
}

function isToBeAnnounced({ times, possibleActions }: Contract): boolean {
  return times.announcedAt === null && possibleActions.includes('announce');
}

function nextOf(contract: Contract, texts: ReturnType<typeof useContractTexts>): string {
  if (!isBeingSigned(contract)) return texts.nextByState[contract.state] ?? '';
  const roles = contract.turn?.roles ?? [];
  const named = contract.parties
    .filter(({ role }) => roles.includes(role))
    .map(({ role, name }) => texts.partyLine(texts.roles[role], name));
  return texts.nextSigner(named.join(texts.listJoin));
}

function PartyFacts({ party }: { readonly party: Party }) {
  const texts = useContractTexts();
  const { language } = useLanguage();
  const { name, creditCode, agent, signedAt, openDuties } = party;
  return (
    <div>
      <dt>{texts.roles[party.role]}</dt>
      <dd>
        {texts.partyLine(name, creditCode)}
        {agent !== null && <span className="aside">{texts.agent(agent.name)}</span>}
        <span className="aside">
          {signedAt === null
            ? texts.partyOpen(openDuties.map((duty) => texts.duties[duty]).join(texts.listJoin))
            : texts.partySigned(showTime(language, signedAt))}
        </span>
      </dd>
    </div>
  );
}
