"""A certificate authority of the emulator's own, and what it signs.

Keys come from names: two runs have the same certificates, so that what is recorded is the same too. They guard nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
ADDRESS, HOST = "127.0.0.1", "localhost"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


def key_of(name: str) -> ec.EllipticCurvePrivateKey:
    """The key that goes by a name."""
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest()[1:]) + 1, ec.SECP256R1())


def subject_of(common: str, organisations: tuple[str, ...] = ()) -> x509.Name:
    """A subject; Kubernetes reads the user from its common name, the groups from its organisations."""
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organisations]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A certificate authority."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = key_of(name)
        usage = key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True)
        self.certificate = self.signed(
            self.key, subject_of(name), (x509.BasicConstraints(ca=True, path_length=None), True), (usage, True)
        )
        self.pem = self.certificate.public_bytes(Encoding.PEM).decode()

    def server(self, common: str, *others: str) -> Pair:
        """For a server on this machine, which may go by other names too."""
        key = key_of(f"{self.name} server")
        names = [x509.IPAddress(ip_address(ADDRESS)), *(x509.DNSName(name) for name in (HOST, *others))]
        return self.leaf(key, subject_of(common), ExtendedKeyUsageOID.SERVER_AUTH, names)

    def client(self, user: str, *groups: str) -> Pair:
        """For a user."""
        key = key_of(f"{self.name} client {user}")
        return self.leaf(key, subject_of(user, groups), ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def leaf(self, key, subject: x509.Name, use: x509.ObjectIdentifier, names: list[x509.GeneralName]) -> Pair:
        """A certificate that signs no other."""
        extensions = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([use]), False),
        ]
        if names:
            extensions.append((x509.SubjectAlternativeName(names), False))
        made = self.signed(key, subject, *extensions)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return Pair(made.public_bytes(Encoding.PEM).decode(), text)

    def signed(self, key, subject: x509.Name, *extensions: tuple[x509.ExtensionType, bool]) -> x509.Certificate:
        """A certificate for a key, signed by this authority, the same each time."""
        name = subject.rfc4514_string()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject_of(self.name))
            .public_key(key.public_key())
            .serial_number(int.from_bytes(hashlib.sha256(f"{self.name} {name}".encode()).digest()[:15]) + 1)
            .not_valid_before(FROM)
            .not_valid_after(UNTIL)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, SHA256(), ecdsa_deterministic=True)


def key_usage(**uses: bool) -> x509.KeyUsage:
    """A key's uses; those not named are none."""
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    every += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{use: uses.get(use, False) for use in every})
