"""Runs on pairs through the command: two folders, halves, degradations; resume, check, export."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf import command_line, export
from style_gan_tf.data import split
from style_gan_tf.errors import UsageError
from style_gan_tf.images import decode
from style_gan_tf.inference import load_model
from style_gan_tf.metrics import PerceptualDistance
from style_gan_tf.networks import any_size, build_generator, load_extractor
from style_gan_tf.training import Settings, train
from style_gan_tf.training.distances import PairedDistance
from style_gan_tf.training.evaluation import Evaluation, open_evaluation
from style_gan_tf.training.reading import open_data, read_data
from tests.extractor_weights import write_squeezenet
from tests.runs import assert_same_weights, run, weights

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A spec of two folders: the second has the first's pictures as negatives."""
    root = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (root / name).mkdir()
    for index in range(12):
        small = Image.fromarray(rng.integers(20, 230, (6, 6, 3), np.uint8))
        picture = np.array(small.resize((72, 64), Image.Resampling.BICUBIC))
        Image.fromarray(picture).save(root / "a" / f"{index}.png")
        Image.fromarray(255 - picture).save(root / "b" / f"{index}.png")
    return f"{root / 'a'},{root / 'b'}"


@pytest.fixture
def paired_flags(pairs, tmp_path):
    def flags(**changes):
        chosen = {
            "objective": "paired",
            "paired_data": pairs,
            "generator": "restorer",
            "run_dir": tmp_path / "run",
            "crop": 32,
            "batch_size": 2,
            "steps": 3,
            "samples": 2,
            "sample_every": 0,
            "eval_every": 0,
            "log_every": 1,
            "precision": "float32",
            **changes,
        }
        tiny = ["generator.filters=4", "generator.n_blocks=1", *chosen.pop("set", [])]
        if "adversarial_weight=0" not in tiny:
            tiny += ["discriminator.filters=4", "discriminator.n_layers=1"]
        return [*(f"--{k}={v}" for k, v in chosen.items()), *(f"--set={item}" for item in tiny)]

    return flags


def columns(run_dir):
    with open(run_dir / "metrics.csv") as file:
        return list(csv.DictReader(file))


def test_pix2pix_stopped_and_resumed_equals_uninterrupted(paired_flags, tmp_path):
    changes = {"schedule": "constant", "set": ["diff_augment=color"], "eval_every": 2}
    assert run(*paired_flags(**changes, steps=4, run_dir=tmp_path / "whole")) == 0
    for steps in (2, 4):
        assert run(*paired_flags(**changes, steps=steps, run_dir=tmp_path / "parts")) == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")
    rows = columns(tmp_path / "whole")
    assert {"generator/l1", "generator/adversarial", "discriminator/adversarial"} <= set(rows[0])


def test_restoration_degrades_measures_and_exports(paired_flags, pairs, tmp_path, capsys):
    flags = paired_flags(
        paired_data=pairs.split(",")[1],
        degrade="noise:10-40,jpeg:50-90",
        set=["adversarial_weight=0"],
        eval_every=3,
        precision="mixed_bfloat16",
    )
    assert run(*flags) == 0
    folder = tmp_path / "run"
    output = capsys.readouterr().out
    assert "step 3: perceptual_squeezenet" in output
    assert not any("discriminator" in name for name in columns(folder)[0])
    assert not any("discriminator" in name for name in weights(folder)[1])
    assert (folder / "checkpoints" / "best" / "generator.keras").is_file()
    # Content, output and target, one below the other; one picture is held out.
    (sheet,) = (folder / "samples").glob("step_00000003.png")
    side = 64
    assert decode(sheet.read_bytes()).rgb.shape == (4 + 3 * (side + 4), 4 + side + 4, 3)

    exported = command_line.run(
        "export", "", export.define_flags, export.main, [f"--run_dir={folder}"]
    )
    assert exported == 0
    photo = np.random.default_rng(0).uniform(-1, 1, (1, 33, 47, 3)).astype(np.float32)
    restored = load_model(folder / "export").stylize(photo)
    assert restored.shape == photo.shape
    network = load_model(folder / "generator.keras", "float32")
    np.testing.assert_allclose(restored, network.stylize(photo), atol=1e-4)


def test_pix2pix_as_its_flagfile_has_it(pairs, tmp_path):
    """Tiny: U-Net with dropout; a resumed run equals an uninterrupted one."""
    small = ["crop=32", "load_size=40", "sample_every=0", "eval_every=0", "precision=float32"]
    small += ["set=generator.filters=4", "set=generator.depth=3", "set=discriminator.filters=4"]
    small += ["set=discriminator.n_layers=2", "schedule=constant", f"paired_data={pairs}"]
    given = [f"--flagfile={CONFIGS / 'pix2pix.flags'}", *(f"--{flag}" for flag in small)]
    for folder, steps in (("whole", 3), ("parts", 1), ("parts", 3)):
        assert run(*given, f"--steps={steps}", f"--run_dir={tmp_path / folder}") == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")


def test_flags_txt_repeats_the_run(paired_flags, pairs, tmp_path):
    assert run(*paired_flags(steps=2, direction="BtoA")) == 0
    text = (tmp_path / "run" / "flags.txt").read_text()
    assert f"--paired_data={pairs}" in text and "--direction=BtoA" in text
    (tmp_path / "run").rename(tmp_path / "first")
    assert run(f"--flagfile={tmp_path / 'first' / 'flags.txt'}") == 0
    assert_same_weights(tmp_path / "first", tmp_path / "run")
    assert run(*paired_flags(steps=3, direction="AtoB")) == 2


def test_check_shows_both_pictures_of_a_pair(paired_flags, tmp_path, capsys):
    assert run(*paired_flags(), "--check") == 0
    output = capsys.readouterr().out
    assert "12 pairs, " in output and "a row for each of content, target" in output
    assert "2 content and 2 target images" in output
    rows = decode((tmp_path / "run-check.png").read_bytes()).rgb
    # The targets are the negatives of the contents above them.
    above, below = rows[4:36].astype(int), rows[40:72].astype(int)
    inside = np.s_[:, 4:36]
    np.testing.assert_allclose(above[inside] + below[inside], 255, atol=1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"paired_data": ""}, 2, "--paired_data: missing"),
        ({"paired_data": "nowhere/"}, 1, "nowhere/"),
        ({"direction": "up"}, 2, "direction"),
        ({"degrade": "fog"}, 2, "--degrade=fog: choose from noise"),
        ({"degrade": "noise:400"}, 2, "[0, 255]"),
        ({"degrade": "noise:5", "direction": "BtoA"}, 2, "--direction=BtoA"),
        ({"degrade": "noise:5", "objective": "cyclegan"}, 2, "reads no pairs"),
        ({"set": ["l1_weight=0", "adversarial_weight=0"]}, 2, "nothing would be minimised"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_input_is_one_line(paired_flags, tmp_path, capsys, changes, status, words):
    assert run(*paired_flags(**{"content_data": "x", "style_data": "x", **changes})) == status
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and words in errors[0]
    assert not (tmp_path / "run").exists()


def test_from_python_with_a_spec_and_with_a_dataset(pairs):
    options = {
        "objective": "paired",
        "adversarial_weight": 0.0,
        "precision": "float32",
        "steps": 1,
    }
    tiny = build_generator("restorer", filters=4, n_blocks=1)
    one = train(tiny, "patch", pairs, crop=32, batch_size=2, eval_every=0, **options)
    assert one.step == 1 and one.generator.recipe == tiny.recipe
    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((pictures, -pictures)).batch(2)
    assert train(tiny, "patch", dataset, **options).step == 1
    with pytest.raises(UsageError, match="reads paired: give 1 dataset specs, not 2"):
        train(tiny, "patch", (pairs, pairs), **options)


def test_what_is_read(pairs):
    settings = Settings(
        objective="paired", paired_data=pairs, crop=32, batch_size=4, steps=1, samples=2
    )
    opened = open_data(settings)
    data = read_data(settings, opened)
    held_out = len(split(opened.sources["paired"], "held_out"))
    assert data.epoch_images == 12 - held_out
    assert data.held_out.shape == data.targets.shape == (min(2, held_out), 64, 64, 3)
    level = 1.01 / 127.5  # Resized by itself, each picture is rounded by itself.
    np.testing.assert_allclose(data.judged["content"], -data.judged["target"], atol=level)
    batch = next(iter(data.stream(0, range(4))))
    assert set(batch) == {"content", "target", "positions"}
    np.testing.assert_allclose(batch["content"], -batch["target"].numpy(), atol=level)
    degraded = dataclasses.replace(settings, paired_data=pairs.split(",")[0], degrade="grey:1")
    content = read_data(degraded, open_data(degraded)).judged["content"]
    assert np.ptp(content, axis=-1).max() < 1e-5


def test_contents_much_smaller_than_their_targets(tmp_path):
    """Held-out pairs are no larger than their contents may be enlarged to."""
    for name, side in (("a", 40), ("b", 200)):
        (tmp_path / name).mkdir()
        for index in range(6):
            Image.new("RGB", (side, side), (40 * index, 90, 0)).save(
                tmp_path / name / f"{index}.png"
            )
    for direction, size in (("AtoB", 80), ("BtoA", 40)):
        settings = Settings(
            objective="paired",
            paired_data=f"{tmp_path / 'a'},{tmp_path / 'b'}",
            direction=direction,
            crop=32,
            steps=1,
            samples=1,
        )
        data = read_data(settings, open_data(settings))
        assert data.held_out.shape == data.targets.shape == (1, size, size, 3)


@pytest.mark.parametrize("kind", ["photos", "pairs", "halves", "degraded"])
def test_a_picture_that_is_too_small_is_told_once(kind, tmp_path, caplog):
    for index in range(24):
        side = 10 if index % 4 == 0 else 64
        picture = Image.new("RGB", (2 * side, side), (5 * index, 90, 0))
        for name in ("a", "b"):
            (tmp_path / name).mkdir(exist_ok=True)
            picture.save(tmp_path / name / f"{index}.png")
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    given = {
        "photos": {
            "objective": "contrastive",
            "content_data": a,
            "style_data": f"{b}/*[13579].png",
        },
        "pairs": {"objective": "paired", "paired_data": f"{a},{b}"},
        "halves": {"objective": "paired", "paired_data": a},
        "degraded": {"objective": "paired", "paired_data": a, "degrade": "noise:5"},
    }[kind]
    settings = Settings(crop=32, batch_size=4, steps=1, samples=2, eval_every=1, **given)
    opened = open_data(settings)
    data = read_data(settings, opened)
    next(iter(data.stream(0, range(4))))
    next(iter(data.stream(4, range(4))))
    source = next(iter(opened.sources.values()))
    small = {f"{index}.png" for index in range(0, 24, 4)}
    assert len(source) == 18 and not small & set(source.keys)
    assert len(source.skipped) == 6 and {key for key, _ in source.skipped} == small
    warned = [record.getMessage() for record in caplog.records if "too small" in record.message]
    assert len(warned) == 6


def draw(seed, size=40):
    return np.random.default_rng(seed).uniform(-0.9, 0.9, (3, size, size, 3)).astype(np.float32)


def test_root_mean_square_error_in_grey_levels():
    generator = build_generator("restorer", filters=4, n_blocks=1)  # Untrained: the photo itself.
    evaluation = Evaluation(draw(0), {"target": PairedDistance(draw(0) + 0.1, None)})
    assert evaluation.name == "rmse"
    assert evaluation.untouched == pytest.approx(12.75, rel=1e-4)
    assert evaluation.score(generator) == pytest.approx(12.75, rel=1e-4)


def test_perceptual_distance_where_there_are_weights(tmp_path):
    write_squeezenet(tmp_path / "w.h5")
    settings = Settings(extractor_weights=str(tmp_path / "w.h5"))
    judged = {"content": draw(0), "target": draw(1)}
    evaluation = open_evaluation(judged, settings)
    assert evaluation.name == "perceptual_squeezenet"
    distance = PerceptualDistance(load_extractor("squeezenet", tmp_path / "w.h5"))
    generator = build_generator("fast", filters=4, n_blocks=1)
    outputs = any_size(generator, draw(0))
    for found, pictures in (
        (evaluation.untouched, draw(0)),
        (evaluation.score(generator), outputs),
    ):
        wanted = 1000 * np.mean(distance(pictures, draw(1)))
        assert found == pytest.approx(wanted, rel=1e-3)
    small = {"content": draw(0, 20), "target": draw(1, 20)}
    assert open_evaluation(small, settings).name == "rmse"
