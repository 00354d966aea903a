"""Does with pyHanko what the tests ask: a list of jobs as JSON on stdin, one result a job on stdout."""

import io
import json
import sys

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import dss, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from asn1crypto import pem, x509


def certificate(path):
    with open(path, "rb") as file:
        return x509.Certificate.load(pem.unarmor(file.read())[2])


def signer_of(job):
    return signers.SimpleSigner.load(job["key"], job["cert"], ca_chain_files=tuple(job.get("chain", [])))


SUBFILTERS = {
    "pades": fields.SigSeedSubFilter.PADES,
    "pkcs7": fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
}


def sign(job):
    with open(job["in"], "rb") as file:
        writer = IncrementalPdfFileWriter(io.BytesIO(file.read()))
    box = job.get("box")
    if box or job.get("lock") or job.get("seed"):
        lock = job.get("lock")
        seed = job.get("seed")
        fields.append_signature_field(
            writer,
            fields.SigFieldSpec(
                job["field"],
                box=tuple(box) if box else None,
                field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, lock) if lock else None,
                seed_value_dict=fields.SigSeedValueSpec(
                    flags=fields.SigSeedValFlags.SUBFILTER,
                    subfilters=[fields.SigSeedSubFilter.PADES],
                )
                if seed
                else None,
            ),
        )
    level = job.get("certify")
    metadata = signers.PdfSignatureMetadata(
        field_name=job["field"],
        md_algorithm=job.get("digest", "sha256"),
        subfilter=SUBFILTERS[job.get("subfilter", "pades")],
        certify=level is not None,
        docmdp_permissions=fields.MDPPerm(level or 2),
    )
    out = signers.sign_pdf(writer, metadata, signer=signer_of(job))
    with open(job["out"], "wb") as file:
        file.write(out.getvalue())
    return "signed"


def add_dss(job):
    with open(job["in"], "rb") as file:
        content = io.BytesIO(file.read())
    contents = PdfFileReader(content).embedded_signatures[0].pkcs7_content.hex().encode()
    dss.DocumentSecurityStore.add_dss(
        content, contents, certs=[certificate(path) for path in job["certs"]]
    )
    with open(job["out"], "wb") as file:
        file.write(content.getvalue())
    return "added"


def fill(job):
    with open(job["in"], "rb") as file:
        writer = IncrementalPdfFileWriter(io.BytesIO(file.read()))
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field["/T"] == job["field"]:
            field["/V"] = generic.pdf_string(job["value"])
            if "look" in job:
                old = field["/AP"].raw_get("/N")
                look = generic.StreamObject(dict(old.get_object()), stream_data=job["look"].encode())
                field["/AP"]["/N"] = writer.add_object(look)
            writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    with open(job["out"], "wb") as file:
        file.write(out.getvalue())
    return "filled"


def verify(job):
    roots = [certificate(path) for path in job["roots"]]
    verdicts = []
    with open(job["in"], "rb") as file:
        try:
            reader = PdfFileReader(file)
            if "password" in job:
                reader.decrypt(job["password"])
            for signature in reader.embedded_signatures:
                try:
                    context = ValidationContext(trust_roots=roots, allow_fetching=False)
                    status = validate_pdf_signature(signature, context)
                    verdicts.append("valid" if status.bottom_line else "invalid")
                except Exception as error:
                    verdicts.append("invalid: " + type(error).__name__)
        except Exception as error:
            verdicts.append("unreadable: " + type(error).__name__)
    return verdicts


JOBS = {"sign": sign, "dss": add_dss, "fill": fill, "verify": verify}


def main():
    results = []
    for job in json.load(sys.stdin):
        try:
            results.append(JOBS[job["do"]](job))
        except Exception as error:
            results.append("failed: %s: %s" % (type(error).__name__, error))
    json.dump(results, sys.stdout)


main()
