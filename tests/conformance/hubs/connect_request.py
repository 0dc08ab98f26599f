"""What a hub reads from the request that opened its connection."""

from django.http import parse_cookie

from hubs.hub import Hub


class ConnectRequest(Hub):
    """A hub that looks at its request; for long polling that is the newest poll."""

    def query_member(self, name: str) -> str | None:
        values = self.connection.query.get(name.lower(), [])
        return values[0] if values else None

    def request_header(self, name: str) -> str | None:
        wanted = name.lower().encode()
        found = (value.decode("latin-1") for key, value in self.connection.headers if key == wanted)
        return next(found, None)

    def request_cookie(self, name: str) -> str | None:
        cookies: dict[str, str] = parse_cookie(self.request_header("cookie") or "")
        return cookies.get(name)
