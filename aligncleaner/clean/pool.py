"""Work on blocks in other processes, results in the order of the blocks, memory bounded."""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, TypeVar

from aligncleaner.errors import AligncleanerError, Fault

Given = TypeVar("Given")
Got = TypeVar("Got")

#: Blocks under way per worker: one being worked on, one waiting so that no worker idles.
_AHEAD: Final = 2


class WorkerDied(AligncleanerError):
    """A worker process was killed, most likely for want of memory. Nothing was written."""


def in_order(
    function: Callable[[Given], Got], items: Iterable[Given], workers: int
) -> Iterator[tuple[Given, Got]]:
    """Each item with `function(item)`, in order, worked out by so many processes.

    `function` goes to each process once, at its start; items and results are sent. With one
    worker everything happens here. At most two items per worker are under way at a time,
    however slow the reader of the results is.

    Raises:
        WorkerDied: if a process is killed from outside.
    """
    if workers <= 1:
        for item in items:
            yield item, function(item)
        return
    under_way: deque[tuple[Given, Future[Got]]] = deque()
    with ProcessPoolExecutor(workers, _context(), initializer=_adopt, initargs=(function,)) as pool:
        try:
            for item in items:
                under_way.append((item, _submit(pool, item)))
                if len(under_way) > _AHEAD * workers:
                    done, future = under_way.popleft()
                    yield done, future.result()
            while under_way:
                done, future = under_way.popleft()
                yield done, future.result()
        except BrokenProcessPool as error:
            fix = "give it more memory or fewer --workers, and run it again"
            raise WorkerDied(Fault("clean", "a worker process was killed", fix=fix)) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_function: Callable[[Any], Any] | None = None


def _adopt(function: Callable[[Any], Any]) -> None:
    global _function  # noqa: PLW0603 (what a worker was started with belongs to the process)
    _function = function


def _call(item: Any) -> Any:
    assert _function is not None
    return _function(item)


def _submit(pool: ProcessPoolExecutor, item: Any) -> Future[Any]:
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads. The others here are idle pools of numpy
        # and Arrow, which hold no locks and are not used by the children.
        warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        return pool.submit(_call, item)


def _context() -> multiprocessing.context.BaseContext:
    """Forking shares the compiled rules; where that is not to be had, workers start afresh."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def default_workers() -> int:
    """The processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
