"""``emulator up``: from settings to a running stack, until a signal or the end of input."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING

import click

from emulator.awslambda import Debugging, LogBatches, TerminalLog
from emulator.banner import banner
from emulator.deployment import run_stack
from emulator.errors import TemplateError
from emulator.log_lines import wants_colour
from emulator.template import load_application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.application import Application
    from emulator.settings import Settings
    from emulator.stack import Stack

_LOOK_UP_SECONDS = 0.5


def run(settings: Settings, *, until_stdin_ends: bool) -> None:
    """Run the application of ``settings`` until it is told to stop.

    Raises:
        EmulatorError: the template or the machine does not allow it.
    """
    logging.basicConfig(format="emulator: %(levelname)s: %(message)s", level=logging.WARNING)
    _forget_the_users_aws()
    started = monotonic()
    stopping = _on_signals()
    settings = replace(settings, cache_directory=_cache_directory())
    loaded_at_ns = time_ns()
    application = _load(settings)
    with ExitStack() as closing:
        closing.enter_context(_naming(settings.template))
        terminal = TerminalLog(sys.stdout, coloured=wants_colour(sys.stdout, os.environ))
        printing = LogBatches("terminal", terminal.print)
        closing.callback(printing.stop)
        debugging = Debugging(
            dict(settings.debug_ports),
            terminal=None if until_stdin_ends else _terminal(),
            hold=partial(_hold, printing, terminal),
            release=terminal.release,
            say=_say,
        )
        closing.callback(terminal.release)
        stack = closing.enter_context(
            run_stack(application, settings, log=printing, debugging=debugging)
        )
        click.echo(_describe(stack, monotonic() - started))
        sys.stdout.flush()
        # watchdog takes its time to load, which the start need not wait for.
        from emulator.watching import Watch  # noqa: PLC0415

        watch = Watch(stack, load=lambda: _load(settings), loaded_at_ns=loaded_at_ns, say=_say)
        closing.callback(watch.stop)
        watch.start()
        if until_stdin_ends:
            threading.Thread(target=_watch_stdin, args=(stopping,), daemon=True).start()
        # The system may give a signal to any thread, and only the main one can act on it: it looks
        # up now and then.
        while not stopping.wait(_LOOK_UP_SECONDS):
            pass
        click.echo("stopping")


def _forget_the_users_aws() -> None:
    """Keep botocore, which moto and the refusals read names from, off the user's AWS settings.

    A profile that is not there, or a file that cannot be read, would end the emulator.
    """
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ[name] = os.devnull


def _load(settings: Settings) -> Application:
    application = load_application(
        settings.template,
        parameters=settings.parameters,
        region=settings.region,
        account_id=settings.account_id,
        cache_directory=settings.cache_directory,
    )
    if settings.strict:
        _refuse_unsupported(application)
    return application


def _terminal() -> str | None:
    """Name the terminal that the user types into; nothing where there is none."""
    return os.ttyname(0) if os.isatty(0) and os.isatty(1) else None


def _hold(printing: LogBatches, terminal: TerminalLog) -> None:
    printing.flush()
    terminal.hold()


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _naming(template: Path) -> Iterator[None]:
    """Name the template in what a service refuses of it: services know no files."""
    try:
        yield
    except TemplateError as error:
        raise error.in_file(template) from error


def _cache_directory() -> Path:
    """Tell where caches belong: https://specifications.freedesktop.org/basedir-spec/latest/."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "filestore-emulator"


def _on_signals() -> threading.Event:
    """Set an event at the first SIGINT or SIGTERM; the second ends the process at once."""
    stopping = threading.Event()

    def stop(number: int, _: object) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping


def _watch_stdin(stopping: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stopping.set()


def _refuse_unsupported(application: Application) -> None:
    for note in application.support_notes:
        if note.level == "unsupported":
            raise TemplateError(
                f"{note.place}: {note.reason}",
                file=note.file or application.template,
                line=note.line,
                remedy="leave out --strict to run without it",
            )


def _describe(stack: Stack, seconds: float) -> str:
    urls = [(f"API {name}", url) for name, url in stack.stage_urls().items()]
    urls += [(f"URL {name}", url) for name, url in stack.function_urls().items()]
    urls += [("AWS", stack.url("aws") or ""), ("page", stack.url("web") or "-")]
    urls += [("API key", stack.api_key), ("data", str(stack.data.path))]
    if stack.settings.insecure_s3:
        urls.append(("S3", "takes every request; no signature is verified (--insecure-s3)"))
    return banner(
        stack.application,
        urls=urls,
        due=stack.scheduler.next_due(),
        clock_offset=stack.process_clock.offset,
        warnings=stack.functions.warnings(),
        seconds=seconds,
        keeps_data=stack.settings.data_directory is not None,
    )
