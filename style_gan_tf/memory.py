"""How the process keeps its memory."""

import ctypes
import sys

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_GIBIBYTE = 2**30


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks of up to a gibibyte instead of handing them back.

    TensorFlow allocates feature maps anew at every step. By default glibc returns such large
    blocks to the system and gets zeroed pages for the next ones: a tenth to a third of a
    network's time on a CPU, for some ten per cent less memory (docs/benchmarks.md). Does nothing
    where there is no glibc.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # Another C library.
        return
    mallopt(_M_MMAP_THRESHOLD, _GIBIBYTE)
    mallopt(_M_TRIM_THRESHOLD, _GIBIBYTE)
