"""Certificates of public names, as a gateway tells them: the same each time, signed by an authority of nobody."""

import base64
import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID

from kubernetes.certificates import FROM, UNTIL, key_of, key_usage, subject_of

ENDED = datetime(2026, 1, 2, tzinfo=UTC)
"""The end of what is no longer valid."""
AUTHORITY = "Example Issuing CA"


def told(*names: str, until: datetime = UNTIL) -> str:
    """What a gateway tells of a certificate that it was given with its chain: both, as PKCS #7."""
    return base64.b64encode(serialize_certificates([leaf(names, until), authority()], Encoding.DER)).decode()


def alone(*names: str, until: datetime = UNTIL) -> str:
    """What a gateway was told of a certificate by itself: X.509, as Azure's examples show it too."""
    return base64.b64encode(leaf(names, until).public_bytes(Encoding.DER)).decode()


def issuer() -> str:
    """The authority's own certificate, as a trusted root."""
    return base64.b64encode(authority().public_bytes(Encoding.DER)).decode()


def authority() -> x509.Certificate:
    """Who signs."""
    extensions = [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True), True),
    ]
    return signed(AUTHORITY, AUTHORITY, extensions, UNTIL)


def leaf(names: tuple[str, ...], until: datetime) -> x509.Certificate:
    """A server's certificate for these names."""
    extensions = [
        (x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (key_usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]
    return signed(names[0], AUTHORITY, extensions, until)


def signed(name: str, by: str, extensions: list[tuple[x509.ExtensionType, bool]], until: datetime) -> x509.Certificate:
    """A certificate for the key that goes by a name."""
    key, signer = key_of(f"public {name}"), key_of(f"public {by}")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject_of(name))
        .issuer_name(subject_of(by))
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(f"{name} {until}".encode()).digest()[:15]) + 1)
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer, SHA256(), ecdsa_deterministic=True)
