"""Users of the console, as the api sees them: each with a log-in of their own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

Json = dict[str, Any]
"""A JSON object as the api returned it; the check examines its shape."""


class RequestRefused(RuntimeError):
    """The api answered with a problem; the message is its detail."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {response.text[:500]}"
        )


class ApiUser:
    """A user who is logged in."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, **query: str | float | bool) -> Json:
        return self._json(self._http.get(path, params=query))

    def post(self, path: str, body: Json | None = None) -> Json:
        return self._json(self._http.post(path, json=body or {}))

    def delete(self, path: str) -> None:
        response = self._http.delete(path)
        if response.is_error:
            raise RequestRefused(response)

    def absolute(self, address: str) -> str:
        """An address that the api gave, completed with the host."""
        return str(self._http.base_url.join(address))

    def until(self, look: Callable[[], Json | None], within_s: float) -> Json | None:
        """What `look` finds, trying five times a second; None if it never finds anything."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            try:
                found = look()
            except (httpx.TransportError, RequestRefused):
                found = None
            if found is not None:
                return found
            time.sleep(0.2)
        return None

    @staticmethod
    def _json(response: httpx.Response) -> Json:
        if response.is_error:
            raise RequestRefused(response)
        answer: Json = response.json()
        return answer


@contextmanager
def logged_in(url: str, username: str, password: str) -> Iterator[ApiUser]:
    """A logged-in user, logged out afterwards. Raises RequestRefused."""
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as http:
        answer = http.post("/api/session", json={"username": username, "password": password})
        if answer.is_error:
            raise RequestRefused(answer)
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        http.cookies.clear()
        yield ApiUser(http)
