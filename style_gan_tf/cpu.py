"""How TensorFlow shall use a CPU; call it before TensorFlow is imported."""

import ctypes
import os
import sys

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_GIBIBYTE = 2**30


def tune_cpu(deterministic: bool = False) -> None:
    """Take oneDNN's convolutions on every CPU, and keep freed memory.

    TensorFlow itself turns oneDNN on only where it finds AVX-512; with AVX2 alone a training
    step takes half the time with it (docs/tensorflow.md), but two runs then differ by rounding now
    and then. What the user has set in the environment stays.

    Args:
        deterministic: Leave oneDNN to TensorFlow, which makes runs repeatable to the last bit.

    Feature maps are allocated anew at every step. By default glibc hands such large blocks back to
    the system and gets zeroed pages for the next ones, which costs a tenth to a third of a
    network's time; here it keeps blocks of up to a gibibyte, for some ten per cent more memory.
    """
    if not deterministic:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # Another C library.
        return
    mallopt(_M_MMAP_THRESHOLD, _GIBIBYTE)
    mallopt(_M_TRIM_THRESHOLD, _GIBIBYTE)
