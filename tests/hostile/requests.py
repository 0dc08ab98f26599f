"""Requests that are wrong in one thing each, beside a token that is good, and what they are answered."""

from collections.abc import Iterator
from dataclasses import dataclass

HUB = "/hubs/clinical"
NEGOTIATE = f"{HUB}/negotiate"

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Wrong:
    """One request; `status` is what it is answered, `is_ours` whether the hub itself refuses it."""

    name: str
    target: bytes
    headers: tuple[Header, ...] = ()
    method: bytes = b"POST"
    status: frozenset[int] = frozenset({401})
    is_ours: bool = True
    body: bytes = b""


def _query(name: str, query: str, status: int = 401) -> Wrong:
    return Wrong(f"query: {name}", f"{NEGOTIATE}?{query}".encode("latin-1"), status=frozenset({status}))


def queries(token: str) -> Iterator[Wrong]:
    """Ways to write `access_token` that are not the one."""
    half = len(token) // 2
    yield _query("the name encoded twice", f"access%255Ftoken={token}")
    yield _query("the value encoded twice", f"access_token={token.replace('.', '%252E')}")
    yield _query("an array", f"access_token[]={token}")
    yield _query("an indexed array", f"access_token[0]={token}")
    yield _query("an encoded array", f"access_token%5B%5D={token}")
    yield _query("a semicolon as separator", f"x=1;access_token={token}")
    yield _query("a semicolon behind it", f"access_token={token};x=1")
    yield _query("a NUL before the name", f"%00access_token={token}")
    yield _query("a NUL behind the name", f"access_token%00={token}")
    yield _query("a NUL behind it", f"access_token={token}%00")
    yield _query("a line feed behind it", f"access_token={token}%0A")
    yield _query("a space before it", f"access_token=%20{token}")
    yield _query("a space behind the name", f"access_token%20={token}")
    yield _query("a scheme before it", f"access_token=Bearer%20{token}")
    yield _query("a name that only looks alike", f"access_to%E2%84%AAen={token}")
    yield _query("a dotless letter", f"acce%C5%BF%C5%BF_token={token}")
    yield _query("a hyphen", f"access-token={token}")
    yield _query("cut in two", f"access_token={token[:half]}&access_token={token[half:]}")
    yield _query("twice, once empty", f"access_token={token}&access_token=")
    yield _query("twice, in other letters", f"access_token={token}&Access_Token={token}")
    yield _query("twice, once encoded", f"access_token={token}&%61ccess_token={token}")
    yield _query("nothing", "access_token")
    yield _query("empty", "access_token=")
    yield _query("no UTF-8 beside it", f"access_token={token}&x=%ff", 400)
    yield _query("half a character beside it", f"access_token={token}&%ED%A0%80=1", 400)
    yield _query("ten kilobytes", f"access_token={'x' * 10_000}")


def headers(token: str) -> Iterator[Wrong]:
    """Ways to write the header that are not the one."""
    good = f"Bearer {token}".encode()
    values: dict[str, tuple[bytes, ...]] = {
        "twice the same": (good, good),
        "twice, one of another scheme": (good, b"Basic bmFtZTpwYXNz"),
        "a tab": (b"Bearer\t" + token.encode(),),
        "no space": (b"Bearer" + token.encode(),),
        "a no-break space": (b"Bearer\xa0" + token.encode(),),
        "a comma list": (good + b", " + good,),
        "something behind it": (good + b" x",),
        "a parameter": (good + b";v=1",),
        "in quotation marks": (b'Bearer "' + token.encode() + b'"',),
        "named": (b"Bearer token=" + token.encode(),),
        "a colon": (b"Bearer: " + token.encode(),),
        "without a scheme": (token.encode(),),
        "another scheme": (b"Token " + token.encode(),),
        "as a password": (b"Basic " + token.encode(),),
        "letters that look alike": ("B\u0435arer ".encode() + token.encode(),),
        "no UTF-8": (good + b"\xff",),
        "nothing": (b"Bearer",),
        "a scheme alone": (b"Bearer Bearer",),
    }
    for name, given in values.items():
        yield Wrong(f"header: {name}", NEGOTIATE.encode(), tuple((b"Authorization", each) for each in given))
    for other in (
        b"Proxy-Authorization",
        b"X-Authorization",
        b"Sec-WebSocket-Protocol",
        b"Cookie",
        b"X-Access-Token",
    ):
        yield Wrong(f"header: {other.decode()}", NEGOTIATE.encode(), ((other, good),))
    yield Wrong(
        "header: not ours, the query's good",
        f"{NEGOTIATE}?access_token={token}".encode(),
        ((b"Authorization", b"Bearer x"),),
    )


def origins(token: str, own: str) -> Iterator[Wrong]:
    """Pages that are nearly ours."""
    scheme, _, place = own.partition("://")
    host, _, port = place.rpartition(":")
    foreign = {
        "null": "null",
        "a file": "file://",
        "an extension": "chrome-extension://abcdefghijklmnop",
        "another scheme": f"https://{place}",
        "a socket's scheme": f"ws://{place}",
        "no scheme": place,
        "another port": f"{scheme}://{host}:{int(port) + 1}",
        "no port": f"{scheme}://{host}",
        "a port with a nought": f"{scheme}://{host}:0{port}",
        "a trailing dot": f"{scheme}://{host}.:{port}",
        "a slash": f"{own}/",
        "a path": f"{own}/hubs",
        "a query": f"{own}?",
        "a fragment": f"{own}#",
        "a user": f"{scheme}://{host}@{place}",
        "a user that looks like ours": f"{scheme}://{place}@evil.example",
        "a host below ours": f"{scheme}://{place}.evil.example",
        "a host above ours": f"{scheme}://evil.{place}",
        "another way to write the address": f"{scheme}://2130706433:{port}",
        "the other loopback": f"{scheme}://[::1]:{port}",
        "its name": f"{scheme}://localhost:{port}",
        "punycode": f"{scheme}://xn--127-sqa.0.0.1:{port}",
        "wide letters": f"{scheme}://\uff11\uff12\uff17.0.0.1:{port}",
        "a list": f"{own}, {own}",
        "a list with spaces": f"{own} {own}",
        "a star": "*",
        "nothing": "",
        "letters": "\xff",
    }
    bearer = (b"Authorization", f"Bearer {token}".encode())
    for name, origin in foreign.items():
        yield Wrong(
            f"origin: {name}",
            NEGOTIATE.encode(),
            ((b"Origin", origin.encode()), bearer),
            status=frozenset({403}),
        )
    yield Wrong(
        "origin: twice",
        NEGOTIATE.encode(),
        (*[(b"Origin", own.encode())] * 2, bearer),
        status=frozenset({403}),
    )


def paths(token: str) -> Iterator[Wrong]:
    """Where a token in a query opens nothing, though the path is nearly that of a hub."""
    for path in (
        "//hubs/clinical/negotiate",
        "/hubs//clinical/negotiate",
        "/hubs/./clinical/negotiate",
        "/hubs/../hubs/clinical/negotiate",
        "/hubs/%2e%2e/hubs/clinical/negotiate",
        "/hubs/..%2fhubs/clinical/negotiate",
        "/HUBS/clinical/negotiate",
        "/hubs/Clinical/negotiate",
        "/hubs/clinical/Negotiate",
        "/hubs/clinical;x/negotiate",
        "/hubs/clinical/negotiate;x",
        "/hubs/clinical/negotiate%00",
        "/hubs/clinical/negotiate%0a",
        "/hubs/clinical/negotiate%20",
        "/hubs/clinical/negotiate/negotiate",
        "/hubs/clinical%5cnegotiate",
        "/hubsclinical/negotiate",
        "/xhubs/clinical/negotiate",
        "/hubs",
        "/hubs/",
        "/%68ubs%2",
        "/hubs/%ff",
    ):
        yield Wrong(
            f"path: {path}",
            f"{path}?access_token={token}".encode(),
            status=frozenset({400, 401, 404}),
            is_ours=False,
        )
    for path in ("/api/patients/", "/api/patients/?x=/hubs/clinical", "/api/patients/#/hubs/"):
        query = f"{'&' if '?' in path else '?'}access_token={token}"
        yield Wrong(
            f"path: {path}",
            f"{path}{query}".encode(),
            method=b"GET",
            status=frozenset({401, 400, 404}),
            is_ours=False,
        )


def ids(token: str) -> Iterator[Wrong]:
    """Connection ids that nobody has been given."""
    bearer = ((b"Authorization", f"Bearer {token}".encode()),)
    for name, given in {
        "long": f"id={'x' * 9_000}",
        "of the right length": f"id={'A' * 71}",
        "a NUL": "id=%00",
        "a path": "id=../../etc/passwd",
        "SQL": "id='%20OR%201=1--",
        "empty": "id=",
        "an array of one": "id[]=x&id=x",
        "half a character": "id=%F0%9F%98%80",
        "twice": "id=x&id=y",
    }.items():
        for method in (b"GET", b"POST", b"DELETE"):
            yield Wrong(
                f"id: {name}, {method.decode()}",
                f"{HUB}?{given}".encode(),
                bearer,
                method,
                status=frozenset({404}),
            )


def methods(token: str) -> Iterator[Wrong]:
    bearer = ((b"Authorization", f"Bearer {token}".encode()),)
    for method in (b"PUT", b"PATCH", b"HEAD", b"OPTIONS", b"PROPFIND", b"get"):
        for target in (HUB, NEGOTIATE, f"{HUB}/refresh"):
            yield Wrong(
                f"method: {method.decode()} {target}",
                target.encode(),
                bearer,
                method,
                frozenset({400, 405}),
                is_ours=False,
            )


NOT_A_FAULT_OF_OURS = frozenset({200, 204, 301, 302, 304, 400, 401, 403, 404, 405, 406, 413, 415, 416})
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
JSON = (b"Content-Type", b"application/json")


def _page(name: str, target: bytes, *headers: Header, method: bytes = b"GET", body: bytes = b"") -> Wrong:
    return Wrong(f"page: {name}", target, headers, method, NOT_A_FAULT_OF_OURS, is_ours=False, body=body)


CHARSETS = b"hex undefined utf-7 utf-16 idna rot13 \xff ''".split()
KINDS = b"text/plain application/x-www-form-urlencoded application/json".split()
COOKIES = (rb'"\000aaaaaaaa"', rb'"\777\377aaaaaa"', b"x" * 7000, b"=;=;;", b"\xff\xfe=1")
PATHS = (
    *b"/wards/%00/ /wards/%ff/ /wards/..%2f/ /%00 /static/%00 /static/..%2f..%2fmanage.py".split(),
    *b"/api/patients/%00 /admin/%00/".split(),
)
HEADERS = (
    (b"Host", b"evil.example"),
    (b"Accept", b";;;/*/*,,q=\xff"),
    (b"Accept-Language", b"x" * 5000),
    (b"Accept-Encoding", b"\xff;q=x"),
    (b"If-Modified-Since", b"99 Foo 99999 99:99:99"),
    (b"Range", b"bytes=-99999999999999999999,x-"),
    (b"Content-Type", b"multipart/form-data; boundary="),
    (b"Content-Type", b"\xff/\xff"),
    (b"X-Forwarded-Proto", b"gopher"),
    (b"X-Request-ID", b"\xff" * 99),
    (b"Authorization", b"Bearer " + b"\xff" * 99),
)
BODIES = (
    *(b"", b"null", b"[]", b'"x"', b"1e999", b"[" * 50_000, b'{"a":' * 9_000, b"\xff\xfe", b"\xef\xbb\xbf{}"),
    *(
        b"9" * 5_000,
        b"x" * 70_000,
        b'{"username": [], "password": {}}',
        b'{"username": NaN}',
        b'{"refresh": null}',
    ),
    b'{"username": "\\ud800", "password": "\\u0000"}',
    b'{"username": "\\ud800a", "password": "x"}',
    b'{"username": "nurse.icu", "password": "\\ud800"}',
    b'{"refresh": "\\ud800.\\ud800.\\ud800"}',
)


def pages() -> Iterator[Wrong]:
    """What makes careless code of a web site fail."""
    for charset in CHARSETS:
        for kind in KINDS:
            header, name = (b"Content-Type", kind + b"; charset=" + charset), f"{kind!r} in {charset!r}"
            form, text = b"username=%41&password=%ff", b'{"username": "\\u0041"}'
            yield _page(f"GET {name}", b"/login/?next=%41%ff", header)
            yield _page(f"POST {name}", b"/login/?next=%41", header, method=b"POST", body=form)
            yield _page(f"token {name}", b"/api/token/?x=%41", header, method=b"POST", body=text)
    for cookie in COOKIES:
        session, csrf = (b"Cookie", b"sessionid=" + cookie), (b"Cookie", b"csrftoken=" + cookie)
        yield _page(f"session {cookie[:20]!r}", b"/", session)
        yield _page(f"token by session {cookie[:20]!r}", b"/api/token/session/", session, method=b"POST")
        yield _page(f"csrf {cookie[:20]!r}", b"/login/", csrf, method=b"POST", body=b"x")
    for path in PATHS:
        yield _page(f"path {path!r}", path)
    for header in HEADERS:
        for path in (b"/login/", b"/api/patients/", b"/static/signalr/signalr.js"):
            yield _page(f"{header[0]!r} {header[1][:20]!r} {path!r}", path, header)
    for body in BODIES:
        for path in (b"/api/token/", b"/api/token/refresh/", b"/api/token/revoke/"):
            yield _page(f"{path!r} {body[:30]!r} {len(body)}", path, JSON, method=b"POST", body=body)
    yield _page("form with a NUL", b"/login/", FORM, method=b"POST", body=b"username=%00&password=%00")


def for_nginx_to_stop() -> Iterator[Wrong]:
    """What makes Daphne itself answer 500, so that nginx has to keep it away."""
    for name in (b"Daphne-Root-Path", b"X-Forwarded-For", b"Sec-WebSocket-Protocol"):
        yield _page(name.decode(), HUB.encode(), (name, b"/\xff"))


def corpus(token: str, own_origin: str) -> list[Wrong]:
    return [
        *queries(token),
        *headers(token),
        *origins(token, own_origin),
        *paths(token),
        *ids(token),
        *methods(token),
        *pages(),
    ]
