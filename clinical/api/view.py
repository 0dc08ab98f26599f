"""What all views of the clinical API share: who asks, what they sent, and every refusal in words."""

import re
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import IntegrityError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, NotFound, ParseError, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.models import Role, User
from accounts.parsers import SmallJSONParser
from clinical import access
from clinical.plausibility import YEARS
from clinical.services.alert_answers import InvalidAnswer
from clinical.services.assignments import IN_CHARGE, InvalidAssignment
from clinical.services.flags import InvalidFlag
from clinical.services.observation_input import InvalidObservation
from clinical.services.orders import UnknownDrug
from clinical.services.patients import InvalidPatient
from clinical.services.scoring_decisions import AlreadyDecided, InvalidDecision
from hubs.errors import Forbidden, HubError

KEY_HEADER = "Idempotency-Key"
# Members whose names are not those of the code in another spelling.
WIRE_NAMES = {"correction_reason": "reason"}
# Where these are wrong it is because of who lies where, or of what was done before.
AS_THINGS_STAND = frozenset({"", "bed", "mrn"})
FIRST = "Somebody else was first, or the key is used up. Nothing was saved."

Shape = TypeVar("Shape", bound=msgspec.Struct)

KEY = OpenApiParameter(
    KEY_HEADER,
    UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="A UUID of the sender's, made once for what is to happen, not for each try: a request "
    "that is sent again is answered as the first one was, and nothing happens twice.",
)
OPTIONAL_KEY = OpenApiParameter(KEY_HEADER, UUID, OpenApiParameter.HEADER, description=KEY.description)


class Refusal(APIException):
    """What a service has refused, and what is wrong with which member."""

    def __init__(self, status: int, error: HubError) -> None:
        errors = {wire_name(name): text for name, text in getattr(error, "errors", {}).items()}
        super().__init__({"detail": str(error)} | ({"errors": errors} if errors else {}))
        self.status_code = status


class OfRoles(BasePermission):
    """Active staff of some roles; whose patients, the services ask."""

    roles: tuple[Role, ...] = ()

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.role in self.roles


class ClinicalView(APIView):
    """JSON by a bearer token; subclasses say who may, and services decide on whom."""

    authentication_classes = [BearerAuthentication]
    parser_classes = [SmallJSONParser]

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)  # the permission classes let nobody else through
        return self.request.user

    def body(self, shape: type[Shape]) -> Shape:
        """The body in its shape. A member that is unknown is refused, never skipped: a value under another
        name, or in another unit, would silently be missing.
        """
        try:
            found = msgspec.convert(self.request.data, shape)
        except msgspec.ValidationError as error:
            raise ParseError(str(error)) from None
        for name in shape.__struct_fields__:
            _require_kept(name, getattr(found, name))
        return found

    def key(self) -> UUID | None:
        """The sender's key; None where there is none."""
        if KEY_HEADER not in self.request.headers:
            return None
        try:
            return UUID(self.request.headers[KEY_HEADER])
        except ValueError:
            raise ParseError(f"{KEY_HEADER} must be a UUID.") from None

    def needed_key(self) -> UUID:
        if (key := self.key()) is None:
            raise ParseError(f"Send {KEY_HEADER}: a UUID, the same one whenever you send this again.")
        return key

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(refusal(exc))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def refusal(error: Exception) -> Exception:
    """What the API says of an error; one that it does not know stays as it is."""
    match error:
        case Forbidden():
            if str(error) in (access.FORBIDDEN_ROLE, IN_CHARGE):
                return PermissionDenied(str(error))
            return NotFound(access.FORBIDDEN_PATIENT)
        case InvalidPatient() | InvalidAssignment():
            return Refusal(409 if AS_THINGS_STAND & error.errors.keys() else 400, error)
        case AlreadyDecided():
            return Refusal(409, error)
        case InvalidObservation() | InvalidAnswer() | InvalidDecision() | InvalidFlag() | UnknownDrug():
            return Refusal(400, error)
        case HubError():
            return Refusal(409, error)
        case IntegrityError():
            return Refusal(409, HubError(FIRST))
    return error


def answer(value: Any, status: int = 200) -> Response:
    """A shape, or several, as JSON."""
    return Response(msgspec.to_builtins(value), status=status)


def _require_kept(name: str, value: Any) -> None:
    """Raises ParseError for what has the right type and can be kept nowhere."""
    if isinstance(value, datetime) and value.year not in YEARS:
        raise ParseError(f"{wire_name(name)} is no time that can be.")
    # A note may have several lines, and its service looks at it.
    if isinstance(value, str) and name != "note" and not value.isprintable():
        raise ParseError(f"{wire_name(name)} must be one line of plain text.")


def wire_name(name: str) -> str:
    """born_on -> bornOn."""
    return WIRE_NAMES.get(name) or re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
