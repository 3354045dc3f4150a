"""The restoration benchmark: its figures, and that non-local means gets its best setting."""

import numpy as np
import pytest
from PIL import Image

from benchmarks import restoration
from style_gan_tf import command_line
from style_gan_tf.data import open_source, parse_degradations
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet

pytest.importorskip("skimage")


@pytest.fixture
def photos(tmp_path):
    """Two smooth photographs, one upright."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for index, size in enumerate([(56, 40), (40, 56)]):
        small = Image.fromarray(rng.integers(60, 200, (3, 3, 3), np.uint8))
        small.resize(size, Image.Resampling.BICUBIC).save(folder / f"{index}.png")
    return folder


def flat(value: float, size: int = 32) -> np.ndarray:
    return np.full((size, size, 3), value, np.float32)


def distance(left, right):
    return np.abs(left - right).mean(axis=(1, 2, 3))


def test_figures_are_means_over_rounded_pictures():
    photographs = [
        restoration.Photograph(flat(0.5), flat(0.0)),
        restoration.Photograph(flat(0.25), flat(0.0)),
    ]
    decibels, similarity, far = restoration.figures(
        lambda photograph: photograph.degraded, photographs, distance, ""
    )
    # Half grey is 127.5 + 63.75 = 191.25, which a file holds as 191.
    errors = np.array([round(127.5 * (1 + value)) / 127.5 - 1 for value in (0.5, 0.25)])
    assert decibels == pytest.approx(np.mean(20 * np.log10(2 / errors)), abs=1e-3)
    assert far == pytest.approx(errors.mean(), abs=1e-5)
    assert similarity < 1


def test_photographs_keep_their_size_and_are_always_damaged_alike(photos):
    noise = parse_degradations("noise:25")
    read = restoration.read(open_source(str(photos)), noise)
    assert [p.target.shape for p in read] == [(40, 56, 3), (56, 40, 3)]
    again = restoration.read(open_source(str(photos)), noise)
    np.testing.assert_array_equal(read[1].degraded, again[1].degraded)
    assert read[0].damage * 127.5 == pytest.approx(25, rel=0.03)
    middle = read[0].middle(20)
    np.testing.assert_array_equal(middle.target, read[0].target[10:30, 18:38])
    assert read[0].middle(100).target.shape == (40, 56, 3)


def test_non_local_means_helps_and_its_best_settings_are_taken(photos, monkeypatch):
    read = restoration.read(open_source(str(photos)), parse_degradations("noise:25"))
    monkeypatch.setattr(restoration, "_SETTINGS", ((3, 2, 0.01), (5, 6, 0.6), (5, 6, 0.5)))

    class Distance:
        name = "distance"

        def __call__(self, left, right):
            return distance(left, right)

    chosen = restoration.best_non_local_means(read, Distance())
    assert chosen and not any("3, 2" in name for name in chosen)
    (name, restore), *_ = chosen.items()
    assert "best PSNR" in name
    before, after = (
        restoration.figures(f, read, distance, "")[0] for f in (lambda p: p.degraded, restore)
    )
    assert after > before + 5


def test_the_command(photos, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(restoration, "_SETTINGS", ((3, 2, 0.6),))
    build_generator("restorer", filters=4, n_blocks=1).save(tmp_path / "model.keras")
    write_squeezenet(tmp_path / "w.h5")

    def run(*flags):
        return command_line.run(
            "benchmark", "", restoration.define_flags, restoration.main, list(flags)
        )

    given = [
        f"--model={tmp_path / 'model.keras'}",
        f"--data={photos}",
        f"--extractor_weights={tmp_path / 'w.h5'}",
    ]
    assert run(*given) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0] == "2 photographs, noise:25, means"
    assert lines[1].split() == ["PSNR,", "dB", "SSIM", "perceptual_squeezenet"]
    degraded, means, model = (line.split()[-3:] for line in lines[2:])
    # Untrained, a restorer gives what it gets.
    assert np.allclose(np.float64(degraded), np.float64(model), atol=2e-4)
    assert float(means[0]) > float(degraded[0])
    assert run(f"--data={photos}") == 2 and "--model is missing" in capsys.readouterr().err
    assert run(*given, "--degrade=fog") == 2 and "--degrade=fog" in capsys.readouterr().err
