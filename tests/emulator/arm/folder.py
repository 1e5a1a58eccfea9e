"""The folder of what a caller needs: where Azure is, its CA, a client's certificate, and a pod's token."""

import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kubernetes.certificates import FROM, UNTIL, subject_of

from .access import BY_NAME, Principal
from .authority import IDENTITY_HEADER
from .jwt import Key
from .server import Cloud
from .tokens import AKS


def write(cloud: Cloud, folder: Path) -> None:
    """Writes `azure.json` and the files that it names."""
    folder.mkdir(parents=True, exist_ok=True)
    reader = BY_NAME["reader"]
    certificate, key = client_certificate(reader)
    cloud.proofs.certificates[reader.client_id] = certificate
    files = {
        "ca.pem": cloud.certificates.pem,
        "client.pem": certificate.public_bytes(Encoding.PEM).decode() + key,
        "federated-token": cloud.proofs.federated_token(reader),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    told = {
        **cloud.told(),
        "ca": str(folder / "ca.pem"),
        "certificate": str(folder / "client.pem"),
        "federated_token": str(folder / "federated-token"),
        "identity_header": IDENTITY_HEADER,
        "aks": AKS,
    }
    (folder / "azure.json").write_text(json.dumps(told, indent=2) + "\n")


def client_certificate(who: Principal) -> tuple[x509.Certificate, str]:
    """A certificate that a client is known by, signed by itself as most are, and its key."""
    key = Key().private
    subject = subject_of(who.name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .sign(key, SHA256())
    )
    return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
