"""Which tracebacks in a log of the conformance server nobody asked for."""

START = "Traceback (most recent call last):"


def unexpected_tracebacks(log: str) -> list[str]:
    """Not those of a hub that raises because it was told to, nor uvicorn's at a text that is no UTF-8."""
    return [found for found in log.split(START)[1:] if not _is_expected(found)]


def _is_expected(traceback: str) -> bool:
    says_uvicorn = "websockets_sansio_impl.py" in traceback and "UnicodeDecodeError" in traceback
    return "/tests/conformance/hubs/" in traceback or says_uvicorn
