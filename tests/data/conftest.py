from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.images import encode


@pytest.fixture
def folder_of(tmp_path):
    """Write pictures of noise and give their folder: folder_of({"a.png": (width, height)})."""

    def make(sizes: dict[str, tuple[int, int]], name: str = "photos") -> Path:
        folder = tmp_path / name
        for number, (file_name, (width, height)) in enumerate(sizes.items()):
            path = folder / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            rgb = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
            path.write_bytes(encode(rgb, format="png"))
        return folder

    return make
