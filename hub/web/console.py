"""The built console: files as they are, and index.html for every page of its own router."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_OURS = ("/api", "/video")
_FOR_EVER = "public, max-age=31536000, immutable"


class ConsoleFiles(StaticFiles):
    """Hashed assets are kept for ever, everything else is asked for anew."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            is_page = "." not in path.rpartition("/")[2]
            if error.status_code != 404 or not is_page:
                raise
            response = await super().get_response("index.html", scope)
        is_hashed = path.startswith("assets/")
        response.headers["Cache-Control"] = _FOR_EVER if is_hashed else "no-cache"
        return response


class ConsoleMount(Mount):
    """Everything but the addresses of the API, which has answers of its own to what it lacks."""

    def __init__(self, folder: Path) -> None:
        super().__init__("/", app=ConsoleFiles(directory=folder, html=True), name="console")

    def matches(self, scope: Scope) -> tuple[Match, MutableMapping[str, Any]]:
        path = str(scope.get("path", ""))
        if any(path == root or path.startswith(f"{root}/") for root in _NOT_OURS):
            return Match.NONE, {}
        return super().matches(scope)
