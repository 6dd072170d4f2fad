"""Settings of the Python interpreter for a process that only ingests."""

import gc
import sys

_OBJECTS_BEFORE_COLLECTING = 100_000
_SWITCH_S = 0.001


def tune_interpreter() -> None:
    """Tune garbage collection and thread switching for batches of tens of thousands of rows.

    Rows form no cycles, and scanning them took a tenth of the time of decoding. The thread that stores
    must run as soon as the database has read what it sent; with the default switch interval of 5 ms it
    waited longer for the decoding thread than for the database.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, 20, 50)
    sys.setswitchinterval(_SWITCH_S)
