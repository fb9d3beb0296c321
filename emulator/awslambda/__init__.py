"""Lambda: functions in processes of their own, under AWS's runtime client, and the Invoke API."""

from emulator.awslambda.api import create_api
from emulator.awslambda.debugging import Debugging
from emulator.awslambda.function_urls import create_urls
from emulator.awslambda.log_batches import LogBatches
from emulator.awslambda.logs import LogEvent, LogSink, LogSinks, TerminalLog, TraceLog
from emulator.awslambda.reload import LEFT_OUT
from emulator.awslambda.service import LambdaService
from emulator.awslambda.syntax import syntax_error

__all__ = [
    "LEFT_OUT",
    "Debugging",
    "LambdaService",
    "LogBatches",
    "LogEvent",
    "LogSink",
    "LogSinks",
    "TerminalLog",
    "TraceLog",
    "create_api",
    "create_urls",
    "syntax_error",
]
