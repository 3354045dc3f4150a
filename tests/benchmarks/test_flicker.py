"""The flicker of a panned still picture: nothing for what moves along, all for what sticks."""

import numpy as np
import pytest
from PIL import Image

from benchmarks import flicker
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator


def photo(size=110):
    """Smooth waves, which resampling hardly harms."""
    y, x = np.mgrid[:size, :size] / 12
    waves = [np.sin(x + y), np.cos(x - 0.5 * y), np.sin(0.7 * x) * np.cos(y)]
    return 0.8 * np.stack(waves, axis=-1).astype(np.float32)


def test_the_pan_goes_where_it_is_said_to():
    frames = flicker.pan(photo(), 96, 5)
    assert frames.shape == (5, 96, 96, 3)
    # Four steps are one pixel down and three across.
    np.testing.assert_allclose(frames[4, :90, :90], frames[0, 1:91, 3:93], atol=0.02)
    assert np.abs(frames[1] - frames[0]).mean() > 0.02


def test_what_moves_along_does_not_flicker():
    frames = flicker.pan(photo(), 96, 5)
    assert flicker.flicker(frames) < 0.2
    assert flicker.flicker(-0.5 * frames) < 0.1
    # Without being moved back it would be many grey levels.
    assert 127.5 * np.abs(np.diff(frames, axis=0)).mean() > 3


def test_what_sticks_to_the_frame_flickers():
    """Columns of 0 and 0.2 in turns, four pixels each, that stay while the picture moves."""
    frames = flicker.pan(photo(), 96, 5)
    pattern = 0.2 * (np.arange(96) // 4 % 2)[None, None, :, None].astype(np.float32)
    found = flicker.flicker(0.5 * frames + pattern)
    # Edges every four pixels, of 0.2, each moved by 3/4 pixel.
    assert found == pytest.approx(127.5 * 0.2 * 0.75 / 4, rel=0.15)
    assert flicker.flicker(np.zeros((3, 96, 96, 3), np.float32)) == 0


def run(*argv):
    main = flicker.main
    return command_line.run("flicker", "", flicker.define_flags, main, list(argv))


def test_the_command(tmp_path, capsys):
    for index in range(2):
        pixels = np.rint((photo(140) + 1) * 127.5).astype(np.uint8)
        Image.fromarray(np.roll(pixels, 30 * index, 0)).save(tmp_path / f"{index}.png")
    for name, seed in (("a", 0), ("b", 1)):
        network = build_generator("fast", filters=4, n_blocks=1)
        rng = np.random.default_rng(seed)
        network.set_weights([w + rng.normal(0, 0.2, w.shape) for w in network.get_weights()])
        network.save(tmp_path / f"{name}.keras")
    models = f"--model={tmp_path / 'a.keras'},{tmp_path / 'b.keras'}"
    assert run(models, f"--content_data={tmp_path}", "--size=96", "--frames=3") == 0
    told = capsys.readouterr().out
    assert "the photos themselves: 0." in told and "+-" in told
    assert told.splitlines()[-1].startswith(f"ratio: {tmp_path / 'b.keras'} flickers ")
    assert run(models) == 2
    assert run(models, f"--content_data={tmp_path}", "--size=64", "--frames=99") == 2
    assert "--frames=99: too many for --size=64" in capsys.readouterr().err
