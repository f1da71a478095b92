"""Python reads this at start in a process whose clock is stepped. From 3.11 on `time.sleep` waits until a moment of the
monotonic clock, which libfaketime 0.9.10 mistakes for one of the wall clock, and refuses."""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
