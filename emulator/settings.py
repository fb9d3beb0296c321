"""What the user chose on the command line, once and for the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Pairs

LOOPBACK = "127.0.0.1"
DATA_FOLDER_MARK = ".emulator-data"  # a file in every data folder, which is no code of anybody
LambdaEngine = Literal["fork", "spawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run of the emulator.

    Args:
        data_directory: everything that persists; ``None`` persists nothing.
        cache_directory: what can be made anew is kept there; ``None`` keeps it with the data.
        api_port: port of the gateway; 0 picks a free one, as for the other two.
        aws_port: port of S3, DynamoDB, Lambda and the control API.
        web_directory: static pages to serve, or ``None``.
        api_key: the key that the gateway accepts; ``None`` keeps the data folder's own.
        ready_file: gets one JSON object once everything answers.
        concurrency: how many invocations of one function run at once on this machine.
        debug_ports: functions that wait for a debugger, and on which port.
        enforce_memory: kills what takes more memory than its function has.
        lambda_engine: how the processes of Python functions start; ``None`` is the platform's way.
        durable: what was acknowledged survives the power cut, not only the process.
        strict: makes an unsupported property of the template an error.
        insecure_s3: S3 takes every request, whoever has signed it.
        allowed_hosts: hosts of AWS itself that functions may call; ``*`` stands for anything.
    """

    template: Path
    parameters: Pairs = ()
    data_directory: Path | None
    cache_directory: Path | None = None
    api_port: int = 3000
    aws_port: int = 4566
    web_directory: Path | None = None
    web_port: int = 8080
    api_key: str | None = None
    ready_file: Path | None = None
    region: str = "us-east-1"
    account_id: str = "123456789012"
    concurrency: int = 10
    enforce_memory: bool = False
    debug_ports: tuple[tuple[str, int], ...] = ()
    lambda_engine: LambdaEngine | None = None
    strict: bool = False
    durable: bool = False
    insecure_s3: bool = False
    allowed_hosts: tuple[str, ...] = ()
