"""Pairs of pictures: what comes in, and what should come out.

They are the two halves of each picture, two data sets whose pictures bear the same names, or
photographs and what degradations make of them.
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import Degradation, parse_degradations
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.sources import open_source
from style_gan_tf.data.split import Part, split
from style_gan_tf.data.validation import why_too_small
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS

DIRECTIONS = ("AtoB", "BtoA")
_UNLIKE = 0.02  # of the long side: more is another view, less the rounding of a resize


class Half(Source):
    """The left or the right half of each picture of another source."""

    def __init__(self, whole: Source, side: Literal["left", "right"]) -> None:
        super().__init__(whole.spec, whole.keys, max_pixels=whole.max_pixels)
        self.whole = whole
        self.side = side
        self.skipped = whole.skipped
        self.held_out_keys = whole.held_out_keys

    def read(self, index: int) -> bytes:
        """The encoded whole: a half by itself is never encoded."""
        return self.whole.read(index)

    def picture(self, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        # Twice as much suffices, whichever side of the whole is the short one.
        rgb = self.whole.picture(index, max_pixels=max_pixels, at_least=2 * at_least)
        half = rgb.shape[1] // 2
        return np.ascontiguousarray(rgb[:, :half] if self.side == "left" else rgb[:, -half:])

    def known_size(self, index: int) -> tuple[int, int] | None:
        size = self.whole.known_size(index)
        return size and (size[0] // 2, size[1])

    def size(self, index: int) -> tuple[int, int]:
        width, height = self.whole.size(index)
        return width // 2, height

    def name(self, index: int) -> str:
        return self.whole.name(index)

    def skip(self, key: str, reason: str) -> None:
        self.whole.skip(key, reason)

    def skip_all(self, skipped: Sequence[tuple[str, str]]) -> None:
        self.whole.skip_all(skipped)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Content images and the targets that belong to them, in one order.

    Attributes:
        spec: The text that opened them, for messages.
        content: What comes in.
        target: What should come out, as many.
        degradations: The content is made of the target by these; `content` is `target` then.
    """

    spec: str
    content: Source
    target: Source
    degradations: tuple[Degradation, ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """(key, reason) of pictures that turned out to be unusable so far."""
        # Halves and photographs to degrade count what they skip in one list.
        shared = self.content.skipped is self.target.skipped
        return [*self.content.skipped, *([] if shared else self.target.skipped)]

    def part(self, part: Part) -> "Pairs":
        """The training part, the held-out part, or all; both pictures of a pair go together."""
        return self._with(split(self.content, part), split(self.target, part))

    def pick(self, indices: Sequence[int]) -> "Pairs":
        """Some of the pairs, in the order of the indices."""
        chosen = (
            Subset(source, indices, getattr(source, "part", None))
            for source in (self.content, self.target)
        )
        return self._with(*chosen)

    def _with(self, content: Source, target: Source) -> "Pairs":
        return dataclasses.replace(self, content=content, target=target)


def open_pairs(
    spec: str,
    *,
    direction: str = "AtoB",
    degrade: str = "",
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Pairs:
    """Open pairs of pictures.

    Args:
        spec: One dataset spec (see `open_source`) of pictures whose left half is A and whose
            right half is B; or two, A's and B's, with a comma between them, whose pictures are
            matched by their names without the suffix. With `degrade`, one of good photographs.
        direction: `AtoB` or `BtoA`: which is the content and which the target.
        degrade: See `parse_degradations`.
        max_pixels: Pictures with more pixels are skipped.

    Raises:
        UsageError: For a direction or degradation that does not exist.
        UserError: When a spec names nothing usable, or no names match.
    """
    if direction not in DIRECTIONS:
        raise UsageError(f"--direction={direction}: choose one of {', '.join(DIRECTIONS)}")
    degradations = parse_degradations(degrade)
    if degradations:
        photos = open_source(spec, max_pixels=max_pixels)
        return Pairs(spec, photos, photos, degradations)
    # A file or folder may have a comma in its name.
    specs = [spec] if os.path.exists(spec) else [part.strip() for part in spec.split(",")]
    if len(specs) > 2:
        raise UserError(f"{spec}: pairs come from one data set or from two, not {len(specs)}")
    sources = [open_source(part, max_pixels=max_pixels) for part in specs]
    halves = (Half(sources[0], "left"), Half(sources[0], "right"))
    a, b = halves if len(sources) == 1 else _match(*sources)
    return Pairs(spec, a, b) if direction == "AtoB" else Pairs(spec, b, a)


def _match(a: Source, b: Source) -> tuple[Source, Source]:
    """The pictures of both that have a partner, in a's order; the others are counted as skipped."""
    places_a, places_b = _by_stem(a), _by_stem(b)
    common = [stem for stem in places_a if stem in places_b]
    if not common:
        raise UserError(
            f"{a.spec},{b.spec}: no picture of the one has a name of the other (they begin with "
            f"{a.keys[0]} and {b.keys[0]}); name the two of a pair alike"
        )
    for source, own, other in ((a, places_a, b), (b, places_b, a)):
        matched = {own[stem] for stem in common}
        reason = f"no partner of this name in {other.spec}"
        source.skip_all([(key, reason) for i, key in enumerate(source.keys) if i not in matched])
    matched_a = Subset(a, [places_a[stem] for stem in common])
    matched_b = Subset(b, [places_b[stem] for stem in common])
    # By A's names, whatever B's suffixes are and wherever it goes.
    held_out = set(split(matched_a, "held_out").keys)
    matched_a.held_out_keys = frozenset(held_out)
    matched_b.held_out_keys = frozenset(
        key for own, key in zip(matched_a.keys, matched_b.keys, strict=True) if own in held_out
    )
    return matched_a, matched_b


def _by_stem(source: Source) -> dict[str, int]:
    """Places by key without suffix; of two the first in order."""
    places: dict[str, int] = {}
    for index, key in enumerate(source.keys):
        places.setdefault(str(PurePosixPath(key).with_suffix("")), index)
    return places


def validate_pairs(pairs: Pairs, augmentation: Augmentation) -> Pairs:
    """Leave out pairs that are too small or of two shapes, by headers read at opening.

    Returns:
        `pairs` itself, or some of them.

    Raises:
        UserError: When no pair is left.
    """
    usable, reasons = [], {}
    for index, key in enumerate(pairs.target.keys):
        sizes = [source.known_size(index) for source in (pairs.content, pairs.target)]
        known = [size for size in sizes if size]
        problems = [why_too_small(size, augmentation) for size in known]
        reason = next((problem for problem in problems if problem), None)
        if reason is None and len(known) == 2:
            reason = why_unlike(*known)
        if reason is None:
            usable.append(index)
        else:
            reasons[key] = reason
    if len(usable) == len(pairs):
        return pairs
    if not usable:
        key, reason = next(iter(reasons.items()))
        raise UserError(
            f"{pairs.spec}: none of the {len(pairs)} pairs is usable (the first, {key}: {reason});"
            " replace them or take a smaller crop"
        )
    told = {key for key, _ in pairs.target.skipped}
    pairs.target.skip_all([(key, why) for key, why in reasons.items() if key not in told])
    return pairs.pick(usable)


def why_unlike(content: tuple[int, int], target: tuple[int, int]) -> str | None:
    """The reason why pictures of these sizes (width, height) cannot be a pair, or None."""
    (width, height), (other_width, other_height) = content, target
    ratio = (width / height) / (other_width / other_height)
    if abs(ratio - 1) <= _UNLIKE:
        return None
    return f"a pair of two shapes, {width} x {height} and {other_width} x {other_height} pixels"
