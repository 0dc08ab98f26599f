"""How a run ends: with a sentence that a person can act on, or because somebody said so."""


class CannotRun(Exception):
    """Its text is the sentence that the person at the terminal gets."""


class Stopped(Exception):
    """Ctrl-C, or a polite kill."""
