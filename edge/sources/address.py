"""Parses the address of a camera's frames in the cameras file: `mqtt`, `rtsp://…` and so on."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

KNOWN = (
    "mqtt, folder:PATH, file:PATH.jpg, rtsp://HOST/PATH, rtsps://…, "
    "http://HOST/PATH, https://… or mjpeg+http://…"
)
_ENCODED = "in a user or a password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23"
_MJPEG = "mjpeg+"
JPEG_SUFFIXES = frozenset({".jpg", ".jpeg"})


class BadAddress(ValueError):
    """No source can use the address; the text says why without any part of the address."""


@dataclass(frozen=True, slots=True)
class CameraUrl:
    """A network address. Its text form, which is `shown`, is fit for logs and errors."""

    shown: str
    """Only scheme, host and port: a path may hold a password too."""
    bare: str = field(repr=False)
    """Everything but user and password."""
    complete: str = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """The camera publishes its frames."""


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A JPEG file that is rewritten again and again, or a folder of JPEG files."""

    path: Path


@dataclass(frozen=True, slots=True)
class RtspAddress:
    """A video stream."""

    url: CameraUrl


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """A picture to ask for, or MJPEG. With `mjpeg` it is that, whatever the camera says."""

    url: CameraUrl
    mjpeg: bool = False


Address: TypeAlias = MqttAddress | FileAddress | RtspAddress | HttpAddress


def parse(text: str) -> Address:
    """The address that the text stands for. Raises BadAddress."""
    if text == "mqtt":
        return MqttAddress()
    kind, _, rest = text.partition(":")
    match kind.lower():
        case "folder" | "file" if not rest:
            raise BadAddress(f"names no path: write {kind}:/path")
        case "folder":
            return FileAddress(Path(rest))
        case "file":
            return _file(Path(rest))
        case "rtsp" | "rtsps":
            return RtspAddress(_url(text))
        case "http" | "https":
            return HttpAddress(_url(text))
        case "mjpeg+http" | "mjpeg+https":
            return HttpAddress(_url(text[len(_MJPEG) :]), mjpeg=True)
    raise BadAddress(f"is of an unknown kind; write {KNOWN}")


def _file(path: Path) -> FileAddress:
    if path.suffix.lower() not in JPEG_SUFFIXES:
        raise BadAddress("must name a file that ends in .jpg or .jpeg")
    return FileAddress(path)


def _url(text: str) -> CameraUrl:
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        raise BadAddress("holds a blank or a control character; write a blank as %20")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress(f"has a host or a port that cannot be read; {_ENCODED}") from None
    if not host or port == 0:
        raise BadAddress(f"names no host or the port 0; write {parts.scheme}://HOST:PORT/PATH")
    if parts.fragment or "@" in parts.path:
        raise BadAddress(f"holds a # or an @ after the host; {_ENCODED}")
    return CameraUrl(
        shown=f"{parts.scheme}://{_place(parts)}",
        bare=parts._replace(netloc=_place(parts)).geturl(),
        complete=text,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _place(parts: SplitResult) -> str:
    """Host and port, as they were written."""
    return parts.netloc.rpartition("@")[2]
