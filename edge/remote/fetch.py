"""Fetches an archive over a line that may break: bounded in size and time, resumed if possible."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from edge.reach import OutOfReach, Reach

_CHUNK = 64 * 1024
_SILENT_S = 20.0
_LONGEST_S = 1800.0
_RESUMED, _BEYOND = 206, 416


class FetchFailed(Exception):
    """The attempt failed; another may succeed."""


class FetchRefused(Exception):
    """No attempt can succeed: this kind of address is not allowed, or the file is too large."""


class FetchStopped(Exception):
    """The file is no longer wanted."""


@dataclass(frozen=True)
class FetchLimits:
    """What may be fetched, and from where; with `file_urls` also from a file of this machine."""

    max_bytes: int
    reach: Reach
    file_urls: bool = False


def fetch(url: str, path: Path, limits: FetchLimits, stopped: Callable[[], bool]) -> None:
    """Fetch the complete file to `path`, resuming from what `path`.part already holds.

    Raises FetchFailed, FetchRefused, FetchStopped.
    """
    part = path.with_name(path.name + ".part")
    began_s = time.monotonic()
    with _trouble(), _opened(url, part, limits) as (source, held, total):
        size = held
        with part.open("ab" if held else "wb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                _check_size(size, limits)
                file.write(chunk)
                if stopped():
                    raise FetchStopped
                if time.monotonic() - began_s > _LONGEST_S:
                    raise FetchFailed(f"not done after {_LONGEST_S:.0f} s")
        if total is not None and size != total:
            raise FetchFailed(f"cut short after {size} of {total} bytes")
        part.replace(path)


@contextmanager
def _opened(
    url: str, part: Path, limits: FetchLimits
) -> Iterator[tuple[IO[bytes] | http.client.HTTPResponse, int, int | None]]:
    """The source, how many of its bytes are here already, and its full size if that is known."""
    match urlsplit(url).scheme:
        case "http" | "https":
            with _requested(url, part, limits.reach) as response:
                held = part.stat().st_size if response.status == _RESUMED else 0
                length = response.headers.get("Content-Length")
                total = None if length is None else held + int(length)
                _check_size(total or 0, limits)
                yield response, held, total
        case "file" if limits.file_urls and not urlsplit(url).netloc:
            with Path(urllib.request.url2pathname(urlsplit(url).path)).open("rb") as file:
                yield file, 0, None
        case "file":
            raise FetchRefused(f"{url}: addresses of files are not allowed on this node")
        case _:
            raise FetchRefused(f"{url}: only http and https addresses are allowed")


class RedirectGuard(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only to where the node may go."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request to follow with. Raises FetchRefused."""
        _check_reach(newurl, self._reach)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_reach(url: str, reach: Reach) -> None:
    try:
        reach.check_url(url)
    except OutOfReach as error:
        raise FetchRefused(str(error)) from None


def _new_opener(reach: Reach) -> urllib.request.OpenerDirector:
    """Opens http and https only, even after a redirection."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        RedirectGuard(reach),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _requested(url: str, part: Path, reach: Reach) -> http.client.HTTPResponse:
    _check_reach(url, reach)
    held = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)  # noqa: S310  the caller has checked the scheme
    request.add_header("Accept-Encoding", "identity")
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        response: http.client.HTTPResponse = _new_opener(reach).open(request, timeout=_SILENT_S)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == _BEYOND:
                part.unlink(missing_ok=True)
            raise FetchFailed(f"the server answers {error.code} {error.reason}") from None
    return response


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(str(error) or type(error).__name__) from None


def _check_size(size: int, limits: FetchLimits) -> None:
    if size > limits.max_bytes:
        raise FetchRefused(f"has {size} bytes or more, at most {limits.max_bytes} are allowed")
