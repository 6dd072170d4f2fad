"""HTTP authentication at a camera, in the way that the camera asks for."""

from collections.abc import Generator

import httpx


class CameraAuth(httpx.Auth):
    """Sends user and password only once the camera asks: digest if it offers that, else basic."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._way: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._way is None:
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            self._way = self._asked_for(response)
        if self._way is not None:
            try:
                yield from self._way.auth_flow(request)
            except KeyError:
                raise httpx.ProtocolError("the camera asks for an unknown kind of digest") from None

    def _asked_for(self, response: httpx.Response) -> httpx.Auth | None:
        offers = response.headers.get_list("www-authenticate")
        kinds = {offer.partition(" ")[0].lower() for offer in offers}
        if "digest" in kinds:
            return httpx.DigestAuth(self._user, self._password)
        return httpx.BasicAuth(self._user, self._password) if "basic" in kinds else None
