"""The table of all shipped models: kept, gone on with, written as Markdown."""

import json

import numpy as np
import pytest
from PIL import Image

from benchmarks import shipped
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator


@pytest.fixture
def given(tmp_path, two_folders, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2, style_encoder=True)
    network.save(tmp_path / "two.keras")
    wave = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(wave).save(tmp_path / "wave.png")
    (tmp_path / "more").mkdir()
    Image.fromarray(np.full((64, 64, 3), 30, np.uint8)).save(tmp_path / "more" / "dark.png")
    entries = f"two.keras:style_1={two_folders[1].name},two.keras:image={tmp_path / 'wave.png'}"
    return [
        f"--content_data={two_folders[0]}",
        f"--content_data={tmp_path / 'more'}",
        f"--style_data={two_folders[1].parent}",
        f"--entries={entries}",
        "--sizes=40",
        f"--output={tmp_path / 'table.md'}",
        f"--results={tmp_path / 'kept'}",
    ]


def run(*argv):
    return command_line.run("shipped", "", shipped.define_flags, shipped.main, list(argv))


def test_entries_are_measured_once_and_written_as_a_table(given, tmp_path, capsys):
    assert run(*given) == 0
    kept = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert kept == ["two.keras_image_40.json", "two.keras_style_1_40.json"]
    found = json.loads((tmp_path / "kept" / kept[1]).read_text())
    # One held out of twelve, and the single one of the other folder.
    assert found["photos"] == 2 and found["style_images"] == 12
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert lines[0].startswith("At 40 pixels, 2 photos: figure ± standard error")
    assert lines[2] == "| 40 pixels | `two.keras:style_1` | `two.keras:image` |"
    rows = {line.split("`")[1]: line for line in lines[4:]}
    kid = found["columns"]["two.keras:style_1"]["kid_squeezenet"]["value"]
    assert f"{kid:.0f}" in rows["kid_squeezenet"] and rows["kid_squeezenet"].endswith("| - |")
    assert "painting_distance_vgg19-normalised" in rows
    assert all(line.count("|") == 4 for line in lines[2:])
    capsys.readouterr()
    assert run(*given) == 0
    assert capsys.readouterr().out.count("measured before") == 2
    assert run(*given, "--images=3") == 2
    assert "was measured with images 0, not 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "line"),
    [
        ("--entries=two.keras", "MODEL=COLLECTION"),
        ("--sizes=x", "--sizes=x"),
        ("--entries=nowhere=wave.png", "nowhere: no such file"),
        ("--output=", "--output is missing"),
    ],
)
def test_bad_input_gives_one_line(given, capsys, flag, line):
    assert run(*given, flag) == 2
    assert line in capsys.readouterr().err
