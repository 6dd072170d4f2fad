"""How Python itself runs in a process that only ingests."""

import gc
import sys

_OBJECTS_BEFORE_COLLECTING = 100_000
_SWITCH_S = 0.001


def tune_interpreter() -> None:
    """Fit the collector and the turns of threads to batches of tens of thousands of rows.

    Rows have no cycles, and walking them again and again took a tenth of the time of sorting. The
    thread that stores is wanted back each time the database has read what it sent: with turns of 5 ms,
    which are usual, it waited longer for the thread that sorts than for the database.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, 20, 50)
    sys.setswitchinterval(_SWITCH_S)
