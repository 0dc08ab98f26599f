"""Observations over HTTP, for gateways and programs that show a bearer token."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.models import User
from accounts.parsers import MAXIMUM_LENGTH, SmallJSONParser
from clinical.events import ObservationInput, ObservationSummary
from clinical.services import corrections, observations
from clinical.services.observation_input import Conflict, InvalidObservation
from hubs.errors import Forbidden

KEY_HEADER = "Idempotency-Key"
WIRE_NAMES = dict(
    zip(ObservationInput.__struct_fields__, ObservationInput.__struct_encode_fields__, strict=True)
) | {"correction_reason": "reason"}


class NewSet(ObservationInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a set that is to be recorded."""

    patient_id: UUID


class NewVersion(ObservationInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a correction: the whole set as it should have been, and why."""

    reason: str


Body = TypeVar("Body", NewSet, NewVersion)


class MayRecord(BasePermission):
    """Doctors and nurses; whose patients, the services ask."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.role in observations.RECORDERS


class ObservationView(APIView):
    """What they share: JSON of the hub's shape in, the recorded set out, and every refusal in words."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [MayRecord]
    parser_classes = [SmallJSONParser]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def recorded(self, record: Callable[[], ObservationSummary]) -> Response:
        """201 with the set, a repeated one too: a gateway whose answer was lost reads what it had missed."""
        try:
            return Response(msgspec.to_builtins(record()), status=201)
        except InvalidObservation as error:
            named = {WIRE_NAMES.get(name, name): text for name, text in error.errors.items()}
            return Response({"detail": str(error), "errors": named}, status=400)
        except Conflict as error:
            return Response({"detail": str(error)}, status=409)
        except Forbidden as error:
            return Response({"detail": str(error)}, status=404)


class Observations(ObservationView):
    """`POST {patientId, respiration, ..., measuredAt}` records a set; what was not measured is left out.

    `Idempotency-Key`, a UUID of the sender's, makes a repeated request answer the set of the first.
    """

    def post(self, request: Request) -> Response:
        user, body = _user(request), _body(request, NewSet)
        return self.recorded(lambda: observations.record(user, body.patient_id, body))


class Corrections(ObservationView):
    """`POST {reason, respiration, ...}` records a new version of the set; the old one stays."""

    def post(self, request: Request, set_id: UUID) -> Response:
        user, body = _user(request), _body(request, NewVersion)
        return self.recorded(lambda: corrections.correct(user, set_id, body, body.reason))


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # MayRecord lets nobody else through
    return request.user


def _body(request: Request, shape: type[Body]) -> Body:
    """The body in its shape, with the header's key. A member that is unknown is refused, never skipped:
    a value under another name, or in another unit, would silently be missing from the set.
    """
    try:
        body = msgspec.convert(request.data, shape)
        if KEY_HEADER not in request.headers:
            return body
        return msgspec.structs.replace(body, key=UUID(request.headers[KEY_HEADER]))
    except RequestDataTooBig:
        # Django's own limit comes before that of the parser, and its answer would be a page.
        raise ParseError(f"The body is larger than {MAXIMUM_LENGTH} bytes.") from None
    except msgspec.ValidationError as error:
        raise ParseError(str(error)) from None
    except ValueError:
        raise ParseError(f"{KEY_HEADER} must be a UUID.") from None
