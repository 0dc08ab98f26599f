"""Brings database, static files and demo hospital up to date: `python -m config.run.prepare LOGINS`."""

import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(logins: Path) -> None:
    """Writes what seed_demo says, which is the list of logins, to that file."""
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with logins.open("w", encoding="utf-8") as output:
        call_command("seed_demo", stdout=output)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
