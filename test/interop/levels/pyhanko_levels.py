"""AdES validation with pyHanko from the files alone: jobs as JSON on stdin, one verdict each on stdout."""

import asyncio
import json
import sys
from datetime import datetime, timedelta, timezone

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def read(path):
    with open(path, "rb") as file:
        return file.read()


def certificate(path):
    return x509.Certificate.load(pem.unarmor(read(path))[2])


def knowledge(job, reader):
    lists = [crl.CertificateList.load(read(path)) for path in job.get("crls", [])]
    if not job.get("store"):
        return LocalKnowledge(known_crls=[CRLContainer(each) for each in lists])
    # What the file's own store holds, handed over as it is.
    store = DocumentSecurityStore.read_dss(reader)
    return LocalKnowledge(
        known_certs=list(store.load_certs()),
        known_crls=[
            CRLContainer(crl.CertificateList.load(each.get_object().data)) for each in store.crls
        ],
        known_ocsps=[
            OCSPContainer(ocsp.OCSPResponse.load(each.get_object().data)) for each in store.ocsps
        ],
    )


def spec(job, reader):
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[certificate(job["root"])]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        time_tolerance=timedelta(seconds=10),
    )
    return SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
        local_knowledge=knowledge(job, reader),
    )


def verdict(result):
    subindic = result.ades_subindic
    return subindic.status.name + ("" if subindic.status == AdESStatus.PASSED else ": " + str(subindic))


async def with_time(signature, job):
    result = await ades.ades_with_time_validation(
        signature.signed_data, spec(job, signature.reader), raw_digest=signature.compute_digest()
    )
    return verdict(result) + (" timed" if result.best_signature_time else "")


async def long_term(signature, job):
    result = await ades.ades_lta_validation(
        signature, PdfSignatureValidationSpec(signature_validation_spec=spec(job, signature.reader))
    )
    return verdict(result)


async def later(signature, job):
    result = await ades.simulate_future_ades_lta_validation(
        signature,
        PdfSignatureValidationSpec(signature_validation_spec=spec(job, signature.reader)),
        datetime.now(timezone.utc) + timedelta(days=job["days"]),
    )
    return verdict(result)


JOBS = {"time": with_time, "lta": long_term, "later": later}


async def main():
    verdicts = []
    for job in json.load(sys.stdin):
        with open(job["in"], "rb") as file:
            reader = PdfFileReader(file)
            for signature in reader.embedded_regular_signatures:
                try:
                    verdicts.append(await JOBS[job["do"]](signature, job))
                except Exception as error:
                    verdicts.append("%s: %s" % (type(error).__name__, error))
    json.dump(verdicts, sys.stdout)


asyncio.run(main())
