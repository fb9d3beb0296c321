"""The control API ``/_emulator``: what a person or a test can do that AWS has no call for."""

from emulator.control.api import Controlled, create_app

__all__ = ["Controlled", "create_app"]
