"""The model card in every export."""

import datetime
import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from style_gan_tf import __version__
from style_gan_tf.networks import build_generator
from tests.exporting.conftest import FACTS, MAX_PIXELS

TINY: dict[str, Any] = {"filters": 8, "n_blocks": 1}


def card(version: Path) -> dict[str, Any]:
    file = version / "assets.extra" / "model_card.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_what_is_known_without_being_told(plain_export: Path) -> None:
    told = card(plain_export)
    # The folder around `export`.
    assert told["name"] == "monet" and told["styles"] == ["monet"]
    assert told["strength"].startswith("blends")
    network = build_generator("fast", **TINY)
    assert told["network"]["options"].items() >= TINY.items()
    assert told["network"] == {
        "architecture": "fast",
        "options": network.recipe["options"],
        "parameters": sum(int(tf.size(weight)) for weight in network.weights),
    }
    assert told["precision"] == "float32" and told["licence"] == "not stated"
    # 4096 x 4096, which a small network bears easily.
    assert told["max_pixels"] >= 4096**2
    assert (told["data"], told["flags"], told["figures"]) == ({}, [], {})
    assert told["signatures"]["serve_bytes_strength"] == {
        "inputs": {"image_bytes": "string [?]", "strength": "float32 of any shape"},
        "outputs": {"stylized_image_bytes": "string [?]"},
    }
    assert told["software"]["style_gan_tf"] == __version__
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(told["created"])
    assert datetime.timedelta(seconds=-2) < age < datetime.timedelta(hours=1)


def test_what_is_told(styled_export: Path) -> None:
    told = card(styled_export)
    assert {name: told[name] for name in FACTS} == FACTS
    assert told["styles"] == ["monet", "dürer", "klee"]
    assert told["max_pixels"] == MAX_PIXELS
    # Readable by a person, too.
    text = (styled_export / "assets.extra" / "model_card.json").read_text(encoding="utf-8")
    assert "dürer" in text


def test_noise(noise_export: Path) -> None:
    told = card(noise_export)
    assert told["name"] == "faces" and told["styles"] == []
    assert told["signatures"]["serving_default"]["outputs"] == {"images": "float32 [?, 16, 16, 3]"}
