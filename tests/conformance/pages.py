"""The plain HTTP endpoints of the contract."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from hubs.clients import hub_context
from hubs.worker import current_worker
from tests.conformance import shared
from tests.conformance.hubs.calls import Int
from tests.conformance.hubs.extra import ExtraHub
from tests.conformance.hubs.functional import TestHub
from tests.conformance.tokens import issue

FIRST_TOKEN_SECONDS = 5.0
TOKEN_SECONDS = 60.0


async def generate_jwt_token(request: HttpRequest) -> HttpResponse:
    return _text(issue("testuser", seconds=FIRST_TOKEN_SECONDS))


async def token(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    seconds = float(asked.get("seconds", TOKEN_SECONDS))
    return _text(issue(asked.get("sub", "testuser"), role=asked.get("role"), seconds=seconds))


async def client_result(request: HttpRequest, connection_id: str) -> HttpResponse:
    # This worker may never have had a connection, and is to be answered all the same.
    await current_worker().backplane.listening.wait()
    try:
        result = await hub_context(TestHub).clients.client(connection_id).invoke("Result", result_type=Int)
    except Exception as error:  # noqa: BLE001 - whatever it is, its text is the answer
        return _text(str(error))
    return _text(str(result))


async def journal(request: HttpRequest, key: str) -> HttpResponse:
    return JsonResponse(await shared.lines(key), safe=False)


async def gate(request: HttpRequest, key: str) -> HttpResponse:
    await shared.open_gate(key)
    return _text("")


async def broadcast(request: HttpRequest, method: str) -> HttpResponse:
    await hub_context(ExtraHub).clients.all.send(method, request.GET.get("text"))
    return _text("")


async def deployment(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


async def echo_redirect(request: HttpRequest, rest: str) -> HttpResponse:
    """307 keeps the method, as the negotiation that comes this way needs it."""
    query = request.META["QUERY_STRING"]
    target = f"/echo{rest}?{query}" if query else f"/echo{rest}"
    return HttpResponse(status=307, headers={"Location": target})


async def redirect(request: HttpRequest) -> HttpResponse:
    base = request.GET.get("baseUrl", "")
    return JsonResponse({"url": f"{base}/testhub?numRedirects={await shared.next_redirect()}"})


async def redirect_token(request: HttpRequest) -> HttpResponse:
    url = f"{request.GET.get('baseUrl', '')}/securehub"
    return JsonResponse({"url": url, "accessToken": issue("redirected", seconds=TOKEN_SECONDS)})


async def bad_negotiate(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Some response from server", status=400, content_type="text/plain")


async def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain")
