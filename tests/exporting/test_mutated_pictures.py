"""Broken files through the exported signature: no crash, no wrong size."""

import ast
import subprocess
import sys
from pathlib import Path

from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import build_generator

COUNT = 4000


def test_mutated_files_are_refused_or_keep_their_size(tmp_path: Path) -> None:
    network = build_generator("fast", filters=4, n_blocks=1)
    # Small, so that headers that claim much cost no time.
    export = export_saved_model(network, tmp_path, max_pixels=2**16)
    program = Path(__file__).with_name("mutated_pictures.py")
    done = subprocess.run(
        [sys.executable, str(program), str(export), str(COUNT)], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{tmp_path / 'culprit'}: {done.stderr[-2000:]}"
    outcomes = ast.literal_eval(done.stdout.splitlines()[-1])
    assert sum(outcomes.values()) == COUNT
    # Each way is gone often.
    assert min(outcomes.values()) >= 40 and set(outcomes) == {"JPEG", "PNG", "refused"}
