"""The model card of an export: what it is, what it was made from, how good it is, its licence."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from style_gan_tf.inference.card import CARD_FILE

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

SAMPLES_FILE = CARD_FILE.with_name("samples.jpg")
_FORMAT = 1


def card_of(
    network: "Network",
    facts: Mapping[str, Any],
    *,
    signatures: Mapping[str, Mapping[str, Any]],
    max_pixels: int,
    precision: str = "float32",
) -> dict[str, Any]:
    """What there is to say of an export, as JSON can hold it.

    Args:
        network: The generator.
        facts: `name`: the model's, and that of its style where it has one; and what is known of
            how it was made: any of `data`, `flags`, `steps`, `minutes`, `figures` (see
            `training.run_record`), `licence` and `samples`. More is kept as it is.
        signatures: Name -> `inputs` and `outputs`, each by name.
        max_pixels: What one request may hold.
        precision: What the weights are kept in.

    Returns:
        The card. Keys that are always there: `format`, `name`, `created`, `styles`, `strength`,
        `network`, `precision`, `max_pixels`, `signatures`, `data`, `flags`, `figures`, `licence`,
        `software`.
    """
    import keras
    import tensorflow as tf

    from style_gan_tf import __version__

    if network.latent is not None:
        styles, strength = [], "none: it takes noise"
    elif network.takes_weights:
        styles, strength = list(network.styles), "style weights that sum to less than 1"
    else:
        styles, strength = [facts["name"]], "blends the stylized pixels with the photo's"
    return {
        "format": _FORMAT,
        "name": facts["name"],
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "styles": styles,
        "strength": strength,
        "network": {
            "architecture": network.recipe["architecture"],
            "options": dict(network.recipe["options"]),
            "parameters": network.count_params(),
        },
        "precision": precision,
        "max_pixels": max_pixels,
        "signatures": {key: dict(value) for key, value in signatures.items()},
        "data": {},
        "flags": [],
        "figures": {},
        "licence": "not stated",
        **facts,
        "software": {
            "style_gan_tf": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
    }


def write_card(version: Path, card: Mapping[str, Any]) -> None:
    """Write the card into the folder of a version.

    Raises:
        OSError: When it cannot be written.
    """
    file = version / CARD_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def describe_signature(signature: Any) -> dict[str, Any]:
    """Inputs and outputs of a loaded signature: type and shape of each, `?` for any."""

    def text(spec: Any) -> str:
        if spec.shape.rank is None:
            return f"{spec.dtype.name} of any shape"
        sides = ", ".join("?" if side is None else str(side) for side in spec.shape)
        return f"{spec.dtype.name} [{sides}]"

    sides = {
        "inputs": signature.structured_input_signature[1],
        "outputs": signature.structured_outputs,
    }
    return {
        side: {name: text(spec) for name, spec in sorted(specs.items())}
        for side, specs in sides.items()
    }
