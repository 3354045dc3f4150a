"""A blind test: two results of one photo, side by side, and nobody knows whose.

What the voter gets is one HTML file, in which pictures and questions have meaningless names. What
they mean stands in a key beside it.
"""

import dataclasses
import hashlib
import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from style_gan_tf.images import eight_bits
from style_gan_tf.reports.templates import data_url, render

FORMAT = 1
CHOICES = ("left", "right", "none")


@dataclasses.dataclass(frozen=True)
class Question:
    """One photo and the two models whose results of it are compared."""

    photo: str
    left: str
    right: str


@dataclasses.dataclass(frozen=True)
class BlindTest:
    """What is asked, in which order.

    Attributes:
        salt: Makes the names on the page.
        models: Their names.
        questions: In the order of the page.
    """

    salt: str
    models: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """The test's own: votes refer to it."""
        return self.hide("test")

    def hide(self, *words: str) -> str:
        """A name that tells nothing to who has no key."""
        return hashlib.sha256("\n".join((self.salt, *words)).encode()).hexdigest()[:12]

    def number(self, question: Question) -> str:
        """The question's name on the page and in votes."""
        return self.hide("question", question.photo, question.left, question.right)

    def key(self) -> dict[str, Any]:
        """What `blind_key.json` holds."""
        return {
            "format": FORMAT,
            "test": self.name,
            "salt": self.salt,
            "models": list(self.models),
            "questions": {self.number(q): dataclasses.asdict(q) for q in self.questions},
        }


def draw_questions(models: Sequence[str], photos: Sequence[str], salt: str) -> BlindTest:
    """Draw who meets whom, on which side, in which order.

    Every two models meet once on every photo. The questions come in rounds, each photo once a
    round, and in each round all pairs of models come as often as each other, or nearly: who stops
    early has been fair. Each pair's sides change as evenly.

    Args:
        models: Two names or more.
        photos: Their keys, all different.
        salt: The same salt draws the same questions.
    """
    chance = random.Random(salt)
    pairs = list(itertools.combinations(models, 2))
    chance.shuffle(pairs)
    order = list(photos)
    chance.shuffle(order)
    # Half of a pair's photos have it the other way round.
    turned = {}
    for pair in pairs:
        half = len(order) // 2 + (chance.randrange(2) if len(order) % 2 else 0)
        turned[pair] = set(chance.sample(range(len(order)), half))
    questions = []
    for turn in range(len(pairs)):
        met = [(place, pairs[(place + turn) % len(pairs)]) for place in range(len(order))]
        chance.shuffle(met)
        for place, pair in met:
            left, right = reversed(pair) if place in turned[pair] else pair
            questions.append(Question(order[place], left, right))
    return BlindTest(salt, tuple(models), tuple(questions))


def blind_page(
    test: BlindTest,
    photos: Mapping[str, np.ndarray],
    results: Mapping[str, Mapping[str, np.ndarray]],
    style: Sequence[np.ndarray] = (),
) -> str:
    """The page, which needs nothing beside it.

    Args:
        test: What is asked.
        photos: float32 `[height, width, 3]` in [-1, 1], by their keys.
        results: Each model's, by the model's name and the photo's key; of one photo all have one
            size.
        style: Pictures in whose look the photos shall be, the same kind; may be none.
    """
    pictures = {test.hide("photo", key): picture for key, picture in photos.items()}
    for model, painted in results.items():
        pictures |= {test.hide("result", model, key): p for key, p in painted.items()}
    asked = [
        {
            "id": test.number(q),
            "photo": test.hide("photo", q.photo),
            "left": test.hide("result", q.left, q.photo),
            "right": test.hide("result", q.right, q.photo),
        }
        for q in test.questions
    ]
    return render(
        "blind.html",
        title="Which is better?",
        test={
            "format": FORMAT,
            "test": test.name,
            "questions": asked,
            # In the order of their names, which says nothing.
            "pictures": {name: data_url(eight_bits(pictures[name])) for name in sorted(pictures)},
        },
        style=[data_url(eight_bits(picture)) for picture in style],
    )
