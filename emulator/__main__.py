"""``emulator``, the command, and ``python -m emulator``."""

import signal


def run() -> None:
    """Run the command; until ``up`` has something to stop, Ctrl-C ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from emulator.cli import main  # noqa: PLC0415 -- Ctrl-C while it loads would be a traceback

    main()


if __name__ == "__main__":
    run()
