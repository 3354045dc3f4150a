"""The run's page: what it shows, that it is whole at every moment, and that it costs no step."""

import errno
import re

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UserError
from style_gan_tf.training import RunFolder, Settings
from style_gan_tf.training.run_page import RunPage, Standing
from style_gan_tf.training.samples import SampleSheet
from tests.extractor_weights import write_squeezenet
from tests.runs import run


def sheet(names=("photo", "stylized")):
    pictures = [np.full((40, 60, 3), 80 * row, np.uint8) for row in range(len(names))]
    return SampleSheet([[picture, picture] for picture in pictures], list(names))


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    folder = RunFolder(tmp_path / "my <run>")
    folder.open(Settings(run_dir=str(folder.path), content_data="a & b"))
    rows = ["step,minutes,generator/nce,kid_squeezenet"]
    rows += [
        f"{s},{s / 10},{1 / s},{ {10: 30, 20: 12.5, 30: 25}.get(s, '') }" for s in range(1, 31)
    ]
    folder.metrics.write_text("\n".join(rows) + "\n")
    return folder


def page_of(folder, figure="kid_squeezenet", **options):
    settings = Settings(run_dir=str(folder.path), content_data="a & b")
    return RunPage(folder, settings, figure, **options)


def test_it_says_where_the_run_is(folder):
    page_of(folder, untouched=99.5).update(Standing(30, 120, 3.0, "9.0 min left"))
    text = folder.page.read_text()
    assert "<b>training</b>: step 30 of 120, 3.0 minutes, 9.0 min left" in text
    assert '<progress max="1" value="0.2500"' in text
    assert "my &lt;run&gt;" in text and "<run>" not in text
    words = " ".join(re.sub("<[^>]*>", " ", text).split())
    assert "best 12.5 at step 20 last 25 at step 30 (2.00 times the best)" in words
    assert "untouched photos 99.5" in words
    assert "kernel distance to the style images" in text
    assert (
        f"tensorboard --logdir=&#39;{folder.summaries}&#39;".replace("<run>", "&lt;run&gt;") in text
    )
    assert "--content_data=a &amp; b" in text
    assert text.count("<svg") == 2  # The figure, and the loss.
    assert text.index("kid_squeezenet</text>") < text.index("generator/nce</text>")


def test_it_looks_for_news_only_while_there_may_be_some(folder):
    page = page_of(folder)
    page.update(Standing(30, 0, 3.0))
    assert 'http-equiv="refresh"' in folder.page.read_text()
    assert "location.reload" in folder.page.read_text()
    page.update(Standing(40, 0, 4.0, state="finished"))
    text = folder.page.read_text()
    assert "refresh" not in text and "reload" not in text
    assert "<b>finished</b>: step 40, 4.0 minutes" in text
    assert "<progress max" not in text  # Nobody knows how much is done.


def test_pictures_are_linked_and_never_inside(folder):
    for step in range(0, 1000, 100):
        Image.new("RGB", (8, 8)).save(folder.samples / f"step_{step:08d}.png")
    page = page_of(folder)
    page.update(Standing(30, 0, 3.0))
    assert 'src="samples/step_00000900.png"' in folder.page.read_text()
    page.show(sheet())
    page.update(Standing(30, 0, 3.0))
    text = folder.page.read_text()
    assert 'src="results.png?step=900"' in text and "data:image" not in text
    found = [int(step) for step in re.findall(r'src="samples/step_(\d+)\.png"', text)]
    assert len(found) == 6 and found == sorted(found, reverse=True)
    assert found[0] == 800 and found[-1] == 0
    assert len(text) < 40_000


def test_results_are_labelled(folder):
    page = page_of(folder)
    page.show(sheet())
    page.update(Standing(30, 0, 3.0))
    with Image.open(folder.results) as picture:
        pixels = np.asarray(picture)
    plain = sheet().plain()
    # A line of text above each row, and below it the pictures.
    assert pixels.shape == (plain.shape[0] + 2 * 18 + 4, plain.shape[1], 3)
    assert (pixels[:18] < 128).any() and (pixels[22:62, 4:64] == 0).all()


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EACCES])
def test_a_full_disk_costs_a_warning_and_no_step(folder, monkeypatch, capsys, reason):
    def full(path, data):
        raise UserError(f"{path}: cannot be written") from OSError(reason, "no")

    page = page_of(folder)
    page.update(Standing(1, 0, 0.1))
    before = folder.page.read_bytes()
    monkeypatch.setattr("style_gan_tf.training.run_page.write_file", full)
    for step in range(2, 5):
        page.show(sheet())
        page.update(Standing(step, 0, 0.1))
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("warning") == 1 == told.err.count("\n")
    assert str(folder.results) in told.err and "training goes on" in told.err
    assert folder.page.read_bytes() == before


def test_it_takes_no_more_than_its_share_of_the_time(folder, monkeypatch):
    now, written = [0.0], []
    monkeypatch.setattr("style_gan_tf.training.run_page.time.monotonic", lambda: now[0])

    def slow(path, data):
        now[0] += 5.0
        written.append(now[0])

    monkeypatch.setattr("style_gan_tf.training.run_page.write_file", slow)
    page = page_of(folder)
    for step in range(400):
        now[0] += 10.0
        page.stale = True
        page.update(Standing(step, 0, 0.1))
        assert not page.stale
    assert 5 <= len(written) <= 10  # 5 seconds each in more than 4,000.
    page.show(sheet())
    page.update(Standing(400, 0, 0.1, state="finished"))
    assert written[-1] == now[0], "the end is always written"


@pytest.mark.filterwarnings("ignore:.*Precision loss:RuntimeWarning")
def test_a_run_of_the_command(tiny_flags, tmp_path, capsys):
    weights = tmp_path / "w.h5"
    write_squeezenet(weights)
    flags = tiny_flags(steps=4, sample_every=2, eval_every=2, extractor_weights=weights)
    assert run(*flags) == 0
    folder = RunFolder(tmp_path / "run")
    lines = capsys.readouterr().out.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("step "))
    assert f"page: {folder.page}" in lines[:first]
    text = folder.page.read_text()
    assert "<b>finished</b>: step 4 of 4" in text and "refresh" not in text
    assert 'src="results.png?step=4"' in text and 'src="samples/step_00000000.png"' in text
    assert "at step 4" in text and "<svg" in text
    with Image.open(folder.results) as picture:
        assert picture.size == (4 + 64 + 4, 2 * (18 + 4 + 64 + 4))
    hidden = [path.name for path in folder.path.iterdir() if path.name.startswith(".")]
    assert hidden == []


def test_a_run_that_breaks_says_so(tiny_flags, tmp_path, capsys):
    assert run(*tiny_flags(steps=40, learning_rate=1e30, ema=0.0)) == 1
    text = (tmp_path / "run" / "index.html").read_text()
    assert "<b>ended by an error" in text and "a lower --learning_rate" in text
    assert "reload" not in text
