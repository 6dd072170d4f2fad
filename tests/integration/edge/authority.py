"""Authorities and certificates of cameras, made on the spot."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("camera.example")
_SIGNS_ALONE = x509.KeyUsage(
    key_cert_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass
class Authority:
    """Signs certificates; its own is `file`."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        self.file = self.folder / "authority.pem"
        self._id = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        unsigned = (
            _named("authority", self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_SIGNS_ALONE, critical=True)
            .add_extension(self._id, critical=False)
        )
        self.file.write_bytes(self._signed(unsigned))

    def certificate(self, name: x509.GeneralName) -> Path:
        """A file with a key and a certificate for this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._id)
        unsigned = (
            _named("camera", key)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(signer, critical=False)
        )
        file = self.folder / f"{name.value}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + self._signed(unsigned))
        return file

    def _signed(self, unsigned: x509.CertificateBuilder) -> bytes:
        signed = unsigned.issuer_name(_name("authority")).sign(self._key, hashes.SHA256())
        return signed.public_bytes(Encoding.PEM)


def _named(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
