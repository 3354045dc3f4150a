import numpy as np
import pytest

from style_gan_tf.images import rgb_of_oklab
from style_gan_tf.metrics import chroma_ratios, hue_shifts

SKY, LEAF, SKIN, GREY = 250, 138, 50, None


def flat(hue, chroma=0.08, lightness=0.7, size=32):
    """A picture of one colour, by the degrees of Oklab's hue."""
    angle = np.radians(hue or 0)
    lab = [lightness, *(chroma * (hue is not None) * np.array([np.cos(angle), np.sin(angle)]))]
    rgb = rgb_of_oklab(np.array(lab, np.float32))
    return np.broadcast_to(2 * rgb - 1, (size, size, 3)).astype(np.float32)


@pytest.mark.parametrize(("region", "hue"), [("sky", SKY), ("leaves", LEAF), ("skin", SKIN)])
@pytest.mark.parametrize("turn", [0, 30, -50, 180])
def test_a_turned_region_is_turned_by_so_many_degrees(region, hue, turn):
    found = hue_shifts([flat(hue)], [flat(hue + turn)], region)
    assert found == pytest.approx([abs(turn)], abs=0.5)


def test_regions_are_those_of_the_photo():
    for region, hue in (("sky", SKY), ("leaves", LEAF), ("skin", SKIN)):
        others = [flat(h) for h in (SKY, LEAF, SKIN, GREY) if h != hue]
        assert len(hue_shifts(others, [flat(hue)] * 3, region)) == 0
    assert len(hue_shifts([flat(SKY, lightness=0.3)], [flat(SKY)], "sky")) == 0  # At night.


def test_a_river_that_turns_red_is_seen_beside_a_sky_that_stays():
    photo, painted = flat(SKY).copy(), flat(SKY).copy()
    painted[16:] = flat(SKY - 180)[16:]
    assert hue_shifts([photo], [painted], "sky") == pytest.approx([90], abs=1)
    # What has lost its colour has no hue, and does not count as turned.
    painted[16:] = flat(GREY)[16:]
    assert hue_shifts([photo], [painted], "sky") == pytest.approx([0], abs=1)
    assert len(hue_shifts([photo], [flat(GREY)], "sky")) == 0


def test_a_speck_is_no_region():
    photo = flat(GREY, size=128).copy()
    photo[:8, :8] = flat(SKY)[:8, :8]
    assert len(hue_shifts([photo], [photo], "sky")) == 0
    photo[:16, :24] = flat(SKY)[:16, :24]
    assert len(hue_shifts([photo], [photo], "sky")) == 1


def test_colourfulness_against_the_photo():
    found = chroma_ratios(
        [flat(SKY), flat(LEAF), flat(GREY)], [flat(20, 0.04), flat(GREY), flat(SKY)]
    )
    np.testing.assert_allclose(found, [0.5, 0.0], atol=0.01)
