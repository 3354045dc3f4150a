"""Many pictures keep what they are; a full disk ends the work."""

import errno
import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UserError
from style_gan_tf.images import Picture, decode, encode
from style_gan_tf.inference import Job, plan_jobs, stylize_files
from style_gan_tf.inference.color import preserve_color
from tests.images.test_color_profile import P3, PARAMETRIC, profile


class Same:
    def stylize(self, images: np.ndarray) -> np.ndarray:
        return images


class Negative:
    def stylize(self, images: np.ndarray) -> np.ndarray:
        self.seen = images
        return -images


DEEP = np.random.default_rng(0).integers(0, 65536, (9, 12, 3), np.uint16)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bits_profile_and_exif(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "me"
    display_p3 = profile(P3, PARAMETRIC)
    kind = {".png": "png", ".tif": "tiff"}[suffix]
    data = encode(DEEP, format=kind, profile=display_p3, exif=exif.tobytes())
    (tmp_path / f"a{suffix}").write_bytes(data)
    asked = []

    def precise() -> Same:
        asked.append(1)
        return Same()

    jobs = plan_jobs(tmp_path / f"a{suffix}", tmp_path / f"b{suffix}")
    assert not stylize_files(Negative(), jobs, precise=precise).failures
    assert asked
    before, after = (decode((tmp_path / f"{n}{suffix}").read_bytes(), faithful=True) for n in "ab")
    assert after.rgb.dtype == np.uint16 and after.profile == display_p3
    assert after.exif == before.exif
    with Image.open(tmp_path / f"b{suffix}") as image:
        image.load()
        assert image.getexif()[0x8298] == "me" and 0x0112 not in image.getexif()
    assert after.rgb.shape == ((12, 9, 3) if suffix == ".png" else before.rgb.shape)
    # What a network that changes nothing gives back; P3's colours beyond sRGB cannot come through.
    inside = read_inside(before)
    assert inside.mean() > 0.3
    assert np.abs(after.rgb.astype(int) - before.rgb)[inside].max() < 70


def read_inside(picture: Picture) -> np.ndarray:
    from style_gan_tf.images import read_profile

    srgb = read_profile(picture.profile).to_srgb(picture.rgb / 65535.0)
    return ((srgb > 0.02) & (srgb < 1)).all(-1)


def test_the_network_sees_srgb(tmp_path: Path) -> None:
    """A grey is the same in all of these profiles; P3's red is more than sRGB's."""
    rgb = np.zeros((4, 8, 3), np.uint8)
    rgb[:, :4] = 120
    rgb[:, 4:] = (200, 50, 50)
    model = Negative()
    for name, data in (("p3.png", profile(P3, PARAMETRIC)), ("plain.png", None)):
        (tmp_path / name).write_bytes(encode(rgb, format="png", profile=data))
        stylize_files(model, [Job(tmp_path / name, tmp_path / "out" / name)])
        if data:
            wide = model.seen
    np.testing.assert_allclose(wide[0, :, :4], model.seen[0, :, :4], atol=0.01)
    assert wide[0, 0, 5, 0] > model.seen[0, 0, 5, 0] + 0.05
    assert decode((tmp_path / "out" / "plain.png").read_bytes(), faithful=True).profile is None


def test_strength_0_keeps_the_pixels_of_any_profile(tmp_path: Path) -> None:
    data = profile(P3, PARAMETRIC)
    (tmp_path / "a.png").write_bytes(encode(DEEP, format="png", profile=data))
    jobs = plan_jobs(tmp_path / "a.png", tmp_path / "b.png")
    stylize_files(Negative(), jobs, strength=0.0, color=preserve_color)
    after = decode((tmp_path / "b.png").read_bytes(), faithful=True)
    np.testing.assert_array_equal(after.rgb, DEEP)
    assert after.profile == data


def test_a_full_disk_ends_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(9):
        (tmp_path / f"{index}.png").write_bytes(encode(DEEP, format="png"))
    fsync = os.fsync
    asked = itertools.count()  # counts in one step: several writers ask at once

    def full(descriptor: int) -> None:
        if next(asked) >= 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    failures: list[object] = []
    jobs = plan_jobs(f"{tmp_path}/*.png", tmp_path / "out")
    with pytest.raises(UserError, match=r"No space left on device.*--skip_existing") as caught:
        stylize_files(Negative(), jobs, on_failure=failures.append)
    assert "\n" not in str(caught.value) and not failures
    left = list((tmp_path / "out").iterdir())
    assert len(left) == 2  # whichever writers came first; nothing half written beside them
    for path in left:
        assert decode(path.read_bytes(), faithful=True).rgb.shape == DEEP.shape
