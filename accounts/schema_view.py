"""Hands out the description of the API, to whoever has a token."""

from drf_spectacular.types import OpenApiTypes
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.openapi import description, operation


class Schema(APIView):
    """The description of the API, as OpenAPI 3.1 in JSON; for every role, for it names no patient."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsAuthenticated]

    @operation("describe_api", OpenApiTypes.OBJECT, 401)
    def get(self, request: Request) -> Response:
        return Response(description())
