"""Signed files of the past, made by pyHanko: keys and lists by `cryptography`, clocks as the story needs.

    pyhanko_past.py INPUT.pdf OUTDIR     writes the files and the lists
    pyhanko_past.py --judge OUTDIR       reads [{file, at, anchors, crls}], prints pyHanko's verdicts
"""
import asyncio
import io
import json
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from asn1crypto import crl as asn1_crl, keys as asn1_keys, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import pdf_cms, pdf_signer
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import ades, policy_decl
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import (
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    FreshnessReqType,
)
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.revinfo.archival import CRLContainer
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


class Clock(datetime):
    moment = None

    @classmethod
    def now(cls, tz=None):
        return cls.moment.astimezone(tz)


def freeze(text):
    Clock.moment = day(text)
    pdf_signer.datetime = Clock
    pdf_cms.datetime = Clock


class Holder:
    serials = 1000

    def __init__(self, name, issuer, start, end, kind):
        self.key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = self if issuer is None else issuer
        self.name = subject
        Holder.serials += 1
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(Holder.serials)
            .not_valid_before(day(start))
            .not_valid_after(day(end))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), False
            )
            .add_extension(x509.BasicConstraints(kind == 'ca', None), True)
            .add_extension(
                x509.KeyUsage(
                    kind != 'ca', kind == 'signer', False, False, False,
                    kind == 'ca', kind == 'ca', False, False,
                ),
                True,
            )
        )
        if issuer is not None:
            url = x509.UniformResourceIdentifier('http://127.0.0.1:9/list.crl')
            builder = builder.add_extension(
                x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), False
            )
        if kind == 'tsa':
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True
            )
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)
        self.asn1 = asn1_x509.Certificate.load(self.der)
        self.asn1_key = asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def crl(self, start, end, revoked=()):
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(day(start))
            .next_update(day(end))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
            .add_extension(x509.CRLNumber(int(day(start).timestamp())), False)
        )
        for holder, when in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(holder.certificate.serial_number)
                .revocation_date(day(when))
                .build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def store(*holders):
    registry = SimpleCertificateStore()
    for holder in holders:
        registry.register(holder.asn1)
    return registry


def make(source, out):
    root = Holder('Past root', None, '2020-01-01', '2050-01-01', 'ca')
    ca = Holder('Past CA', root, '2020-01-01', '2045-01-01', 'ca')
    signer = Holder('Past signer', ca, '2024-01-01', '2026-01-01', 'signer')
    tsa1 = Holder('Past TSA 1', ca, '2024-01-01', '2027-01-01', 'tsa')
    root2 = Holder('Other root', None, '2020-01-01', '2050-01-01', 'ca')
    tsa2 = Holder('Past TSA 2', root2, '2024-01-01', '2032-01-01', 'tsa')
    roots = [root.asn1, root2.asn1]

    def context(at, lists):
        return ValidationContext(
            trust_roots=roots,
            other_certs=[ca.asn1],
            crls=[asn1_crl.CertificateList.load(each) for each in lists],
            moment=day(at),
            revocation_mode='require',
            allow_fetching=False,
        )

    def lists(start, end, revoked=()):
        return [
            root.crl(start, end),
            ca.crl(start, end, [one for one in revoked if one[0] in (signer, tsa1)]),
            root2.crl(start, end, [one for one in revoked if one[0] is tsa2]),
        ]

    def stamper(tsa, at):
        return DummyTimeStamper(tsa.asn1, tsa.asn1_key, certs_to_embed=store(), fixed_dt=day(at))

    simple = signers.SimpleSigner(
        signing_cert=signer.asn1, signing_key=signer.asn1_key, cert_registry=store(ca)
    )

    def sign(at, level):
        freeze(at)
        has_info = level in ('B-LT', 'B-LTA')
        metadata = signers.PdfSignatureMetadata(
            field_name='Sig1',
            md_algorithm='sha256',
            subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=has_info,
            use_pades_lta=level == 'B-LTA',
            validation_context=context(at, lists(at, '2024-06-30')),
        )
        return signers.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(source)),
            metadata,
            simple,
            timestamper=None if level == 'B-B' else stamper(tsa1, at),
        ).getvalue()

    def renew(pdf, at, tsa, evidence):
        """With the evidence for the time-stamp before, unless `evidence` is none."""
        freeze(at)
        maker = signers.PdfTimeStamper(stamper(tsa, at))
        if evidence is None:
            return maker.timestamp_pdf(
                IncrementalPdfFileWriter(io.BytesIO(pdf)), 'sha256'
            ).getvalue()
        reader = PdfFileReader(io.BytesIO(pdf))
        done = maker.update_archival_timestamp_chain(
            reader, context(at, evidence), in_place=False, output=io.BytesIO()
        )
        return done.getvalue()

    signed_at = '2024-06-01T08:00:00'
    files = {level.lower(): sign(signed_at, level) for level in ('B-B', 'B-T', 'B-LT', 'B-LTA')}
    lta = files['b-lta']
    fresh = lists('2026-06-01T08:00:00', '2026-06-30')
    files['renewed'] = renew(lta, '2026-06-01T08:00:00', tsa2, fresh)
    files['renewed-twice'] = renew(
        files['renewed'], '2026-06-03T08:00:00', tsa2, lists('2026-06-03T08:00:00', '2026-06-30')
    )
    files['renewed-without-evidence'] = renew(lta, '2026-06-01T08:00:00', tsa2, None)
    files['renewed-too-late'] = renew(lta, '2027-06-01T08:00:00', tsa2, None)
    files['renewed-early'] = renew(
        lta, '2024-09-01T08:00:00', tsa2, lists('2024-09-01T08:00:00', '2024-09-30')
    )
    for name, pdf in files.items():
        (out / f'{name}.pdf').write_bytes(pdf)
    for name, holder in {'root': root, 'root2': root2, 'ca': ca}.items():
        (out / f'{name}.der').write_bytes(holder.der)
    situations = {
        'then': lists('2024-06-01', '2024-07-01'),
        'winter': lists('2024-12-01', '2025-01-01'),
        'signer-revoked-after': lists('2024-12-01', '2025-01-01', [(signer, '2024-10-01')]),
        'signer-revoked-before': lists('2024-12-01', '2025-01-01', [(signer, '2024-05-01')]),
        'tsa-revoked': lists('2024-12-01', '2025-01-01', [(tsa1, '2024-10-01')]),
        'year-2026': lists('2026-06-01', '2026-07-01'),
        'year-2028': lists('2028-05-30', '2028-07-01'),
        'year-2033': lists('2033-05-30', '2033-07-01'),
    }
    for name, made in situations.items():
        for index, der in enumerate(made):
            (out / f'{name}-{index}.crl').write_bytes(der)


async def judge_one(folder, job):
    reader = PdfFileReader((folder / f"{job['file']}.pdf").open('rb'))
    anchors = [
        asn1_x509.Certificate.load((folder / f'{name}.der').read_bytes())
        for name in ('root', 'root2')
    ]
    lists = [
        asn1_crl.CertificateList.load(path.read_bytes())
        for path in sorted(folder.glob(f"{job['lists']}-*.crl"))
    ] if job.get('lists') else []
    spec = policy_decl.PdfSignatureValidationSpec(
        signature_validation_spec=policy_decl.SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(trust_roots=anchors),
                revinfo_policy=CertRevTrustPolicy(
                    REQUIRE_REVINFO, freshness_req_type=FreshnessReqType.DEFAULT
                ),
            ),
            revinfo_gathering_policy=policy_decl.RevocationInfoGatheringSpec(
                online_fetching_rule=policy_decl.RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
            local_knowledge=policy_decl.LocalKnowledge(
                known_crls=[CRLContainer(each) for each in lists],
                known_certs=[asn1_x509.Certificate.load((folder / 'ca.der').read_bytes())],
            ),
        )
    )
    at = day(job['at'])
    signature = reader.embedded_regular_signatures[0]
    local = spec.signature_validation_spec.local_knowledge
    stored = ades._dss_to_local_knowledge(reader)
    signature.compute_integrity_info()
    result = await ades.ades_with_time_validation(
        signature.signed_data,
        replace(
            spec.signature_validation_spec,
            local_knowledge=replace(local, known_crls=local.known_crls + stored.known_crls),
        ),
        timing_info=ValidationTimingInfo(at, at, False),
        raw_digest=signature.compute_digest(),
    )
    return str(getattr(result.ades_subindic, 'standard_name', result.ades_subindic))


def judge(folder):
    said = []
    for job in json.load(sys.stdin):
        try:
            said.append(asyncio.run(judge_one(folder, job)))
        except Exception as error:  # the verdict of a library that gives up is that it gave up
            said.append(f'{type(error).__name__}: {error}')
    print(json.dumps(said))


if sys.argv[1] == '--judge':
    judge(Path(sys.argv[2]))
else:
    make(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]))
