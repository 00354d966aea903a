"""Seals as gmssl (pure Python SM2 and SM3) and asn1crypto see them: structures written down here by the
standards alone, and values by their arithmetic.

    gmssl_seals.py read FILE...   one JSON object a seal, in a list
    gmssl_seals.py make DIR       from DIR/job.json: seals and signatures of versions 1 and 4
"""
import base64
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from asn1crypto import core, keys, x509
from gmssl import sm2, sm3


class OctetStrings(core.SequenceOf):
    _child_spec = core.OctetString


class CertDigestObj(core.Sequence):
    _fields = [('type', core.PrintableString), ('value', core.OctetString)]


class CertDigests(core.SequenceOf):
    _child_spec = CertDigestObj


class Header(core.Sequence):
    _fields = [('id', core.IA5String), ('version', core.Integer), ('vid', core.IA5String)]


class PropertyV1(core.Sequence):
    _fields = [
        ('type', core.Integer),
        ('name', core.UTF8String),
        ('cert_list', OctetStrings),
        ('create_date', core.UTCTime),
        ('valid_start', core.UTCTime),
        ('valid_end', core.UTCTime),
    ]


class PropertyV4(core.Sequence):
    _fields = [
        ('type', core.Integer),
        ('name', core.UTF8String),
        ('cert_list_type', core.Integer),
        ('cert_list', core.Any),
        ('create_date', core.GeneralizedTime),
        ('valid_start', core.GeneralizedTime),
        ('valid_end', core.GeneralizedTime),
    ]


class Picture(core.Sequence):
    _fields = [
        ('type', core.IA5String),
        ('data', core.OctetString),
        ('width', core.Integer),
        ('height', core.Integer),
    ]


class ExtData(core.Sequence):
    _fields = [
        ('id', core.ObjectIdentifier),
        ('critical', core.Boolean, {'default': False}),
        ('value', core.OctetString),
    ]


class ExtDatas(core.SequenceOf):
    _child_spec = ExtData


def info_of(property_spec):
    class Info(core.Sequence):
        _fields = [
            ('header', Header),
            ('es_id', core.IA5String),
            ('property', property_spec),
            ('picture', Picture),
            ('ext_datas', ExtDatas, {'optional': True}),
        ]

    return Info


InfoV1, InfoV4 = info_of(PropertyV1), info_of(PropertyV4)


class SignInfoV1(core.Sequence):
    _fields = [
        ('cert', core.OctetString),
        ('algorithm', core.ObjectIdentifier),
        ('value', core.OctetBitString),
    ]


class SealV1(core.Sequence):
    _fields = [('info', InfoV1), ('sign_info', SignInfoV1)]


class SealV4(core.Sequence):
    _fields = [
        ('info', InfoV4),
        ('cert', core.OctetString),
        ('algorithm', core.ObjectIdentifier),
        ('value', core.OctetBitString),
        ('time_stamp', core.OctetBitString, {'explicit': 0, 'optional': True}),
    ]


class SignedByMakerV1(core.Sequence):
    _fields = [('info', InfoV1), ('cert', core.OctetString), ('algorithm', core.ObjectIdentifier)]


class ToSignV1(core.Sequence):
    _fields = [
        ('version', core.Integer),
        ('seal', SealV1),
        ('time', core.OctetBitString),
        ('hash', core.OctetBitString),
        ('property', core.IA5String),
        ('cert', core.OctetString),
        ('algorithm', core.ObjectIdentifier),
    ]


class SignatureV1(core.Sequence):
    _fields = [('to_sign', ToSignV1), ('value', core.OctetBitString)]


class ToSignV4(core.Sequence):
    _fields = [
        ('version', core.Integer),
        ('seal', SealV4),
        ('time', core.GeneralizedTime),
        ('hash', core.OctetBitString),
        ('property', core.IA5String),
    ]


class SignatureV4(core.Sequence):
    _fields = [
        ('to_sign', ToSignV4),
        ('cert', core.OctetString),
        ('algorithm', core.ObjectIdentifier),
        ('value', core.OctetBitString),
    ]


SM2_WITH_SM3 = '1.2.156.10197.1.501'


def engine(cert_der, scalar=''):
    spki = x509.Certificate.load(cert_der)['tbs_certificate']['subject_public_key_info']
    found = sm2.CryptSM2(private_key=scalar, public_key='', asn1=True)
    # Its constructor strips every leading 0 and 4, also those of the coordinate.
    found.public_key = spki['public_key'].native[1:].hex()
    return found


def digest(data):
    return sm3.sm3_hash(list(data))


def read(path):
    der = Path(path).read_bytes()
    is_v1 = len(core.Sequence.load(der)) == 2
    seal = (SealV1 if is_v1 else SealV4).load(der, strict=True)
    info = seal['info']
    maker = seal['sign_info'] if is_v1 else seal
    cert = maker['cert'].native
    if is_v1:
        parts = {'info': info, 'cert': maker['cert'], 'algorithm': maker['algorithm']}
        signed = SignedByMakerV1(parts).dump()
    else:
        signed = info.dump()
    prop = info['property']
    if is_v1 or prop['cert_list_type'].native == 1:
        certs = prop['cert_list'] if is_v1 else prop['cert_list'].parse(OctetStrings)
        signers = [digest(each.native) for each in certs]
    else:
        signers = [each['value'].native.hex() for each in prop['cert_list'].parse(CertDigests)]
    picture = info['picture']
    value = maker['value'].native.hex()
    return {
        'version': info['header']['version'].native,
        'code': info['es_id'].native,
        'name': prop['name'].native,
        'type': prop['type'].native,
        'signers': signers,
        'validStart': prop['valid_start'].native.strftime('%Y-%m-%dT%H:%M:%SZ'),
        'validEnd': prop['valid_end'].native.strftime('%Y-%m-%dT%H:%M:%SZ'),
        'picture': [picture[key].native for key in ('type', 'width', 'height')],
        'pictureSm3': digest(picture['data'].native),
        'hasTimeStamp': not is_v1 and seal['time_stamp'].native is not None,
        'isValid': bool(engine(cert).verify_with_sm3(value, signed)),
    }


def make(directory):
    job = json.loads((directory / 'job.json').read_text())
    cert = {who: base64.b64decode(job[who]['certB64']) for who in ('maker', 'signer')}

    def signed_by(who, data):
        pkcs8 = keys.PrivateKeyInfo.load(base64.b64decode(job[who]['pkcs8B64']))
        scalar = f"{pkcs8['private_key'].parsed['private_key'].native:064x}"
        return bytes.fromhex(engine(cert[who], scalar).sign_with_sm3(data))

    def info_with(version, cls, prop):
        return cls(
            {
                'header': {'id': 'ES', 'version': version, 'vid': 'gmssl'},
                'es_id': job['code'],
                'property': prop,
                'picture': {'type': 'PNG', 'data': b'\x89PNG', 'width': 42, 'height': 42},
            }
        )

    start, end = (datetime(year, 6, 1, tzinfo=timezone.utc) for year in (2026, 2027))
    dates = {'create_date': start, 'valid_start': start, 'valid_end': end}
    named = {'type': 1, 'name': job['name']}
    document = bytes.fromhex(digest(job['document'].encode()))

    info1 = info_with(1, InfoV1, {**named, 'cert_list': [cert['signer']], **dates})
    by = {'cert': cert['maker'], 'algorithm': SM2_WITH_SM3}
    signed = signed_by('maker', SignedByMakerV1({'info': info1, **by}).dump())
    seal1 = SealV1({'info': info1, 'sign_info': {**by, 'value': signed}})
    to_sign1 = ToSignV1(
        {
            'version': 1,
            'seal': seal1,
            'time': b'20261101080000Z',
            'hash': document,
            'property': '/Doc_0/Signs/Sign_0/Signature.xml',
            'cert': cert['signer'],
            'algorithm': SM2_WITH_SM3,
        }
    )
    signature1 = SignatureV1({'to_sign': to_sign1, 'value': signed_by('signer', to_sign1.dump())})

    def seal4(kind, listed):
        prop = {**named, 'cert_list_type': kind, 'cert_list': listed, **dates}
        info = info_with(4, InfoV4, prop)
        return SealV4({'info': info, **by, 'value': signed_by('maker', info.dump())})

    whole = seal4(1, core.Any(OctetStrings([cert['signer']])))
    digests = [{'type': 'SM3', 'value': bytes.fromhex(digest(cert['signer']))}]
    to_sign4 = ToSignV4(
        {
            'version': 4,
            'seal': whole,
            'time': datetime(2026, 11, 1, 8, tzinfo=timezone.utc),
            'hash': document,
            'property': 'byte range',
        }
    )
    signature4 = SignatureV4(
        {
            'to_sign': to_sign4,
            'cert': cert['signer'],
            'algorithm': SM2_WITH_SM3,
            'value': signed_by('signer', to_sign4.dump()),
        }
    )
    for name, made in (
        ('v1.esl', seal1),
        ('v4.esl', whole),
        ('v4-digests.esl', seal4(2, core.Any(CertDigests(digests)))),
        ('v1.sig', signature1),
        ('v4.sig', signature4),
    ):
        (directory / name).write_bytes(made.dump())


if sys.argv[1] == 'read':
    print(json.dumps([read(path) for path in sys.argv[2:]]))
else:
    make(Path(sys.argv[2]))
