"""The command `evaluate`: models in, report.json and index.html out."""

import json
from pathlib import Path

import numpy as np
import pytest
from absl import flags
from PIL import Image

from style_gan_tf import command_line, evaluate
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import find_model
from style_gan_tf.metrics import METRICS
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet, write_torchvision_squeezenet


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "w.h5"
    write_squeezenet(path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, two_folders) -> Path:
    """A run folder with metrics, a generator and an export of it."""
    folder = tmp_path_factory.mktemp("run")
    network = build_generator("fast", filters=8, n_blocks=1)
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export")
    lines = ["# A run of style_gan_tf, format 1.", f"--content_data={two_folders[0]}"]
    (folder / "flags.txt").write_text("\n".join(lines) + "\n")
    (folder / "metrics.csv").write_text("step,minutes,loss\n1,0.1,3\n2,0.2,2\n")
    return folder


@pytest.fixture(autouse=True)
def few_figures(monkeypatch):
    """The command is tested here, not the figures: without those that take long."""
    for name in ("fid", "style_distance", "sliced_wasserstein", "cfsd", "artfid"):
        monkeypatch.delitem(METRICS, name)


def run(*argv: object) -> int:
    arguments = [str(argument) for argument in argv]
    return command_line.run("evaluate", "", evaluate.define_flags, evaluate.main, arguments)


@pytest.fixture
def given(two_folders, weights, tmp_path) -> list[str]:
    return [
        f"--content_data={two_folders[0]}",
        f"--style_data={two_folders[1]}",
        f"--extractor_weights={weights}",
        f"--output={tmp_path / 'report'}",
        "--size=40",
    ]


def test_held_out_photos_against_all_style_images(given, model, tmp_path, monkeypatch):
    from style_gan_tf import data

    def split(source, part):
        return data.spread(source, 3) if part == "held_out" else source

    monkeypatch.setattr(data, "split", split)
    asked = (f"--model=m={model}", "--part=held_out", "--style_part=all")
    assert run(*given, *asked) == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["photos"] == 3 and found["style_images"] > 3
    assert (found["part"], found["style_part"]) == ("held_out", "all")
    page = (tmp_path / "report" / "index.html").read_text()
    assert "3 photos (held out of training) and" in page


def test_two_models_share_one_report(given, model, tmp_path, capsys):
    models = f"--model=keras={model},saved={model / 'export'}"
    assert run(*given, models, "--part=all", "--images=5") == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    columns = found["columns"]
    assert list(columns) == ["untouched photos", "keras", "saved", "real style images"]
    for name, figure in columns["keras"].items():
        saved = columns["saved"][name]["value"]
        np.testing.assert_allclose(figure["value"], saved, rtol=0.05, atol=0.05)
    assert found["photos"] == 5 and found["part"] == "all" and found["size"] == 40
    page = (tmp_path / "report" / "index.html").read_text()
    # Both lie in the run folder, whose curve is one: it is drawn twice in one frame.
    assert page.count("<svg") == 1 and page.count("<polyline") == 2
    assert "kid_squeezenet" in capsys.readouterr().out


def test_runs_joined_by_a_plus_are_one_column(given, model, tmp_path, capsys):
    runs = f"--model=all={model}+{model / 'export'},one={model}"
    assert run(*given, runs, "--part=all", "--images=4") == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert list(found["columns"]) == ["untouched photos", "all", "one", "real style images"]
    assert len(found["runs"]["all"]) == 2
    assert run(*given, f"--model=all={model}+nowhere", "--overwrite") == 2
    assert "nowhere: no such file or folder" in capsys.readouterr().err


def test_at_the_size_of_use_pictures_are_whole_and_squares_stand_beside(model, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("photos", "paintings"):
        (tmp_path / name).mkdir()
        for index in range(4):
            pixels = rng.integers(0, 255, (24, 36, 3)).astype(np.uint8)
            picture = Image.fromarray(pixels).resize((360, 240), Image.Resampling.BICUBIC)
            picture.save(tmp_path / name / f"{index}.png")
    given = [f"--content_data={tmp_path / 'photos'}", f"--style_data={tmp_path / 'paintings'}"]
    given += [f"--model=m={model}", f"--output={tmp_path / 'report'}", "--size=340", "--images=2"]
    # With the package's own weights.
    assert run(*given, "--extractor_weights=", "--part=all") == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["size"] == 340 and found["squares"]["size"] == 227
    assert set(found["columns"]["m"]) >= {"kid_squeezenet", "sharpness", "flatness"}
    assert set(found["squares"]["columns"]["m"]) == set(found["columns"]["m"])
    assert (tmp_path / "report" / "squares.html").exists()


def test_what_a_model_was_trained_on_is_held_out(given, model, capsys):
    assert run(*given, f"--model={model}") == 1
    assert "--part=held_out: 1 photos and 1 style images are too few" in capsys.readouterr().err


def test_lpips_where_its_weights_are_given(given, model, tmp_path):
    write_torchvision_squeezenet(tmp_path / "net.npz")
    channels = (64, 128, 256, 384, 384, 512, 512)
    layers = {f"lin{i}": np.ones(count, np.float32) for i, count in enumerate(channels)}
    np.savez(tmp_path / "lin.npz", **layers)
    files = f"--lpips_weights={tmp_path / 'net.npz'},{tmp_path / 'lin.npz'}"
    assert run(*given, f"--model=m={model}", "--part=all", "--images=3", files) == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert "content_distance_lpips_torchvision-squeezenet" in found["columns"]["m"]


def test_a_report_is_not_overwritten_unasked(given, model, tmp_path, capsys):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text("mine")
    assert run(*given, f"--model={model}") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (tmp_path / "report" / "report.json").read_text() == "mine"
    assert run(*given, f"--model={model}", "--part=all", "--images=3", "--overwrite") == 0


@pytest.mark.parametrize(
    ("flags", "status", "line"),
    [
        (["--model="], 2, "--model is missing"),
        (["--model=nowhere"], 2, "nowhere: no such file or folder"),
        (["--model=MODEL,MODEL"], 2, "two models are called"),
        (["--model=MODEL", "--extractor=alexnet"], 2, "--extractor=alexnet: choose one of"),
        (["--model=MODEL", "--extractor_weights=no.h5"], 1, "no.h5: no such file"),
        (["--model=MODEL", "--content_data=empty"], 1, "empty"),
        (["--model=MODEL", "--part=all", "--size=20"], 1, "give --size=32"),
        (["--model=MODEL", "--lpips_weights=one.npz"], 2, "--lpips_weights: name two files"),
        (["--model=MODEL", "--images=-1"], 2, "--images"),
    ],
)
def test_bad_input_gives_one_line(given, model, monkeypatch, tmp_path, capsys, flags, status, line):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert run(*given, *(flag.replace("MODEL", str(model)) for flag in flags)) == status
    error = capsys.readouterr().err
    assert line in error and "Traceback" not in error
    assert len([x for x in error.splitlines() if x.startswith("error")]) <= 1


@pytest.fixture
def paired_run(tmp_path: Path, two_folders) -> Path:
    """A run folder of an untrained restorer, trained on pairs by its flags."""
    folder = tmp_path / "paired_run"
    folder.mkdir()
    build_generator("restorer", filters=4, n_blocks=1).save(folder / "generator.keras")
    lines = ["# A run of style_gan_tf, format 1.", f"--paired_data={two_folders[0]}"]
    (folder / "flags.txt").write_text("\n".join(lines) + "\n")
    return folder


def test_pairs_that_are_made_by_degrading(paired_run, two_folders, weights, tmp_path):
    given = [
        f"--model=it={paired_run}",
        f"--paired_data={two_folders[0]}",
        "--degrade=noise:25",
        f"--extractor_weights={weights}",
        f"--output={tmp_path / 'report'}",
        "--size=64",
    ]
    assert run(*given, "--part=all") == 0
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["paired_data"] == str(two_folders[0]) and found["degrade"] == "noise:25"
    assert found["photos"] == found["style_images"] == 12
    # Untrained, a restorer gives the photo: sigma 25 is 20 dB.
    for column in ("untouched photos", "it"):
        assert found["columns"][column]["reference_psnr"]["value"] == pytest.approx(20.2, abs=0.5)
    # Trained on these data, the tenth that was held out is too little to measure on.
    assert run(*given, "--overwrite") == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--paired_data=a", "--content_data=b"], "--content_data: leave it"),
        (["--content_data=a", "--style_data=b", "--degrade=noise"], "--degrade: name"),
        (["--paired_data=a", "--degrade=fog"], "--degrade=fog"),
        (["--content_data=a"], "--style_data is missing"),
    ],
)
def test_data_that_do_not_go_together(paired_run, tmp_path, capsys, given, words):
    assert run(f"--model={paired_run}", f"--output={tmp_path / 'report'}", *given) == 2
    assert words in capsys.readouterr().err


def test_folders_of_pairs_may_be_content_and_reference(paired_run, two_folders):
    (paired_run / "flags.txt").write_text(
        f"# A run of style_gan_tf, format 1.\n--paired_data={two_folders[0]},{two_folders[1]}\n"
    )
    models = {"it": find_model(paired_run)}
    for given, part in (
        (["--style_data=x/", f"--content_data={two_folders[0]}"], "held_out"),
        (["--style_data=x/", "--content_data=elsewhere/"], "all"),
        ([f"--paired_data={two_folders[0]},{two_folders[1]}"], "held_out"),
        (["--paired_data=elsewhere/"], "all"),
    ):
        values = flags.FlagValues()
        evaluate.define_flags(values)
        values(["", *given])
        assert evaluate._part(values, models) == part
    styles = f"--style_data=oil={two_folders[0]}\n--style_data=ink={two_folders[1]}\n"
    (paired_run / "flags.txt").write_text(styles)
    values(["", f"--style_data={two_folders[1]}", "--paired_data="])
    assert evaluate._part(values, models) == "held_out"
    (paired_run / "flags.txt").write_text("# A run of style_gan_tf, format 1.\n")
    assert evaluate._part(values, models) == "all"
