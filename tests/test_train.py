"""The train command as its users run it, and what goes wrong for them."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.networks import load_network
from tests.extractor_weights import write_squeezenet
from tests.runs import assert_same_weights, run, weights


def test_a_run_leaves_all_that_a_user_needs(tiny_flags, tmp_path, capsys):
    assert run(*tiny_flags(steps=3, sample_every=2)) == 0
    folder = tmp_path / "run"
    assert sorted(p.name for p in folder.iterdir()) == [
        "checkpoints",
        "flags.txt",
        "generator.keras",
        "index.html",
        "metrics.csv",
        "results.png",
        "samples",
        "summaries",
    ]
    assert sorted(p.name for p in (folder / "samples").iterdir()) == [
        f"step_{step:08d}.png" for step in (0, 2, 3)
    ]
    with open(folder / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert {"minutes", "generator/nce", "discriminator/adversarial", "learning_rate"} <= set(
        rows[0]
    )
    assert "generator.keras" in capsys.readouterr().out


def test_tensorboard_has_losses_samples_and_the_figure(tiny_flags, tmp_path):
    assert run(*tiny_flags(steps=2, sample_every=1, eval_every=1)) == 0
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "run" / "summaries"))
    events.Reload()
    tags = set(events.Tags()["tensors"])
    assert {"generator/adversarial", "learning_rate", "images_per_second", "held_out"} <= tags
    assert tags & {"kid_squeezenet", "style_distance_squeezenet", "sliced_wasserstein"}


def test_the_same_command_again_has_nothing_to_do_and_more_steps_go_on(
    tiny_flags, tmp_path, capsys
):
    assert run(*tiny_flags(steps=2)) == 0
    assert run(*tiny_flags(steps=2)) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert run(*tiny_flags(steps=3)) == 0
    assert weights(tmp_path / "run")[0] == "step_00000003"


def test_flags_txt_repeats_the_run(tiny_flags, tmp_path):
    assert run(*tiny_flags(steps=2)) == 0
    shutil.move(tmp_path / "run", tmp_path / "first")
    assert run(f"--flagfile={tmp_path / 'first' / 'flags.txt'}") == 0
    assert_same_weights(tmp_path / "first", tmp_path / "run")


def test_the_best_checkpoint_is_kept(tiny_flags, tmp_path, capsys, monkeypatch):
    assert run(*tiny_flags(steps=4, eval_every=1, eval_images=2, checkpoint_minutes=0)) == 0
    folder = tmp_path / "run" / "checkpoints" / "best"
    (best,) = folder.glob("step_*.npz")
    assert (folder / "generator.keras").is_file()
    with open(tmp_path / "run" / "metrics.csv") as file:
        scores = {
            int(row["step"]): float(row["style_distance_squeezenet"])
            for row in csv.DictReader(file)
            if row["style_distance_squeezenet"]
        }
    assert sorted(scores) == [1, 2, 3, 4]
    assert best.stem == f"step_{min(scores, key=scores.get):08d}"
    assert "the best so far" in capsys.readouterr().out


def test_the_best_by_another_metric_is_forgotten(tiny_flags, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write_squeezenet(tmp_path / "w.h5")
    flags = {"eval_every": 1, "checkpoint_minutes": 0, "content_data": tmp_path / "many"}
    flags["style_data"] = flags["content_data"]
    flags["content_data"].mkdir()
    for index in range(40):
        picture = np.full((48, 48, 3), 6 * index, np.uint8)
        Image.fromarray(picture).save(flags["content_data"] / f"{index}.png")
    assert run(*tiny_flags(**flags, steps=1)) == 0
    weights = {"extractor_weights": tmp_path / "w.h5"}
    assert run(*tiny_flags(**flags, **weights, steps=2)) == 0
    assert "step 2: kid_squeezenet" in capsys.readouterr().out
    (best,) = (tmp_path / "run" / "checkpoints" / "best").glob("step_*.npz")
    assert best.stem == "step_00000002"


@pytest.mark.parametrize("objective", ["contrastive", "cyclegan"])
def test_stopped_and_resumed_equals_uninterrupted(tiny_flags, tmp_path, objective):
    extra = ["pool_size=4"] if objective == "cyclegan" else []
    changes = {"objective": objective, "set": extra, "schedule": "constant"}
    assert run(*tiny_flags(**changes, steps=5, run_dir=tmp_path / "whole")) == 0
    for steps in (2, 5):
        assert run(*tiny_flags(**changes, steps=steps, run_dir=tmp_path / "parts")) == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")


def test_the_way_back_is_there_too(tiny_flags, tmp_path):
    assert run(*tiny_flags(objective="cyclegan", steps=2, ema=0.0)) == 0
    _, state = weights(tmp_path / "run")
    for name in ("generator", "backward_generator"):
        network = load_network(tmp_path / "run" / f"{name}.keras")
        assert network.recipe["dtype"] == "float32"
        for index, value in enumerate(network.get_weights()):
            np.testing.assert_array_equal(value, state[f"networks/{name}/{index:04d}"])


def test_a_corrupt_checkpoint_falls_back_to_the_one_before(tiny_flags, tmp_path, capsys):
    assert run(*tiny_flags(steps=4, run_dir=tmp_path / "whole")) == 0
    assert run(*tiny_flags(steps=3, run_dir=tmp_path / "cut", checkpoint_minutes=0)) == 0
    newest = tmp_path / "cut" / "checkpoints" / "step_00000003.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    assert run(*tiny_flags(steps=4, run_dir=tmp_path / "cut")) == 0
    output = capsys.readouterr().out
    assert "step_00000003.npz: damaged" in output and "at step 2" in output
    assert_same_weights(tmp_path / "whole", tmp_path / "cut")


def test_a_loss_that_is_no_number_stops_the_run(tiny_flags, tmp_path, capsys):
    assert run(*tiny_flags(learning_rate=1e30, checkpoint_minutes=0, steps=9)) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: step ") and "loss " in error and "step_0000" in error
    _, good = weights(tmp_path / "run")
    assert int(good["step"]) >= 1


def test_all_generators_and_objectives_train_together(tiny_flags, tmp_path):
    for objective in ("contrastive", "cyclegan"):
        folder = tmp_path / f"resnet_{objective}"
        assert (
            run(*tiny_flags(steps=1, generator="resnet", objective=objective, run_dir=folder)) == 0
        )
        assert (folder / "generator.keras").is_file()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_half_precisions_train(tiny_flags, tmp_path, precision):
    assert run(*tiny_flags(steps=2, precision=precision)) == 0
    _, state = weights(tmp_path / "run")
    assert all(value.dtype in (np.float32, np.int64) for value in state.values())


def test_fine_tuning_starts_from_the_model(tiny_flags, tmp_path):
    assert run(*tiny_flags(steps=1)) == 0
    tuned = tiny_flags(
        steps=1,
        init_from=tmp_path / "run",
        run_dir=tmp_path / "tuned",
        learning_rate=1e-12,
        ema=0.0,
    )
    # Its architecture comes with it.
    tuned = [flag for flag in tuned if not flag.startswith("--set=generator.")]
    assert run(*tuned) == 0
    _, before = weights(tmp_path / "run")
    _, after = weights(tmp_path / "tuned")
    names = [name for name in before if name.startswith("average/")]
    assert names
    for name in names:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)


def test_check_reports_and_leaves_a_sheet_alone(tiny_flags, tmp_path, capsys):
    folder = tmp_path / "runs" / "run"  # Nor is there a folder that it could lie in.
    assert run(*tiny_flags(run_dir=folder), "--check") == 0
    output = capsys.readouterr().out
    assert "12 pictures" in output and "speed:" in output and "memory:" in output
    assert [path.name for path in folder.parent.iterdir()] == ["run-check.png"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"objective": "alchemy"}, 2, "alchemy"),
        ({"generator": "magic"}, 2, "magic"),
        ({"discriminator": "magic"}, 2, "magic"),
        ({"set": ["nonsense=1"]}, 2, "nonsense"),
        ({"set": ["nce_weight=heavy"]}, 2, "nce_weight=heavy"),
        ({"set": ["generator.nonsense=1"]}, 2, "nonsense"),
        ({"set": ["adversarial=kind"]}, 2, "adversarial=kind"),
        ({"set": ["diff_augment=fog"]}, 2, "fog"),
        ({"content_data": "missing_folder/"}, 1, "missing_folder"),
        ({"style_data": "demo:nothing"}, 1, "demo:nothing"),
        ({"content_data": ""}, 2, "--content_data"),
        ({"crop": 512}, 1, "512"),
        ({"crop": 30}, 1, "--crop=30"),
        ({"batch_size": 0}, 2, "--batch_size=0"),
        ({"steps": 0}, 2, "--steps"),
        ({"steps": "many"}, 2, "many"),
        ({"run_dir": "/dev/null/run"}, 2, "/dev/null/run"),
        ({"init_from": "no_such_model"}, 2, "no_such_model"),
        ({"colour": "red"}, 2, "colour"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_input_is_one_line(tiny_flags, tmp_path, capsys, changes, status, words):
    assert run(*tiny_flags(**changes)) == status
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and words in errors[0]
    assert not (tmp_path / "run").exists()


def test_an_empty_folder_is_named(tiny_flags, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(*tiny_flags(style_data=tmp_path / "empty")) == 1
    assert str(tmp_path / "empty") in capsys.readouterr().err


def test_a_run_of_other_flags_is_left_as_it_is(tiny_flags, tmp_path, capsys):
    assert run(*tiny_flags(steps=1)) == 0
    before = {p: p.read_bytes() for p in sorted((tmp_path / "run").rglob("*")) if p.is_file()}
    assert run(*tiny_flags(steps=2, learning_rate=1e-3)) == 2
    assert "--learning_rate=0.001" in capsys.readouterr().err
    after = {p: p.read_bytes() for p in sorted((tmp_path / "run").rglob("*")) if p.is_file()}
    assert before == after


@pytest.mark.parametrize(
    ("discriminator", "option"), [("projected", "filters=4"), ("patch", "content_weight=1")]
)
def test_a_network_that_trains_does_not_judge(tiny_flags, capsys, discriminator, option):
    name = f"discriminator.{option}" if discriminator == "projected" else option
    given = {"discriminator": discriminator, "eval_every": 2, "extractor": "efficientnet_lite0"}
    flags = [flag for flag in tiny_flags(**given) if "discriminator.n_layers" not in flag]
    assert run(*flags, f"--set={name}", "--crop=32", "--load_size=32") == 2
    told = capsys.readouterr().err
    assert "--extractor=efficientnet_lite0: a loss of this run is taken over its features" in told
