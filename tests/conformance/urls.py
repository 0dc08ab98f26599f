"""The pages of the conformance server: the contract's, and the recordings' one for clinical staff."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path, re_path

from hubs.auth import InvalidToken
from tests.conformance import pages
from tests.conformance.permissions import CLINICAL_ROLES
from tests.conformance.tokens import verify


def patients(request: HttpRequest) -> HttpResponseBase:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        principal = verify(token if scheme == "Bearer" else "")
    except InvalidToken:
        return HttpResponse(status=401)
    if principal.user.role not in CLINICAL_ROLES:
        return HttpResponse(status=403)
    return JsonResponse(["p1"], safe=False)


urlpatterns = [
    path("api/patients", patients),
    path("generateJwtToken", pages.generate_jwt_token),
    path("token", pages.token),
    path("clientresult/<path:connection_id>", pages.client_result),
    path("journal/<path:key>", pages.journal),
    path("gate/<path:key>", pages.gate),
    path("broadcast/<path:method>", pages.broadcast),
    path("deployment", pages.deployment),
    re_path(r"^echoredirect(?P<rest>.*)$", pages.echo_redirect),
    re_path(r"^redirect-token", pages.redirect_token),
    re_path(r"^redirect", pages.redirect),
    re_path(r"^bad-negotiate", pages.bad_negotiate),
    re_path("", pages.nothing),
]
