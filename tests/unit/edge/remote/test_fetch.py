"""Downloads from a server on this machine that misbehaves in every way."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.reach import AllowedHost, Reach
from edge.remote.fetch import FetchFailed, FetchLimits, FetchRefused, FetchStopped, fetch

CONTENT = bytes(range(256)) * 1000
HERE = Reach("SETTING", (AllowedHost.read("127.0.0.1:*"),))
LIMITS = FetchLimits(1_000_000, HERE)


class Server:
    """Answers as the test says; remembers what was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[BaseHTTPRequestHandler], None] = whole
        self.ranges: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.ranges.append(self.headers.get("Range"))
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/model.tar"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler) -> None:
    begin = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
    send(handler, CONTENT[begin:], 206 if begin else 200)


def cut(handler: BaseHTTPRequestHandler) -> None:
    send(handler, CONTENT[:100_000], Content_Length=str(len(CONTENT)))


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


def never() -> bool:
    return False


def test_a_file_is_fetched_completely(server: Server, tmp_path: Path) -> None:
    fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert (tmp_path / "a.tar").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_what_is_cut_short_fails_and_is_resumed(server: Server, tmp_path: Path) -> None:
    server.answer = cut
    with pytest.raises(FetchFailed, match="cut short after 100000 of 256000"):
        fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert not (tmp_path / "a.tar").exists()
    server.answer = whole
    fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert server.ranges == [None, "bytes=100000-"]
    assert (tmp_path / "a.tar").read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.tar.part").write_bytes(b"something else")
    server.answer = lambda handler: send(handler, CONTENT)
    fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert (tmp_path / "a.tar").read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.tar.part").write_bytes(CONTENT * 2)
    server.answer = lambda handler: send(handler, b"", 416)
    with pytest.raises(FetchFailed, match="416"):
        fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert not (tmp_path / "a.tar.part").exists()


@pytest.mark.parametrize("said", [True, False])
def test_a_file_over_the_limit_is_refused(server: Server, tmp_path: Path, said: bool) -> None:
    def large(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if said:
            handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT)

    server.answer = large
    with pytest.raises(FetchRefused, match="at most 1000"):
        fetch(server.url, tmp_path / "a.tar", FetchLimits(1000, HERE), never)


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_an_error_of_the_server_is_reported(server: Server, tmp_path: Path, status: int) -> None:
    server.answer = lambda handler: send(handler, b"", status)
    with pytest.raises(FetchFailed, match=str(status)):
        fetch(server.url, tmp_path / "a.tar", LIMITS, never)


def test_nobody_there_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="refused"):
        fetch("http://127.0.0.1:1/a.tar", tmp_path / "a.tar", LIMITS, never)


def test_it_stops_when_nobody_wants_it_any_more(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchStopped):
        fetch(server.url, tmp_path / "a.tar", LIMITS, lambda: True)


@pytest.mark.parametrize("where", ["file:///etc/hostname", "ftp://127.0.0.1/x"])
def test_a_redirect_leads_nowhere_but_to_the_web(
    server: Server, tmp_path: Path, where: str
) -> None:
    server.answer = lambda handler: send(handler, b"", 302, Location=where)
    with pytest.raises(FetchFailed):
        fetch(server.url, tmp_path / "a.tar", FetchLimits(1000, HERE, file_urls=True), never)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/a", "data:,x", "a.tar", "", "file:///etc/hostname"]
)
def test_other_addresses_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(url, tmp_path / "a.tar", LIMITS, never)


def test_a_file_of_this_machine_is_taken_where_the_node_allows_it(tmp_path: Path) -> None:
    (tmp_path / "b c.tar").write_bytes(CONTENT)
    allowed = FetchLimits(1_000_000, HERE, file_urls=True)
    fetch((tmp_path / "b c.tar").as_uri(), tmp_path / "a.tar", allowed, never)
    assert (tmp_path / "a.tar").read_bytes() == CONTENT
    with pytest.raises(FetchFailed, match="nowhere"):
        fetch((tmp_path / "nowhere").as_uri(), tmp_path / "x.tar", allowed, never)


def test_a_host_that_the_node_does_not_know_is_not_asked(server: Server, tmp_path: Path) -> None:
    elsewhere = FetchLimits(1_000_000, Reach("SETTING", (AllowedHost.read("models.example"),)))
    with pytest.raises(FetchRefused, match=r"is not allowed on this node: .* SETTING"):
        fetch(server.url, tmp_path / "a.tar", elsewhere, never)
    assert server.ranges == []


def test_a_redirect_to_a_host_that_the_node_does_not_know_is_not_followed(
    server: Server, tmp_path: Path
) -> None:
    server.answer = lambda handler: send(handler, b"", 302, Location="http://localhost:1/a.tar")
    with pytest.raises(FetchRefused, match="localhost"):
        fetch(server.url, tmp_path / "a.tar", LIMITS, never)


def test_a_redirect_within_reach_is_followed(server: Server, tmp_path: Path) -> None:
    def moved(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/moved.tar":
            whole(handler)
        else:
            send(handler, b"", 302, Location="/moved.tar")

    server.answer = moved
    fetch(server.url, tmp_path / "a.tar", LIMITS, never)
    assert (tmp_path / "a.tar").read_bytes() == CONTENT
