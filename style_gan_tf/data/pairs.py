"""Pairs of pictures: what comes in, and what should come out.

They are the two halves of each picture, two data sets whose pictures bear the same names, or
photographs and what degradations make of them.
"""

import os
from pathlib import PurePosixPath
from typing import Any, Literal

import numpy as np
from PIL import Image

from style_gan_tf.data.degradation import Degradation, parse_degradations
from style_gan_tf.data.loader import why_too_small, why_unlike
from style_gan_tf.data.open_source import open_source
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, ImageError, resize_short_side

DIRECTIONS = ("AtoB", "BtoA")


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


class PairSource(Source):
    """Content images and the targets that belong to them, as pictures of six channels.

    Keys, names and sizes are those of the targets.

    Args:
        spec: The text that opened them, for messages.
        content: What comes in.
        target: What should come out, as many in the same order.
        degradations: The content is made of the target by these; `content` is `target` then.
    """

    channels = 6
    noun = "pairs"

    def __init__(
        self,
        spec: str,
        content: Source,
        target: Source,
        degradations: tuple[Degradation, ...] = (),
    ) -> None:
        super().__init__(spec, target.keys, max_pixels=target.max_pixels)
        self.content = content
        self.target = target
        self.degradations = degradations
        self.held_out_keys = target.held_out_keys
        # Halves and photographs to degrade count what they skip in one list.
        shared = content.skipped is target.skipped
        self.skipped = target.skipped if shared else [*content.skipped, *target.skipped]

    def read(self, index: int) -> bytes:
        """The encoded target: two pictures are never encoded as one."""
        return self.target.read(index)

    def picture(self, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        """Read and decode pair `index`: uint8 [height, width, 6], the content's channels first.

        Their short side is `at_least`: of one size, the two fit each other. Where degradations
        make the content, the target alone, [height, width, 3], as any picture.

        Raises:
            ImageError: When one is unusable, or the two are of different shapes.
        """
        limits = {"max_pixels": max_pixels, "at_least": at_least}
        if self.degradations:
            return self.target.picture(index, **limits)
        target = self._resized(self.target, index, **limits)
        content = self._resized(self.content, index, **limits)
        sizes = [(picture.shape[1], picture.shape[0]) for picture in (content, target)]
        if reason := why_unlike(*sizes):
            raise ImageError(reason)
        if sizes[0] != sizes[1]:
            # A pixel of rounding: exactly the target's size, or crops would not fit each other.
            resized = Image.fromarray(content).resize(sizes[1], Image.Resampling.BICUBIC)
            content = np.array(resized)
        return np.concatenate([content, target], axis=-1)

    def _resized(self, source: Source, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        """One picture of a pair; where the two are files of their own an error names it."""
        named = "" if self.content.spec == self.target.spec else f"{source.name(index)}: "
        try:
            rgb = source.picture(index, max_pixels=max_pixels, at_least=at_least)
        except ImageError as error:
            raise ImageError(named + str(error).removeprefix("it: ")) from error
        except OSError as error:
            raise ImageError(named + (error.strerror or str(error))) from error
        if reason := why_too_small((rgb.shape[1], rgb.shape[0]), at_least):
            raise ImageError(named + reason)
        return resize_short_side(rgb, at_least)

    def known_size(self, index: int) -> tuple[int, int] | None:
        return self.target.known_size(index)

    def known_sizes(self, index: int) -> tuple[tuple[int, int], ...]:
        target = self.target.known_sizes(index)
        return target if self.degradations else self.content.known_sizes(index) + target

    def size(self, index: int) -> tuple[int, int]:
        return self.target.size(index)

    def name(self, index: int) -> str:
        return self.target.name(index)


def content_and_target(pairs: Any) -> tuple[Any, Any]:
    """The two pictures of what is made of a pair: `[..., 3]` each of an array `[..., 6]`."""
    return pairs[..., :3], pairs[..., 3:]


def open_pairs(
    spec: str,
    *,
    direction: str = "AtoB",
    degrade: str = "",
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> PairSource:
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
        return PairSource(spec, photos, photos, degradations)
    # A file or folder may have a comma in its name.
    specs = [spec] if os.path.exists(spec) else [part.strip() for part in spec.split(",")]
    if len(specs) > 2:
        raise UserError(f"{spec}: pairs come from one data set or from two, not {len(specs)}")
    sources = [open_source(part, max_pixels=max_pixels) for part in specs]
    halves = (Half(sources[0], "left"), Half(sources[0], "right"))
    a, b = halves if len(sources) == 1 else _match(*sources)
    content, target = (a, b) if direction == "AtoB" else (b, a)
    return PairSource(spec, content, target)


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
