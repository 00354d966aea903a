"""One job of job.ts with pyHanko: argument is the job as JSON, the PIN is in BENCH_PIN."""
import json
import os
import resource
import sys
import time

from asn1crypto.x509 import Certificate
from pkcs11 import Attribute, ObjectClass
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

job = json.loads(sys.argv[1])
session = open_pkcs11_session(
    job["modulePath"],
    token_criteria=TokenCriteria(label=job["label"]),
    user_pin=os.environ["BENCH_PIN"],
)
with open(job["certificate"], "rb") as file:
    certificate = Certificate.load(file.read())
wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}
(key,) = session.get_objects(wanted)
signer = PKCS11Signer(session, signing_cert=certificate, key_id=key[Attribute.ID])
metadata = signers.PdfSignatureMetadata(
    field_name="Signature1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
)


def sign() -> None:
    with open(job["input"], "rb") as source, open(job["output"], "wb+") as target:
        writer = IncrementalPdfFileWriter(source, strict=False)
        signers.sign_pdf(writer, metadata, signer=signer, output=target)


for _ in range(job["warmUp"]):
    sign()
milliseconds, cpu = [], []
for _ in range(job["repeats"]):
    cpu_before, began = time.process_time(), time.perf_counter()
    sign()
    milliseconds.append((time.perf_counter() - began) * 1000)
    cpu.append((time.process_time() - cpu_before) * 1000)
print(
    json.dumps(
        {
            "milliseconds": milliseconds,
            "cpuMilliseconds": cpu,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
