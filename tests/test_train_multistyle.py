"""Several styles through the train command, and what goes wrong for its users."""

import csv

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.networks import load_network
from tests.runs import assert_same_weights, run


@pytest.fixture
def flags(tiny_flags, two_folders):
    """Two styles: the paintings, and the photos themselves."""

    def give(*styles: str, **changes: object) -> list[str]:
        given = tiny_flags(objective="multistyle", eval_every=2, **changes)
        given = [flag for flag in given if not flag.startswith("--style_data")]
        named = styles or (f"ink={two_folders[1]}", f"oil={two_folders[0]}")
        return [*given, *(f"--style_data={style}" for style in named)]

    return give


def test_two_styles_train_and_resume(flags, tmp_path, capsys):
    assert run(*flags(steps=4)) == 0
    told = capsys.readouterr().out
    assert "sliced_wasserstein/ink" in told and "sliced_wasserstein/oil" in told
    generator = load_network(tmp_path / "run" / "generator.keras")
    assert generator.styles == ("ink", "oil")
    with open(tmp_path / "run" / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    measured = [row for row in rows if row["sliced_wasserstein"]]
    assert [row["step"] for row in measured] == ["2", "4"]
    for row in measured:
        each = [float(row[f"sliced_wasserstein/{style}"]) for style in ("ink", "oil")]
        mean = np.exp(np.mean(np.log(each)))
        np.testing.assert_allclose(float(row["sliced_wasserstein"]), mean, rtol=1e-4)
    # A row of photos and one for each style.
    with Image.open(tmp_path / "run" / "samples" / "step_00000004.png") as sheet:
        assert sheet.height > 2.5 * sheet.width
    assert run(*flags(steps=2, run_dir=tmp_path / "other")) == 0
    assert run(*flags(steps=4, run_dir=tmp_path / "other")) == 0
    assert_same_weights(tmp_path / "run", tmp_path / "other")


def test_the_command_line_wins_over_the_flagfile(flags, two_folders, tmp_path):
    """As for every other flag: the file's styles are placeholders."""
    file = tmp_path / "two.flags"
    file.write_text("--style_data=a=nowhere/\n--style_data=b=nowhere/\n--objective=multistyle\n")
    assert run(*flags(steps=1), f"--flagfile={file}") == 0
    assert load_network(tmp_path / "run" / "generator.keras").styles == ("ink", "oil")


@pytest.mark.parametrize(
    ("styles", "changes", "message"),
    [
        (["paintings/"], {}, "--style_data=paintings/: with several styles write NAME=SPEC"),
        (["ink=a"], {}, "give two styles or more"),
        (["ink=a", "ink=b"], {}, "ink is named twice"),
        (["ink=/nowhere", "oil=/nowhere"], {}, "/nowhere"),
        ([], {"batch_size": 3}, "--batch_size=3: 2 styles share a batch: make it a multiple of 2"),
        ([], {"generator": "resnet"}, "--generator=resnet: knows one style alone"),
        ([], {"objective": "contrastive"}, "learns one style, --objective=multistyle several"),
    ],
)
def test_one_line_says_what_is_wrong(flags, capsys, tmp_path, styles, changes, message):
    given = [*flags(*styles), *(f"--{name}={value}" for name, value in changes.items())]
    if changes.get("generator"):
        given = [flag for flag in given if "generator.filters" not in flag]
    assert run(*given) in (1, 2)
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
    assert not (tmp_path / "run" / "generator.keras").exists()
