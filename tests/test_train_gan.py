"""Pictures out of noise, from the train command to the SavedModel and on to stylize."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf import build_discriminator, build_generator, command_line, export, stylize
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import load_noise_model
from style_gan_tf.networks import fixed_noise
from style_gan_tf.training import train
from tests.runs import assert_same_weights, run, weights

TINY = ("generator.filters=2", "generator.latent=6", "discriminator.filters=2")


@pytest.fixture
def flags(two_folders: tuple[Path, Path], tmp_path: Path) -> Callable[..., list[str]]:
    """Flags of a tiny run; keyword arguments replace or add flags."""

    def made(**changes: object) -> list[str]:
        chosen: dict[str, object] = {
            "objective": "gan",
            "generator": "noise",
            "discriminator": "image",
            "style_data": two_folders[1],
            "run_dir": tmp_path / "run",
            "crop": 16,
            "batch_size": 4,
            "steps": 3,
            "samples": 5,
            "sample_every": 0,
            "eval_every": 0,
            "log_every": 1,
            "precision": "float32",
            **changes,
        }
        options = [*TINY, *chosen.pop("set", [])]  # type: ignore[misc]
        return [*(f"--{k}={v}" for k, v in chosen.items()), *(f"--set={item}" for item in options)]

    return made


@pytest.fixture(scope="module")
def run_dir(two_folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two steps in bfloat16, with its export."""
    folder = tmp_path_factory.mktemp("runs") / "noise"
    given = [
        "--objective=gan", "--generator=noise", "--discriminator=image", "--crop=16",
        f"--style_data={two_folders[1]}", f"--run_dir={folder}", "--batch_size=4", "--steps=2",
        "--eval_every=0", "--precision=mixed_bfloat16", *(f"--set={item}" for item in TINY),
    ]  # fmt: skip
    assert run(*given) == 0
    assert command_line.run("e", "", export.define_flags, export.main, [f"--run_dir={folder}"]) == 0
    return folder


def test_a_run_shows_and_measures_what_it_generates(flags, tmp_path, capsys, monkeypatch):
    given = {"eval_every": 1, "sample_every": 2, "checkpoint_minutes": 0, "seed": 7}
    assert run(*flags(**given)) == 0
    told = capsys.readouterr().out
    assert "step 3: sliced_wasserstein" in told and "untouched" not in told
    with open(tmp_path / "run" / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert {"generator/adversarial", "discriminator/adversarial"} <= set(rows[0])
    assert sum(bool(row["sliced_wasserstein"]) for row in rows) == 3
    assert (tmp_path / "run" / "checkpoints" / "best" / "generator.keras").is_file()
    # Five pictures in rows of three; the same that stylize makes of the run's seed.
    sheets = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.stem for path in sheets] == ["step_00000000", "step_00000002", "step_00000003"]
    sheet = np.asarray(Image.open(sheets[-1]))
    assert sheet.shape == (4 + 2 * 20, 4 + 3 * 20, 3)
    model = load_noise_model(tmp_path / "run", "float32")
    first = np.rint(model.generate(model.draw(5, 7))[0] * 127.5 + 127.5)
    assert np.abs(sheet[4:20, 4:20] - first).max() <= 1


@pytest.mark.parametrize("normalization", ["batch", "none"])
def test_stopped_and_resumed_equals_uninterrupted(flags, tmp_path, normalization):
    changes = {"set": [f"generator.normalization={normalization}", "r1=1", "diff_augment=color"]}
    assert run(*flags(**changes, steps=4, run_dir=tmp_path / "whole")) == 0
    for steps in (2, 4):
        assert run(*flags(**changes, steps=steps, run_dir=tmp_path / "parts")) == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")


def test_check_tells_of_one_data_set(flags, tmp_path, capsys):
    assert run(*flags(), "--check") == 0
    told = capsys.readouterr().out
    assert "12 pictures" in told and "a step of 4 style images" in told
    assert not (tmp_path / "run").exists()


def test_a_patch_discriminator_and_fine_tuning(flags, run_dir, tmp_path):
    given = flags(discriminator="patch", init_from=run_dir, set=["discriminator.n_layers=1"])
    assert run(*(flag for flag in given if not flag.startswith("--set=generator."))) == 0
    assert weights(tmp_path / "run")[0] == "step_00000003"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"generator": "fast", "set": ["generator.latent=6"]}, 2, "latent"),
        ({"style_data": ""}, 2, "--style_data"),
        ({"crop": 50}, 2, "(by default --crop)"),
        ({"set": ["discriminator.size=32"]}, 1, "--crop=32 or --set=discriminator.size=16"),
        ({"set": ["generator.size=32"]}, 1, "--crop=32 or --set=generator.size=16"),
        ({"set": ["nce_weight=1"]}, 2, "nce_weight"),
        ({"set": ["adversarial=kind"]}, 2, "adversarial=kind"),
        ({"objective": "contrastive", "content_data": "x"}, 1, "x"),
    ],
    ids=str,
)
def test_bad_input_is_one_line(flags, tmp_path, capsys, changes, status, words):
    assert run(*flags(**changes)) == status
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and words in errors[0], errors
    assert not (tmp_path / "run").exists()


def test_kinds_of_generators_and_objectives_must_fit(flags, two_folders, capsys):
    both = {"content_data": two_folders[0], "crop": 32}
    assert run(*flags(**both, objective="contrastive")) == 2
    assert "--generator=noise: takes noise, not pictures" in capsys.readouterr().err
    given = [flag for flag in flags(generator="fast") if "generator.l" not in flag]
    assert run(*given) == 2
    assert "--generator=fast: takes pictures" in capsys.readouterr().err


def test_train_in_four_lines(two_folders, tmp_path):
    generator = build_generator("noise", latent=6, filters=2, size=16)
    discriminator = build_discriminator("image", filters=2, size=16, probability=True)
    tiny = {"batch_size": 4, "eval_every": 0, "samples": 0}
    # The crop follows the networks, the objective the generator's input.
    outcome = train(generator, discriminator, str(two_folders[1]), epochs=1, **tiny)
    assert outcome.step == 2 and outcome.generator.recipe == generator.recipe
    assert outcome.generator(fixed_noise(2, 6, seed=0)).shape == (2, 16, 16, 3)
    assert "--objective=gan" in (outcome.run_dir / "flags.txt").read_text()
    pictures = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(pictures).batch(4)
    assert train(generator, discriminator, dataset, epochs=2, samples=4).step == 4
    with pytest.raises(UsageError, match="reads style: give 1 dataset specs, not 2"):
        train(generator, discriminator, tuple(map(str, two_folders)), epochs=1)


def stylized(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def test_generate_then_stylize(run_dir, tmp_path, capsys):
    painter = tmp_path / "painter.keras"
    network = build_generator("fast", filters=4, n_blocks=1)
    network.set_weights([w + 0.1 for w in network.get_weights()])
    network.save(painter)
    noise_model = f"--noise_model={run_dir}"
    plain, painted, export = (tmp_path / name for name in ("plain", "painted", "export"))
    assert stylized("--generate=3", noise_model, f"--output={plain}") == 0
    told = capsys.readouterr().out
    assert "3 pictures generated in" in told and f"[3/3] {plain}/sample_0002.png" in told
    model = f"--model={painter}"
    assert stylized("--generate=2", noise_model, model, f"--output={painted}") == 0
    assert "2 pictures generated and stylized in" in capsys.readouterr().out
    saved = f"--noise_model={run_dir / 'export'}"
    assert stylized("--generate=2", saved, f"--output={export}", "--precision=float32") == 0

    def read(folder: Path) -> list[np.ndarray]:
        return [np.asarray(Image.open(path)).astype(int) for path in sorted(folder.iterdir())]

    assert [path.name for path in sorted(plain.iterdir())] == [
        f"sample_000{index}.png" for index in range(3)
    ]
    one, two, three = read(plain)
    assert one.shape == (16, 16, 3) and (one != two).any() and (two != three).any()
    for from_keras, from_saved_model in zip(read(plain), read(export), strict=False):
        assert np.abs(from_keras - from_saved_model).max() <= 4  # One in bfloat16, perhaps.
    assert np.abs(read(painted)[0] - one).mean() > 1
    # Another seed, other pictures; the same files are not overwritten.
    again = ("--generate=3", noise_model, f"--output={plain}", "--seed=1")
    assert stylized(*again) == 2
    assert "sample_0000.png (and 2 more) exists: --overwrite" in capsys.readouterr().err
    assert stylized(*again, "--overwrite") == 0
    assert (read(plain)[0] != one).any()


def test_what_generate_refuses(run_dir, tmp_path, capsys):
    painter = tmp_path / "painter.keras"
    build_generator("fast", filters=4, n_blocks=1).save(painter)
    (tmp_path / "file").write_bytes(b"")
    given = {"generate": 2, "noise_model": run_dir, "output": tmp_path / "out"}
    for status, named, change in [
        (2, "--noise_model is missing", {"noise_model": ""}),
        (2, "--generate is missing", {"generate": 0}),
        (2, "--output is missing", {"output": ""}),
        (2, "--input and --generate", {"input": "photos"}),
        (2, "generate", {"generate": -1}),
        (2, "seed", {"seed": -1}),
        (2, "no such file or folder", {"noise_model": "nowhere"}),
        (2, "is a file", {"output": tmp_path / "file"}),
        (2, "--strength=2", {"strength": 2}),
        (1, "painter.keras: makes no pictures out of noise", {"noise_model": painter}),
        (1, "generator.keras: makes pictures out of noise, takes none", {"model": run_dir}),
        (1, "1: makes pictures out of noise, takes none", {"model": run_dir / "export"}),
    ]:
        argv = [f"--{name}={value}" for name, value in {**given, **change}.items() if value != ""]
        assert stylized(*argv) == status, change
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not (tmp_path / "out").exists()


def test_the_saved_model_takes_noise_of_any_batch(run_dir):
    loaded = tf.saved_model.load(str(run_dir / "export" / "1"))
    assert list(loaded.signatures) == ["serving_default"]
    serve = loaded.signatures["serving_default"]
    noise = fixed_noise(3, 6, seed=1)
    pictures = serve(noise=noise)["images"].numpy()
    assert pictures.shape == (3, 16, 16, 3) and pictures.dtype == np.float32
    assert 0 <= pictures.min() < pictures.max() <= 1
    wanted = load_noise_model(run_dir, "float32").generate(noise)
    np.testing.assert_allclose(pictures * 2 - 1, wanted, atol=1e-5)
    with pytest.raises(ValueError, match=r"not \[batch, 6\]"):
        load_noise_model(run_dir / "export").generate(np.zeros((1, 5)))
