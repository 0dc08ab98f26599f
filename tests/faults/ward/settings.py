"""The tests' settings with a database file that is full at some size."""

import os

from tests.settings import *  # noqa: F403 - all of them but for one

DATABASES["default"]["OPTIONS"]["init_command"] += (  # noqa: F405 - comes from the product's settings
    f"PRAGMA max_page_count={int(os.environ['MAXIMUM_PAGES'])};"
)
