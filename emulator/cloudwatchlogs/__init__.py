"""CloudWatch Logs: a bounded, durable store of what functions log, and the API that reads it."""

from emulator.cloudwatchlogs.following import log_page
from emulator.cloudwatchlogs.service import create_api
from emulator.cloudwatchlogs.store import LogStore

__all__ = ["LogStore", "create_api", "log_page"]
