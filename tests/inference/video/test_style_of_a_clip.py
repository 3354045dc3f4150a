"""A clip has one style: its reference is encoded once, and every frame is painted by that code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from style_gan_tf import command_line, networks, stylize
from style_gan_tf.images import Picture
from style_gan_tf.inference import load_model
from style_gan_tf.inference.video import stylizing
from tests.reference_model import build, write_pictures
from tests.videos import drifting, write_video

pytest.importorskip("av")


@pytest.mark.parametrize("temporal", ["statistics", "none"])
def test_a_clip_keeps_one_code(
    temporal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "generator.keras"
    build().save(model)
    write_pictures(tmp_path)
    wave, other = (
        load_model(model, "float32", style_image=tmp_path / name)
        for name in ("wave.png", "tall.jpg")
    )
    encode, finish = networks.encode_style, stylizing.finish
    encoded: list[Any] = []
    painted: list[tuple[np.ndarray, np.ndarray]] = []

    def counted(*given: Any) -> Any:
        encoded.append(given)
        return encode(*given)

    def seen(picture: Picture, stylized: np.ndarray, *options: Any, **named: Any) -> Picture:
        """Takes frames before the video's compression, which would hide what sets looks apart."""
        painted.append((picture.rgb, stylized))
        return finish(picture, stylized, *options, **named)

    monkeypatch.setattr(networks, "encode_style", counted)
    monkeypatch.setattr(stylizing, "finish", seen)
    # A still scene: statistics that frames share are those of each, so the style alone may differ.
    frames = np.repeat(drifting(1), 12, 0)
    argv = [
        f"--model={model}",
        f"--style_image={tmp_path / 'wave.png'}",
        f"--input={write_video(tmp_path / 'clip.mp4', frames)}",
        f"--output={tmp_path / 'out.mp4'}",
        f"--temporal={temporal}",
        "--precision=float32",
    ]
    assert command_line.run("stylize", "", stylize.define_flags, stylize.main, argv) == 0
    assert len(encoded) == 1
    assert len(painted) == 12
    photos = np.stack([photo for photo, _ in painted]) / np.float32(127.5) - 1
    out = np.stack([frame for _, frame in painted])
    near, far = (np.abs(out - look.stylize(photos)).mean((1, 2, 3)) for look in (wave, other))
    assert (near < 0.2 * far).all(), (near, far)
