"""A web server on this machine that hands out models, as well or as badly as a test wants."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models import released
from models.archive import pack
from models.signing import permit_rollback, sign
from wire.messages import DesiredModel, RollbackPermit


@dataclass
class ModelServer:
    """`asked` are the ranges that were asked for; only `bytes_each` bytes go out per request."""

    folder: Path
    key: Ed25519PrivateKey
    port: int = 0
    bytes_each: int | None = None
    asked: list[str | None] = field(default_factory=list)
    requests: int = 0

    def paint_model(self, version: str, **manners: object) -> Path:
        """An archive whose only weights say how a painted detector behaves."""
        weights = json.dumps(manners).encode()
        manifest = json.loads((released() / "manifest.json").read_text())
        digest, size = sha256(weights).hexdigest(), len(weights)
        manifest |= {
            "name": "paint",
            "version": version,
            "condition": None,
            "files": [
                {"name": "manners.onnx", "precision": "fp32", "sha256": digest, "bytes": size}
            ],
        }
        source = self.folder / f"source-{version}"
        source.mkdir()
        (source / "manners.onnx").write_bytes(weights)
        (source / "manifest.json").write_text(json.dumps(manifest))
        return self.packed(source, version)

    def packed(self, source: Path, version: str) -> Path:
        archive = self.folder / f"model-{version}.tar"
        pack(source, archive)
        return archive

    def request(self, archive: Path, key: Ed25519PrivateKey | None = None) -> DesiredModel:
        """The next model that the hub desires: this archive, signed."""
        self.requests += 1
        release = sign(archive, key or self.key)
        return DesiredModel(
            version=self.requests,
            url=f"http://127.0.0.1:{self.port}/{archive.name}",
            **release.model_dump(exclude={"bytes"}),
        )

    def permitted(self, archive: Path, edge_id: str, from_version: str) -> DesiredModel:
        """The same, with the maker's permit for one node to go back to it."""
        paper = permit_rollback(
            sign(archive, self.key), edge_id, from_version, datetime.now(UTC), self.key
        )
        permit = RollbackPermit.model_validate(paper.model_dump(), extra="ignore")
        return self.request(archive).model_copy(update={"rollback": permit})

    def real_model(self, version: str) -> Path:
        """The released model under another version."""
        source = Path(shutil.copytree(released(), self.folder / f"source-{version}"))
        manifest = json.loads((source / "manifest.json").read_text())
        (source / "manifest.json").write_text(json.dumps(manifest | {"version": version}))
        return self.packed(source, version)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range")
        self.asked.append(asked)
        path = self.folder / Path(request.path).name
        if not path.exists():
            request.send_error(404)
            return
        begin = 0 if asked is None else int(asked.removeprefix("bytes=").removesuffix("-"))
        body = path.read_bytes()[begin:]
        request.send_response(206 if asked else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.bytes_each])


@contextmanager
def model_server(folder: Path) -> Iterator[ModelServer]:
    serving = ModelServer(folder, Ed25519PrivateKey.generate())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            serving.answer(self)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield serving
    server.shutdown()
    thread.join()
    server.server_close()
