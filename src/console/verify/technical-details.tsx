/** For the expert: certificate chain, revocation, level, algorithms, and every change by its objects. */
import type { SignatureReport } from '../api/report.js';
import { Facts } from '../parts/facts.js';
import { useLanguage } from '../text/language.js';

export function TechnicalDetails({ signature }: { readonly signature: SignatureReport }) {
  const { texts } = useLanguage();
  const { certificate, signer, changesAfter, indication, subIndication } = signature;
  const status =
    certificate === null
      ? undefined
      : [
          texts.indications[certificate.indication],
          texts.revocation[certificate.revocation],
          ...(certificate.source === null ? [] : [texts.revocationSource[certificate.source]]),
          ...(certificate.subIndication === null ? [] : [certificate.subIndication]),
        ].join(texts.listJoin);
  return (
    <details>
      <summary>{texts.details}</summary>
      <Facts
        facts={[
          {
            name: texts.conclusion,
            value: subIndication === null ? indication : `${indication} / ${subIndication}`,
          },
          { name: texts.field, value: signature.field },
          { name: texts.kind, value: texts.kinds[signature.kind] },
          { name: texts.certificateStatus, value: status },
          {
            name: texts.chain,
            value: certificate !== null && (
              <ol className="chain">
                {certificate.chain.map((subject, index) => (
                  <li key={`${index} ${subject}`}>{subject}</li>
                ))}
              </ol>
            ),
          },
          { name: texts.issuer, value: signer?.issuer },
          { name: texts.serial, value: signer === null ? undefined : <code>{signer.serial}</code> },
          { name: texts.trustProfile, value: certificate?.profile },
          { name: texts.level, value: signature.level },
          {
            name: texts.algorithms,
            value: [signature.algorithm, signature.digest].filter(Boolean).join(texts.listJoin),
          },
          { name: texts.format, value: signature.subFilter },
          {
            name: texts.covers,
            value: `${texts.coverage[signature.coverage]}${texts.listJoin}${texts.changeRevision(signature.revision)}`,
          },
          {
            name: texts.rawChanges,
            value: changesAfter.details.length > 0 && (
              <ul className="plain">
                {changesAfter.details.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </details>
  );
}
