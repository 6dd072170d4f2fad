"""Checks that an encrypted camera is the one that it claims to be."""

import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_RTSPS_PORT = 322
_WITHIN_S = 5.0
_ADVICE = (
    "have the node trust who signed it (PATROLHUB_EDGE_CAMERA_CA_FILE), address the camera by a name "
    "in its certificate, or set check_certificate to false for it"
)
_FAULT = re.compile(r"certificate verify failed: (?P<reason>[^(]*[^( ])")


class NoAuthorities(Exception):
    """There are no authorities to check certificates against; the text says what to do."""


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """An authority of `ca_file` must have signed a certificate; without a file, one of the system's.

    If they are not `checked`, any certificate will do.
    """

    ca_file: Path | None = None
    checked: bool = True

    def context(self) -> ssl.SSLContext:
        """The policy for Python's own connections."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if not self.checked:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def ffmpeg_options(self) -> dict[str, str]:
        """The policy for FFmpeg, which does not know the system's authorities. Raises NoAuthorities."""
        if not self.checked:
            return {"tls_verify": "0"}
        file = self.ca_file or ssl.get_default_verify_paths().cafile
        if file is None:
            raise NoAuthorities(
                "its certificate cannot be checked, for this system has no list of authorities: "
                f"install ca-certificates, or {_ADVICE}"
            )
        return {"tls_verify": "1", "ca_file": str(file)}

    def fault_of(self, rtsps: str) -> str | None:
        """What is wrong with the certificate at this address, found out by connecting to it."""
        parts = urlsplit(rtsps)
        host = parts.hostname or ""
        try:
            with (
                socket.create_connection((host, parts.port or _RTSPS_PORT), _WITHIN_S) as plain,
                self.context().wrap_socket(plain, server_hostname=host),
            ):
                return None
        except OSError as error:
            return certificate_error(error)


def check_authorities(file: Path) -> None:
    """Raises ValueError if the file holds no certificates of authorities."""
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:
        reason = error.strerror or error
        raise ValueError(f"{file} holds no certificates in PEM form: {reason}") from None


def certificate_error(error: Exception) -> str | None:
    """What is wrong with a certificate, if that is what the error is about."""
    found = _FAULT.search(str(error))
    return found and f"has a certificate that cannot be trusted ({found['reason']}): {_ADVICE}"
