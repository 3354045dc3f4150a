"""Which floating point type a device computes convolutions fastest in."""

import logging
from pathlib import Path

PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")


def fastest_precision() -> str:
    """The Keras dtype policy for inference on this machine.

    mixed_bfloat16 on a GPU from compute capability 8.0 on and on a CPU with bfloat16
    instructions (4 to 8 times as fast there); float32 elsewhere, where bfloat16 is emulated.
    """
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "mixed_bfloat16" if _cpu_has_bfloat16() else "float32"
    capabilities = [
        tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        for gpu in gpus
    ]
    return "mixed_bfloat16" if min(capabilities) >= (8, 0) else "float32"


def choose_precision(precision: str) -> str:
    """Resolve `auto`, and warn where a precision would be slow on this machine.

    Args:
        precision: One of PRECISIONS.

    Returns:
        A Keras dtype policy.
    """
    fastest = fastest_precision()
    if precision in ("auto", fastest):
        return fastest
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU") and precision != "float32":
        if precision == "mixed_float16":
            slow = "a CPU computes float16 gradients many times slower than float32"
        else:
            slow = "this CPU has no bfloat16 instructions, so it is slower than float32"
        logging.getLogger("style_gan_tf").warning(
            "--precision=%s: %s; --precision=auto takes %s", precision, slow, fastest
        )
    return precision


def _cpu_has_bfloat16() -> bool:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # Not Linux: nothing to look at.
        return False
    features = next((line.split() for line in lines if line.startswith("flags")), [])
    return bool({"amx_bf16", "avx512_bf16"} & set(features))
