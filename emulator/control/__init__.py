"""The control API ``/_emulator``: what a person or a test can do that AWS has no call for."""

from emulator.control.api import Controlled, create_app
from emulator.control.durations import format_duration, parse_duration

__all__ = ["Controlled", "create_app", "format_duration", "parse_duration"]
