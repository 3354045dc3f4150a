import numpy as np
import pytest

from style_gan_tf.metrics import Judge, compare_faces, find_in_all, skin_shares

SKIN, GREEN, BLUE, PAPER, LEAF = (
    (205, 150, 120),
    (110, 160, 110),
    (90, 120, 190),
    (250,) * 3,
    (70, 120, 50),
)
FACE = np.array([[16.0, 16.0, 32.0, 32.0]])


def flat(color, size=64):
    pixels = np.asarray(color, np.float32) / 127.5 - 1
    return np.broadcast_to(pixels, (size, size, 3)).astype(np.float32)


def with_face(color, around=LEAF):
    picture = flat(around).copy()
    picture[16:48, 16:48] = flat(color, 32)
    return picture


@pytest.mark.parametrize(
    ("painted", "shares"),
    [(SKIN, (0, 0)), (GREEN, (1, 0)), (BLUE, (1, 0)), (PAPER, (0, 1)), ((220, 120, 90), (0, 0))],
)
def test_what_becomes_of_skin(painted, shares):
    green, blown = skin_shares(with_face(SKIN), with_face(painted), FACE)
    # Paper's a is 0 to rounding.
    assert (round(green) if painted != PAPER else 0, round(blown)) == shares


def test_half_a_green_face_counts_half_and_what_is_no_face_not():
    painted = with_face(SKIN, around=GREEN)
    assert skin_shares(with_face(SKIN, around=SKIN), painted, FACE) == (0, 0)
    painted[16:48, 16:32] = flat(GREEN, 32)[:, :16]
    assert skin_shares(with_face(SKIN), painted, FACE)[0] == pytest.approx(0.5)


def test_a_grey_photo_has_no_skin_to_see():
    assert skin_shares(with_face((128, 128, 128), (90, 90, 90)), with_face(GREEN), FACE) is None


class Stand:
    """A detector that finds a face wherever the middle is of the colours of skin."""

    def __init__(self):
        self.asked = 0

    def __call__(self, picture):
        self.asked += 1
        return FACE if picture[32, 32, 0] > picture[32, 32, 1] else np.zeros((0, 4))


def test_means_over_the_photos_that_have_faces():
    photos = [with_face(SKIN), flat(LEAF), with_face(SKIN), with_face(SKIN)]
    painted = [with_face(GREEN), flat(GREEN), with_face(SKIN), with_face(PAPER)]
    detector = Stand()
    found = compare_faces(photos, painted, find_in_all(detector, photos), detector)
    assert found.count == 3
    np.testing.assert_allclose(found.kept, [0, 1, 0])
    np.testing.assert_allclose(found.green[:2], [1, 0])
    np.testing.assert_allclose(found.blown, [0, 0, 1])
    same = compare_faces(photos, photos, find_in_all(detector, photos), detector)
    assert same.kept.tolist() == [1, 1, 1] and not same.green.any() and not same.blown.any()


class Nothing:
    """No network is asked for a figure of skin."""

    name, standardize = "none", False


def test_the_judge_names_how_many_faces_and_looks_at_the_photos_once(monkeypatch):
    from style_gan_tf.metrics import judge as module

    kept = {n: m for n, m in module.METRICS.items() if n in ("skin_green", "faces_kept")}
    monkeypatch.setattr(module, "METRICS", kept)
    detector = Stand()
    judge = Judge([flat(LEAF)], Nothing(), Nothing(), detector=detector)
    photos = [with_face(SKIN), flat(LEAF), with_face(SKIN)]
    green, faces = judge.measure([with_face(GREEN), flat(LEAF), with_face(SKIN)], photos)
    assert green.label == "skin_green" and green.value == 0.5 and green.error == pytest.approx(0.5)
    assert green.rests_on == faces.rests_on == "2 faces in 2 photos"
    assert detector.asked == 3 + 2
    judge.measure(photos, photos)
    assert detector.asked == 3 + 2 + 2
    assert judge.measure([flat(LEAF)], [flat(LEAF)]) == []  # Nobody is there: no figure.
