"""How log events look to a person."""

import io
from datetime import UTC, datetime

from emulator.log_lines import log_lines, wants_colour

EVENT = {
    "when": datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
    "function_name": "Store",
    "request_id": "0123456789",
    "level": "ERROR",
    "message": "one\ntwo\n",
}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_every_line_says_where_it_comes_from():
    """Time, function and request stand before each line of an event."""
    assert log_lines(**EVENT, coloured=False) == (
        "03:04:05 Store 01234567 one\n03:04:05 Store 01234567 two\n"
    )


def test_date():
    """With a date come milliseconds."""
    line = log_lines(**{**EVENT, "message": "x"}, coloured=False, with_date=True)

    assert line == "2026-01-02 03:04:05.678 Store 01234567 x\n"


def test_colours_end_with_their_line():
    """Function and level have colours, which no line leaves to the next."""
    for line in log_lines(**EVENT, coloured=True).splitlines():
        assert "\033[31m" in line
        assert line.endswith("\033[0m")


def test_colour_is_for_terminals():
    """Colours go to a terminal only, and not where NO_COLOR forbids them."""
    assert wants_colour(Terminal(), {})
    assert wants_colour(Terminal(), {"NO_COLOR": ""})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not wants_colour(io.StringIO(), {})
