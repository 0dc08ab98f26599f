"""What a report of an error to ADMINS says: the traceback, and nothing of request, settings or values."""

from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from hubs.log_exceptions import without_text


class Reporter(ExceptionReporter):
    """Django's; at a desk with DEBUG it shows all, as the error page does."""

    def __init__(
        self,
        request: HttpRequest | None,
        exc_type: type[BaseException] | None,
        exc_value: Any,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        if not settings.DEBUG:
            request = None
            if isinstance(exc_value, BaseException):
                exc_value = without_text(exc_value)
                exc_type = type(exc_value)
        super().__init__(request, exc_type, exc_value, tb, is_email)
        if not settings.DEBUG:
            self.filter = _NothingOfOurs()


class _NothingOfOurs(SafeExceptionReporterFilter):
    """Django leaves out what is named like a secret; a URL of Redis is not, and has a password in it."""

    def get_safe_settings(self) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        return ()
