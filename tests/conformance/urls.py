"""The one ordinary page of the conformance server, for clinical staff with a token in the header."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path

from hubs.auth import InvalidToken
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


urlpatterns = [path("api/patients", patients)]
