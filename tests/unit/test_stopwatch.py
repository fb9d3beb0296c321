"""The stopwatch of time limits."""

from emulator.stopwatch import Stopwatch


def test_stands_while_held():
    """It runs, stands while anybody holds it, and goes on from where it stood."""
    stopwatch = Stopwatch()
    before = stopwatch.seconds()
    with stopwatch.held():
        stood = stopwatch.seconds()
        with stopwatch.held():
            assert stopwatch.is_held
        assert stopwatch.seconds() == stood
        assert stopwatch.is_held

    assert not stopwatch.is_held
    assert before <= stood <= stopwatch.seconds()
