"""Lambda: functions in processes of their own, under AWS's runtime client, and the Invoke API."""

from emulator.awslambda.api import create_api
from emulator.awslambda.function_urls import create_urls
from emulator.awslambda.logs import LogEvent, LogSink, TerminalLog
from emulator.awslambda.service import LambdaService

__all__ = ["LambdaService", "LogEvent", "LogSink", "TerminalLog", "create_api", "create_urls"]
