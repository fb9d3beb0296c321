"""Lambda: functions in processes of their own, under AWS's runtime client, and the Invoke API."""

from emulator.awslambda.api import create_api
from emulator.awslambda.function_urls import create_urls
from emulator.awslambda.log_batches import LogBatches
from emulator.awslambda.logs import LogEvent, LogSink, LogSinks, TerminalLog
from emulator.awslambda.service import LambdaService

__all__ = [
    "LambdaService",
    "LogBatches",
    "LogEvent",
    "LogSink",
    "LogSinks",
    "TerminalLog",
    "create_api",
    "create_urls",
]
