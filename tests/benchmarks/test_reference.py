"""The benchmark of styles from pictures, tiny, through the frame of every command."""

import pytest
from PIL import Image

from benchmarks import reference
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet, write_vgg19
from tests.reference_model import build


@pytest.fixture
def go(two_folders, tmp_path):
    build().save(tmp_path / "g.keras")
    write_squeezenet(tmp_path / "w.h5")
    write_vgg19(tmp_path / "v.npz")

    def run(*argv: str) -> int:
        given = (
            f"--model={tmp_path / 'g.keras'}",
            f"--content_data={two_folders[0]}",
            f"--references={two_folders[1]}",
            f"--extractor_weights={tmp_path / 'w.h5'}",
            f"--feature_weights={tmp_path / 'v.npz'}",
            "--size=80",
            "--photos=1",
            "--styles=2",
            "--steps=2",
            *argv,
        )
        return command_line.run("benchmark", "", reference.define_flags, reference.main, given)

    return run


def test_figures_and_sheet(go, tmp_path, capsys):
    assert go("--optimized=1", f"--output={tmp_path / 'sheet.png'}") == 0
    told = capsys.readouterr().out
    assert "1 photos x 2 references, 80 pixels, squeezenet" in told
    assert "nearest to the own reference: " in told and "; chance: 50%)" in told
    assert "pair 0: style distance" in told and "at equal style distance: ours" in told
    assert "encoder, 512x512: " in told and "generator by a code: " in told
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width > 3 * picture.height / 2


def test_a_model_without_an_encoder_is_refused(go, tmp_path, capsys):
    build_generator("fast", filters=4, n_blocks=1).save(tmp_path / "plain.keras")
    assert go(f"--model={tmp_path / 'plain.keras'}") == 1
    assert "has no style encoder" in capsys.readouterr().err
