"""HTTP/1.1 for the three listeners: a small threaded WSGI server and the static pages.

Requests are parsed by ``httptools`` (llhttp, the parser of Node.js).
Why no ready-made server fits: ``docs/decisions/0001-wsgi-server.md``.
"""

from emulator.wsgi.body import ClientDisconnected
from emulator.wsgi.server import Server
from emulator.wsgi.static import StaticPages

__all__ = ["ClientDisconnected", "Server", "StaticPages"]
