"""Taking times and printing them as rows."""

from __future__ import annotations

import threading
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def row(name: str, times: list[float]) -> None:
    """Print median and p99 of durations in seconds, as milliseconds."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{name:<58} p50 {median(ordered) * 1e3:8.2f} ms   p99 {p99 * 1e3:8.2f} ms")


def rate_row(name: str, count: int, seconds: float) -> None:
    """Print requests per second."""
    print(f"{name:<58} {count / seconds:8.0f} requests/s")


def times_of(work: Callable[[], object], count: int, *, warm_up: int | None = None) -> list[float]:
    """Do something ``count`` times, after a tenth of that, or so many, to warm up."""
    for _ in range(count // 10 if warm_up is None else warm_up):
        work()
    times = []
    for _ in range(count):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return times


def rate_of(make_work: Callable[[], Callable[[], object]], clients: int, each: int) -> float:
    """Do something from many threads, each with a client of its own; give the seconds."""
    works = [make_work() for _ in range(clients)]

    def run(work: Callable[[], object]) -> None:
        for _ in range(each):
            work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return perf_counter() - started
