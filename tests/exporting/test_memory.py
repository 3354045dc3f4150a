"""The memory that an export takes for the largest pictures."""

import subprocess
import sys
from pathlib import Path

import pytest

from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import build_generator

_PROGRAM = """
import re
import sys

import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
for side in map(int, sys.argv[2:]):
    rows = tf.range(side, dtype=tf.int32) * 255 // side
    pixels = tf.stack(tf.meshgrid(rows, rows) + [tf.zeros([side, side], tf.int32)], axis=-1)
    picture = tf.io.encode_jpeg(tf.cast(pixels, tf.uint8))
    del rows, pixels
    answer = model.signatures["serve_bytes"](image_bytes=picture[tf.newaxis])
    print(*tf.io.extract_jpeg_shape(answer["stylized_image_bytes"][0]).numpy())
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_fast_takes_4096_by_4096_in_3_gigabytes(tmp_path: Path) -> None:
    path = export_saved_model(build_generator("fast"), tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(path), "1", "4096"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *sizes, peak = done.stdout.splitlines()
    assert sizes == ["1 1 3", "4096 4096 3"]
    # What the picture itself takes, decoded, and what is too little to be true.
    assert 4096**2 * 3 * 4 < int(peak) < 3e9
