# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several pieces of work at a time, in threads, their results taken by the one thread that asked. Private to this collection.

What threads gain is the time in which the server thinks and the bytes travel; decoding shares one interpreter whatever
their number.
"""

from __future__ import annotations

import queue
import signal
import threading
from collections import deque
from types import TracebackType
from typing import Any, Callable, Deque, Dict, Generic, Iterator, List, Optional, Sequence, Tuple, Type, TypeVar

from .session import Session

Work = TypeVar("Work")
Value = TypeVar("Value")

DEFAULT_WORKERS = 4
_LOOK = 0.5  # seconds between two looks at whether anybody still waits for the results
_PARTING = 1.0  # seconds that are given to threads to notice the end; none is waited for longer, as the process may be about to end
_FOR_MAIN_THREAD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Crew(Generic[Work, Value]):
    """Threads that work off a list, which may grow while they do; a context manager.

    Iterating yields the results as they come and ends when nothing is left to do. Not more than ``workers`` results wait
    to be taken: threads that are ahead of the taker stand still, so memory stays within that many results.

    Args:
        perform: does one piece of work, in a thread; what it raises is raised by the iteration.
        workers: number of threads.
        check: called by the iteration at least every half second; raises to end it.
    """

    def __init__(self, perform: Callable[[Work], Value], workers: int, check: Callable[[], None]) -> None:
        self._perform = perform
        self._check = check
        self._waiting: Deque[Work] = deque()
        self._changed = threading.Condition()
        self._over = False
        self._results: queue.Queue[Tuple[Optional[Value], Optional[BaseException]]] = queue.Queue(maxsize=workers)
        self._unfinished = 0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _number in range(workers)]

    def __enter__(self) -> Crew[Work, Value]:
        # A thread inherits the mask of its start. A signal that the kernel gave to one of them would not wake the main
        # thread, where alone Python runs handlers.
        former = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_MAIN_THREAD)
        try:
            for thread in self._threads:
                thread.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, former)
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        with self._changed:
            self._over = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_PARTING / len(self._threads))

    def add(self, work: Work) -> None:
        """Put a piece of work at the end of the list; for the thread that iterates."""
        self._unfinished += 1
        with self._changed:
            self._waiting.append(work)
            self._changed.notify()

    def __iter__(self) -> Iterator[Value]:
        while self._unfinished:
            self._check()
            try:
                value, error = self._results.get(timeout=_LOOK)
            except queue.Empty:
                continue
            self._unfinished -= 1
            if error is not None:
                raise error
            yield value  # type: ignore[misc]  # it is a value where there is no error

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._over:
                    self._changed.wait()
                if self._over:
                    return
                work = self._waiting.popleft()
            try:
                result: Tuple[Optional[Value], Optional[BaseException]] = (self._perform(work), None)
            except Exception as error:  # noqa: BLE001 - raised again where the results are taken
                result = (None, error)
                with self._changed:
                    self._waiting.clear()  # the error ends the iteration: nobody begins anything more
            self._hand_over(result)

    def _hand_over(self, result: Tuple[Optional[Value], Optional[BaseException]]) -> None:
        while not self._over:
            try:
                self._results.put(result, timeout=_LOOK)
            except queue.Full:
                continue
            return


def in_parallel(session: Session, function: Callable[[Work], Value], items: Sequence[Work], workers: int = DEFAULT_WORKERS) -> List[Value]:
    """Return what the function makes of each item, in the order of the items; it asks the server in the session's one log-on session.

    Raises what the function raised first, and Interrupted when nobody waits for the result any more.
    """
    if len(items) < 2:
        return [function(item) for item in items]
    found: Dict[int, Value] = {}

    def numbered(work: Tuple[int, Any]) -> Tuple[int, Value]:
        return work[0], function(work[1])

    with Crew(numbered, min(workers, len(items)), session.check_interrupted) as crew:
        for work in enumerate(items):
            crew.add(work)
        found.update(crew)
    return [found[number] for number in range(len(items))]
