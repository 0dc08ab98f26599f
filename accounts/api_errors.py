"""Answers in JSON, and in one shape, whatever is wrong with a request of the API."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.parsers import BodyTooLarge

API = "/api/"
NOT_FOUND = "Not found, or not available to you."
INVALID = "The body is not as it should be."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's, with `detail` always, and `errors` by field beside it."""
    if isinstance(error, RequestDataTooBig):
        # Django's own limit may come before the parser's, and its answer would be a page.
        error = BodyTooLarge()
    response = exception_handler(error, context)
    if response is not None and isinstance(error, ValidationError) and isinstance(error.detail, dict):
        errors = {name: " ".join(map(str, texts)) for name, texts in error.detail.items()}
        whole = errors.pop("non_field_errors", INVALID)
        response.data = {"detail": whole, "errors": errors} if errors else {"detail": whole}
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's handler404."""
    if request.path.startswith(API):
        return JsonResponse({"detail": NOT_FOUND}, status=404)
    return page_not_found(request, exception)
