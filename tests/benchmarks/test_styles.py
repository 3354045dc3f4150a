"""The benchmark of styles and their dial, tiny, through the frame of every command."""

import numpy as np
import pytest
from PIL import Image

from benchmarks import styles
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet


@pytest.fixture
def go(two_folders, tmp_path):
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=2)
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    network.recipe["styles"] = ["ink", "oil"]
    network.save(tmp_path / "g.keras")
    write_squeezenet(tmp_path / "w.h5")

    def run(*argv: str) -> int:
        given = (
            f"--model={tmp_path / 'g.keras'}",
            f"--content_data={two_folders[0]}",
            f"--extractor_weights={tmp_path / 'w.h5'}",
            "--size=40",
            "--images=2",
            *(argv or (f"--style_data=ink={two_folders[0]}", f"--style_data=oil={two_folders[1]}")),
        )
        return command_line.run("benchmark", "", styles.define_flags, styles.main, given)

    return run


def test_figures_and_sheet(go, two_folders, tmp_path, capsys, monkeypatch):
    # A tenth of twelve pictures is one: too few for a distance of distributions.
    from style_gan_tf import data

    monkeypatch.setattr(data, "split", lambda source, part: source)
    monkeypatch.setattr("style_gan_tf.data.evaluation_images.split", lambda source, part: source)
    sheet = tmp_path / "sheet.png"
    named = (f"--style_data=ink={two_folders[0]}", f"--style_data=oil={two_folders[1]}")
    assert go(*named, f"--output={sheet}") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2 photos, 40 pixels, squeezenet")
    assert [line.split()[0] for line in told[2:4]] == ["ink", "oil"]
    for line in told[4:6]:
        assert "0: 0.00" in line and "1: 1.00" in line
    with Image.open(sheet) as picture:
        assert picture.width > 4 * picture.height


@pytest.mark.parametrize(
    ("styles_given", "message"),
    [
        (["oil", "ink"], "the model's styles are ink, oil; name them in this order"),
        (["ink"], "give two styles or more"),
    ],
)
def test_what_cannot_be(go, two_folders, capsys, styles_given, message):
    assert go(*(f"--style_data={name}={two_folders[0]}" for name in styles_given)) in (1, 2)
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
