"""The body of a predict request -> a signature's name and its input tensors."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from style_gan_tf.serving.rest.errors import RestError, invalid
from style_gan_tf.serving.rest.tensors import (
    TensorSpec,
    is_base64_object,
    rows_to_tensor,
    show,
    to_tensor,
)

DEFAULT_SIGNATURE = "serving_default"
# What RapidJSON, TF Serving's parser, says where Python's parser says something else.
_PARSE_ERRORS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Expecting ',' delimiter": "Missing a comma or a closing bracket.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
}


def parse_document(body: bytes | bytearray) -> dict[str, Any]:
    """Read a request's JSON object; bytes after it are ignored, NaN and Infinity are numbers.

    Raises:
        RestError: INVALID_ARGUMENT for what is no JSON object.
    """
    # No UTF-8 check: strings hold the bytes that came.
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if start == len(text):
        raise invalid("JSON Parse error: The document is empty")
    try:
        document, _ = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        reason = _PARSE_ERRORS.get(error.msg, error.msg)
        raise invalid(f"JSON Parse error: {reason} at offset: {error.pos}") from None
    except RecursionError:
        raise invalid("JSON Parse error: Nested too deeply.") from None
    except ValueError:  # An integer of thousands of digits.
        raise invalid("JSON Parse error: Number too big to be stored.") from None
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {show(document)} Is not object")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two members of one name the first counts, as for RapidJSON.
    return dict(pairs) if len(pairs) < 2 else {**dict(reversed(pairs))}


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def signature_name(document: Mapping[str, Any]) -> str:
    """The signature that a request names, or the default one.

    Raises:
        RestError: INVALID_ARGUMENT when the name is no text.
    """
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(
            f"JSON Value: {show(document)} not formatted correctly. 'signature_name' key must be "
            "a string value."
        )
    return name or DEFAULT_SIGNATURE


def read_inputs(
    document: Mapping[str, Any], specs: Mapping[str, TensorSpec]
) -> tuple[dict[str, np.ndarray], bool]:
    """The input tensors of a request, and whether it is by row (`instances`).

    Args:
        document: What `parse_document` gave.
        specs: The signature's inputs by name.

    Raises:
        RestError: INVALID_ARGUMENT when they are not what the signature takes.
    """
    if not specs:
        raise invalid(f"Failed to get input map for signature: {signature_name(document)}")
    by_row = "instances" in document
    if by_row and "inputs" in document:
        raise invalid(
            f"JSON Value: {show(document)} Not formatted correctly expecting only one of 'inputs' "
            "or 'instances' keys to exist"
        )
    if by_row:
        tensors = _by_row(document, specs)
    elif "inputs" in document:
        tensors = _by_column(document["inputs"], specs)
    else:
        raise invalid("Missing 'inputs' or 'instances' key")
    for name, tensor in tensors.items():
        if not specs[name].takes(tensor.shape):
            wanted = [-1 if size is None else size for size in specs[name].shape or ()]
            raise invalid(
                f"Input {name} has shape {list(tensor.shape)}, and the signature takes {wanted}"
            )
    return tensors, by_row


def _by_column(inputs: Any, specs: Mapping[str, TensorSpec]) -> dict[str, np.ndarray]:
    if not isinstance(inputs, dict) or (len(specs) == 1 and is_base64_object(inputs)):
        if len(specs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        ((name, spec),) = specs.items()
        return {name: to_tensor(inputs, spec)}
    for name in specs:
        if name not in inputs:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: to_tensor(inputs[name], spec) for name, spec in specs.items()}


def _by_row(document: Mapping[str, Any], specs: Mapping[str, TensorSpec]) -> dict[str, np.ndarray]:
    rows = document["instances"]
    if not isinstance(rows, list):
        raise invalid(f"JSON Value: {show(document)} Expecting 'instances' to be an list/array")
    if not rows:
        raise invalid(f"JSON Value: {show(document)} No values in 'instances' array")
    named = _is_named(rows[0])
    if not named and len(specs) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    for index, row in enumerate(rows):
        if _is_named(row) != named:
            kinds = ("object", "list") if named else ("value/list", "object")
            raise invalid(f"Expecting {kinds[0]} but got {kinds[1]} at item {index} of input list")
        if named:
            _check_keys(row, index, specs)
    try:
        if not named:
            ((name, spec),) = specs.items()
            return {name: rows_to_tensor(rows, spec)}
        return {
            name: rows_to_tensor([row[name] for row in rows], spec) for name, spec in specs.items()
        }
    except RestError as error:
        if error.code != "INVALID_ARGUMENT":
            raise
        raise invalid(f"Failed to process 'instances' list. Error: {error}") from None


def _is_named(row: Any) -> bool:
    """Whether a row is an object of inputs by name."""
    return isinstance(row, dict) and not is_base64_object(row)


def _check_keys(row: Mapping[str, Any], index: int, specs: Mapping[str, TensorSpec]) -> None:
    where = f"Failed to process element: {index}"
    for name in row:
        if name not in specs:
            raise invalid(
                f"{where} key: {name} of 'instances' list. Error: JSON object: does not have "
                f"named input: {name}"
            )
    if len(row) != len(specs):
        raise invalid(
            f"{where} of 'instances' list. JSON object: {show(row)} keys must be equal to: "
            f"{','.join(sorted(specs))}"
        )
