"""Output tensors -> the body of a predict response."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from style_gan_tf.serving.rest.errors import RestError, invalid

_EXACT_POWER = 22  # 10**22 is the last power of ten that a float64 holds exactly


def write_json(value: Any) -> bytes:
    """JSON as this server sends it: NaN and Infinity as such, bytes of strings as they were."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def write_outputs(outputs: Mapping[str, np.ndarray], by_row: bool) -> bytes:
    """The answer to a predict request.

    Args:
        outputs: Tensors by name. Of strings, those whose name ends in `_bytes` become base64.
        by_row: `{"predictions": [...]}`, one element a row; else `{"outputs": ...}`. With one
            output the values stand alone, with several under their names.

    Raises:
        RestError: INVALID_ARGUMENT when outputs have no rows or differ in their number.
    """
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    if by_row:
        _check_rows(outputs)
    lists = {name: _to_lists(name, outputs[name]) for name in sorted(outputs)}
    if len(lists) == 1:
        (values,) = lists.values()
    elif by_row:
        values = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    else:
        values = lists
    return write_json({"predictions" if by_row else "outputs": values})


def _check_rows(outputs: Mapping[str, np.ndarray]) -> None:
    expected = None
    for name in sorted(outputs):
        shape = outputs[name].shape
        if not shape:
            raise invalid(f"Tensor name: {name} has no shape information")
        if expected not in (None, shape[0]):
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {shape[0]} expecting: {expected}"
            )
        expected = shape[0]


def _to_lists(name: str, tensor: np.ndarray) -> Any:
    tensor = np.asarray(tensor)
    if tensor.dtype.kind in "OSU":
        write = _base64 if name.endswith("_bytes") else _text
        flat = np.array([write(item) for item in tensor.ravel()], object)
        return flat.reshape(tensor.shape).tolist()
    if tensor.dtype.name in ("float16", "bfloat16", "float32"):
        return shortest_decimals(tensor.astype(np.float32)).tolist()
    if tensor.dtype.kind in "biu" or tensor.dtype == np.float64:
        return tensor.tolist()
    raise RestError(
        "UNIMPLEMENTED", f"Failed to write JSON value for tensor type: {tensor.dtype.name}"
    )


def _base64(item: Any) -> dict[str, str]:
    return {"b64": base64.b64encode(_octets(item)).decode("ascii")}


def _text(item: Any) -> str:
    return _octets(item).decode("utf-8", "surrogateescape")


def _octets(item: Any) -> bytes:
    return item.encode() if isinstance(item, str) else bytes(item)


def shortest_decimals(values: np.ndarray) -> np.ndarray:
    """Float64 numbers that are written shortly and read back as the same float32.

    0.2 in float32 is 0.20000000298023224 in float64; nobody wants to read that.

    Args:
        values: float32, any shape.

    Returns:
        float64, the same shape: each value rounded to the fewest of 6 to 9 significant digits
        that still give it.
    """
    flat = values.reshape(-1)
    exact = flat.astype(np.float64)
    result = exact.copy()
    waiting = np.isfinite(exact) & (exact != 0.0)
    magnitude = np.abs(np.where(waiting, exact, 1.0))
    exponent = np.floor(np.log10(magnitude)).astype(np.int64)
    for digits in range(6, 10):
        power = digits - 1 - exponent
        scale = 10.0 ** np.clip(np.abs(power), 0, _EXACT_POWER)
        rounded = np.where(
            power >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale
        )
        with np.errstate(over="ignore"):
            same = waiting & (rounded.astype(np.float32) == flat)
        result = np.where(same & (np.abs(power) <= _EXACT_POWER), rounded, result)
        waiting &= ~(same & (np.abs(power) <= _EXACT_POWER))
    # The very small and very large: few, or slow.
    for place in np.flatnonzero(waiting):
        tries = (float(f"{exact[place]:.{digits}g}") for digits in range(6, 10))
        result[place] = next(number for number in tries if np.float32(number) == flat[place])
    return result.reshape(values.shape)
