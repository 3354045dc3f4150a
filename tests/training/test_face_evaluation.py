"""Faces are watched while a run trains, by a stand-in for the detector."""

import numpy as np
import pytest

from style_gan_tf.networks import build_generator
from style_gan_tf.training.distances import SlicedWasserstein
from style_gan_tf.training.evaluation import Evaluation, FaceEvaluation, open_evaluation
from style_gan_tf.training.settings import Settings

SKIN, LEAF = (205, 150, 120), (70, 120, 50)
FACE = np.array([[8.0, 8.0, 24.0, 24.0]])


def flat(color, count=1, size=40):
    pixels = np.asarray(color, np.float32) / 127.5 - 1
    return np.broadcast_to(pixels, (count, size, size, 3)).astype(np.float32)


class Stand:
    """Finds a face where the middle is redder than green."""

    def __init__(self):
        self.asked = 0

    def __call__(self, picture):
        self.asked += 1
        return FACE if picture[20, 20, 0] > picture[20, 20, 1] else np.zeros((0, 4))


PHOTOS = np.concatenate([flat(SKIN), flat(LEAF), flat(SKIN), flat(LEAF)])


def test_photos_with_faces_alone_are_looked_at_again():
    detector = Stand()
    faces = FaceEvaluation(PHOTOS, detector)
    assert detector.asked == 4
    assert faces.details(PHOTOS) == {"skin_green": 0.0, "faces_kept": 1.0}
    assert detector.asked == 4 + 2
    green = PHOTOS.copy()
    green[0] = flat(LEAF)[0]
    assert faces.details(green) == {"skin_green": 0.5, "faces_kept": 0.5}


def test_where_nobody_is_there_nothing_is_said():
    detector = Stand()
    assert FaceEvaluation(flat(LEAF, 3), detector).details(flat(SKIN, 3)) == {}
    assert detector.asked == 3


def test_a_score_brings_what_becomes_of_faces():
    generator = build_generator("fast", filters=4, n_blocks=1)  # Untrained, it gives the photo.
    distances = {"style": SlicedWasserstein(flat(LEAF, 3))}
    evaluation = Evaluation(PHOTOS, distances, FaceEvaluation(PHOTOS, Stand()))
    assert evaluation.details == {}
    evaluation.score(generator)
    kept = evaluation.details["faces_kept"]
    assert set(evaluation.details) == {"skin_green", "faces_kept"} and 0 <= kept <= 1


def test_of_several_styles_each_has_its_own_and_none_decides():
    generator = build_generator("fast", filters=4, n_blocks=1, num_styles=2)
    styles = {name: SlicedWasserstein(flat(c, 2)) for name, c in (("oil", LEAF), ("ink", SKIN))}
    evaluation = Evaluation(PHOTOS, styles, FaceEvaluation(PHOTOS, Stand()))
    watched = evaluation.score(generator)
    names = {f"{name}/{style}" for name in ("skin_green", "faces_kept") for style in styles}
    assert names < set(evaluation.details)
    assert Evaluation(PHOTOS, styles).score(generator) == pytest.approx(watched)


def test_runs_watch_the_faces_in_their_held_out_photos():
    detector = Stand()
    sets = {"content": PHOTOS, "style": flat(LEAF, 3)}
    evaluation = open_evaluation(sets, Settings(), detector=detector)
    assert detector.asked == 4
    evaluation.score(build_generator("fast", filters=4, n_blocks=1))
    assert "skin_green" in evaluation.details
    alone = open_evaluation({**sets, "style": flat(LEAF, 1)}, Settings(), detector=detector)
    alone.score(build_generator("fast", filters=4, n_blocks=1))
    assert "skin_green" in alone.details
    noise = open_evaluation(sets, Settings(), np.zeros((4, 8), np.float32), detector=detector)
    assert noise.faces is None
