"""Verifies one file with pyHanko, as often as the job (JSON) says; anchors in PEM in job["anchors"]."""
import json
import resource
import sys
import time

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

job = json.loads(sys.argv[1])
roots = [load_cert_from_pemder(path) for path in job["anchors"]]
others = [load_cert_from_pemder(path) for path in job["intermediates"]]
crls = [open(path, "rb").read() for path in job["crls"]]


def verify() -> None:
    with open(job["input"], "rb") as file:
        signatures = PdfFileReader(file).embedded_signatures
        assert len(signatures) == job["signatures"]
        for signature in signatures:
            context = ValidationContext(
                trust_roots=roots, other_certs=others, crls=crls, allow_fetching=False
            )
            status = validate_pdf_signature(signature, signer_validation_context=context)
            assert status.intact and status.valid, status.summary()


for _ in range(job["warmUp"]):
    verify()
milliseconds, cpu = [], []
for _ in range(job["repeats"]):
    cpu_before, began = time.process_time(), time.perf_counter()
    verify()
    milliseconds.append((time.perf_counter() - began) * 1000)
    cpu.append((time.process_time() - cpu_before) * 1000)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"milliseconds": milliseconds, "cpuMilliseconds": cpu, "peakBytes": peak}))
