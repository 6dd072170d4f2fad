"""The built console: its files, and index.html for every page of the console's own router."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_OURS = ("/api", "/video")
_IMMUTABLE = "public, max-age=31536000, immutable"


class ConsoleFiles(StaticFiles):
    """Browsers keep hashed assets and revalidate everything else."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            is_page = "." not in path.rpartition("/")[2]
            if error.status_code != 404 or not is_page:
                raise
            response = await super().get_response("index.html", scope)
        is_hashed = path.startswith("assets/")
        response.headers["Cache-Control"] = _IMMUTABLE if is_hashed else "no-cache"
        return response


class ConsoleMount(Mount):
    """Serves every path except those of the API and of video, which answer unknown paths themselves."""

    def __init__(self, folder: Path) -> None:
        super().__init__("/", app=ConsoleFiles(directory=folder, html=True), name="console")

    def matches(self, scope: Scope) -> tuple[Match, MutableMapping[str, Any]]:
        path = str(scope.get("path", ""))
        if any(path == root or path.startswith(f"{root}/") for root in _NOT_OURS):
            return Match.NONE, {}
        return super().matches(scope)
