"""JSON values -> tensors, as strictly as TF Serving reads them."""

import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from style_gan_tf.serving.rest.errors import RestError, invalid

_SHOWN = 120  # characters of a value that an error shows
_MOST_DIMENSIONS = 32  # NumPy's own limit is 64
_SPACE = re.compile(r"\s+")
_BASE64_KEY = "b64"


@dataclass(frozen=True)
class TensorSpec:
    """What a signature says of one input.

    Attributes:
        dtype: NumPy's; object for strings.
        type_name: As TensorFlow calls it: "float", "int32", "string", ...
        shape: Sizes, None where any goes; None for a shape that is not known.
    """

    dtype: np.dtype
    type_name: str
    shape: tuple[int | None, ...] | None = None

    def takes(self, shape: Sequence[int]) -> bool:
        """Whether a tensor of that shape may be fed."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            wanted in (None, size) for wanted, size in zip(self.shape, shape, strict=True)
        )


def show(value: Any) -> str:
    """The beginning of a JSON value, for an error message."""
    text = ""
    try:
        for piece in json.JSONEncoder().iterencode(value):
            text += piece[: _SHOWN + 1]
            if len(text) > _SHOWN:
                return text[:_SHOWN] + "..."
    except RecursionError:  # Hundreds of lists in each other.
        return text + "..."
    return text


def is_base64_object(value: Any) -> bool:
    """Whether a JSON value is `{"b64": "..."}`, which stands for bytes."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get(_BASE64_KEY), str)


def to_tensor(value: Any, spec: TensorSpec) -> np.ndarray:
    """One tensor from nested lists, a number, a text, true, false or `{"b64": ...}`.

    Raises:
        RestError: INVALID_ARGUMENT for a ragged value or one of the wrong type; UNIMPLEMENTED for
            a type of tensor that JSON cannot give.
    """
    shape, leaves = _flatten(value)
    return _convert(leaves, spec).reshape(shape)


def rows_to_tensor(rows: list[Any], spec: TensorSpec) -> np.ndarray:
    """One tensor of `[len(rows), ...]`; every row must have the shape of the first.

    Raises:
        RestError: See `to_tensor`; says which row.
    """
    try:
        return to_tensor(rows, spec)
    except RestError:
        _name_the_row(rows, spec)
        raise


def _name_the_row(rows: list[Any], spec: TensorSpec) -> None:
    first: tuple[int, ...] | None = None
    for row in rows:
        shape = to_tensor(row, spec).shape
        first = first if first is not None else shape
        if np.prod(shape, dtype=int) != np.prod(first, dtype=int):
            size, wanted = np.prod(shape, dtype=int), np.prod(first, dtype=int)
            raise invalid(f"Expecting tensor size: {wanted} but got: {size}")
        if shape != first:
            raise invalid(f"Expecting shape {_brackets(first)} but got: {_brackets(shape)}")


def _brackets(shape: Sequence[int]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"


def _flatten(value: Any) -> tuple[list[int], list[Any]]:
    """Shape and leaves of nested lists, level by level: a picture has 200,000 leaves."""
    if not isinstance(value, list):
        return [], [value]
    shape, level = [len(value)], value
    while level and isinstance(level[0], list):
        size = len(level[0])
        if set(map(type, level)) != {list} or set(map(len, level)) != {size}:
            _tell_ragged(value)
        shape.append(size)
        _check_rank(shape)
        level = list(chain.from_iterable(level))
    if list in set(map(type, level)):
        _tell_ragged(value)
    return shape, level


def _check_rank(shape: Sequence[int]) -> None:
    if len(shape) > _MOST_DIMENSIONS:
        raise invalid(f"A tensor of more than {_MOST_DIMENSIONS} dimensions")


def _tell_ragged(value: list[Any]) -> None:
    """Raise for the first place where nested lists are not a tensor."""
    shape, first = [], value
    while isinstance(first, list):
        shape.append(len(first))
        _check_rank(shape)
        if not first:
            break
        first = first[0]

    def walk(value: Any, level: int) -> None:
        if not isinstance(value, list):
            if level != len(shape):
                raise invalid(
                    f"JSON Value: {show(value)} found at incorrect level: {level + 1} in the JSON "
                    f"DOM. Expected at level: {len(shape)}"
                )
            return
        if level >= len(shape):
            raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
        if len(value) != shape[level]:
            raise invalid(
                f"Encountered list at unexpected size: {len(value)} at level: {level} expected "
                f"size: {shape[level]}"
            )
        for item in value:
            walk(item, level + 1)

    walk(value, 0)
    raise AssertionError("the lists are not ragged")


def _convert(leaves: list[Any], spec: TensorSpec) -> np.ndarray:
    if spec.dtype == object:
        return np.array([_octets(leaf, spec) for leaf in leaves], object)
    if spec.dtype == bool:
        return np.array(_of_types(leaves, {bool}, spec), bool)
    if spec.dtype.kind in "iu":
        limits = np.iinfo(spec.dtype)
        _of_types(leaves, {int}, spec)
        if leaves and (min(leaves) < limits.min or max(leaves) > limits.max):
            wrong = next(leaf for leaf in leaves if not limits.min <= leaf <= limits.max)
            raise _type_error(wrong, spec)
        return np.array(leaves, spec.dtype)
    if spec.type_name in ("float", "double", "half", "bfloat16"):
        return _floats(_of_types(leaves, {int, float}, spec), spec)
    raise RestError(
        "UNIMPLEMENTED",
        f"Conversion of JSON Value: {show(leaves[:1])} to type: {spec.type_name}",
    )


def _of_types(leaves: list[Any], allowed: set[type], spec: TensorSpec) -> list[Any]:
    if not set(map(type, leaves)) <= allowed:
        raise _type_error(next(leaf for leaf in leaves if type(leaf) not in allowed), spec)
    return leaves


def _floats(leaves: list[Any], spec: TensorSpec) -> np.ndarray:
    import ml_dtypes  # NumPy's own finfo knows no bfloat16.

    limits = ml_dtypes.finfo(spec.dtype)
    largest, largest_integer = float(limits.max), 2 ** (limits.nmant + 1) - 1
    try:
        values = np.array(leaves, np.float64)
    except OverflowError:
        values = np.array([np.inf])
    if np.fmax.reduce(np.abs(values), initial=0.0) > largest_integer:
        for leaf in leaves:
            limit: float = largest_integer if isinstance(leaf, int) else largest
            if limit < abs(leaf) != np.inf:
                raise invalid(
                    f"Cannot convert JSON value: {show(leaf)} to {spec.type_name} without loss of "
                    "precision."
                )
    return values.astype(spec.dtype)


def _octets(leaf: Any, spec: TensorSpec) -> bytes:
    if isinstance(leaf, str):
        try:
            # What was no UTF-8 in the request goes on as the bytes that it was.
            return leaf.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise invalid("JSON Parse error: The surrogate pair in string is invalid.") from None
    if not isinstance(leaf, dict):
        raise _type_error(leaf, spec)
    if not is_base64_object(leaf):
        raise invalid(f"JSON Value: {show(leaf)} not formatted correctly for base64 data")
    text = leaf[_BASE64_KEY]
    if _SPACE.search(text):
        text = _SPACE.sub("", text)
    try:
        # Padding may be left out.
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:  # binascii.Error, and letters beyond ASCII
        raise invalid("Unable to base64 decode") from None


def _type_error(value: Any, spec: TensorSpec) -> RestError:
    kinds = {type(None): "Null", bool: str(value), dict: "Object", list: "Array", str: "String"}
    kind = kinds.get(type(value), "Number")
    return invalid(
        f"JSON Value: {show(value)} Type: {kind} is not of expected type: {spec.type_name}"
    )
