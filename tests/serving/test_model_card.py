"""The model card in every export."""

import datetime
import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from style_gan_tf import __version__
from style_gan_tf.networks import build_generator
from style_gan_tf.serving import export_saved_model

TINY: dict[str, Any] = {"filters": 8, "n_blocks": 1}


def card(version: Path) -> dict[str, Any]:
    file = version / "assets.extra" / "model_card.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_what_is_known_without_being_told(tmp_path: Path) -> None:
    network = build_generator("fast", **TINY)
    told = card(export_saved_model(network, tmp_path / "monet" / "export"))
    assert told["name"] == "monet" and told["styles"] == ["monet"]
    assert told["strength"].startswith("blends")
    assert told["network"] == {
        "architecture": "fast",
        "options": {**TINY, "normalization": "instance", "num_styles": 1},
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
    assert datetime.timedelta(seconds=-2) < age < datetime.timedelta(minutes=10)


def test_what_is_told(tmp_path: Path) -> None:
    network = build_generator("fast", **TINY, num_styles=2)
    network.recipe["styles"] = ["monet", "dürer"]
    facts = {
        "name": "masters",
        "data": {"content": "photos/"},
        "flags": ["--steps=4"],
        "figures": {"kid_vgg19": 12.5},
        "licence": "CC BY 4.0",
        "author": "someone",
    }
    version = export_saved_model(network, tmp_path, max_pixels=123456, facts=facts)
    told = card(version)
    assert {name: told[name] for name in facts} == facts
    assert told["styles"] == ["monet", "dürer"]
    assert told["max_pixels"] == 123456
    # Readable by a person, too.
    assert "dürer" in (version / "assets.extra" / "model_card.json").read_text(encoding="utf-8")


def test_noise(tmp_path: Path) -> None:
    network = build_generator("noise", latent=4, filters=4, size=16)
    told = card(export_saved_model(network, tmp_path / "faces"))
    assert told["name"] == "faces" and told["styles"] == []
    assert told["signatures"]["serving_default"]["outputs"] == {"images": "float32 [?, 16, 16, 3]"}
