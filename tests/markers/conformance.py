"""The settings of the conformance server with the logs of the product, every logger at DEBUG."""

from tests.conformance.settings import *  # noqa: F403 - these, but for the logs
from tests.markers.loud import LOGGING  # noqa: F401 - a setting
