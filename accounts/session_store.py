"""Django's sessions in the database, which looks up no key but one that Django can have made."""

import re
from typing import Any

from django.contrib.sessions.backends import db

KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(db.SessionStore):
    """A cookie can hold a NUL, `sessionid="\\000..."`, at which PostgreSQL fails and Django answers 500."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and KEY.fullmatch(key) is not None
