"""Which pictures are trained on, and which are held out."""

import hashlib
from typing import Literal

from style_gan_tf.data.source import Source, Subset

Part = Literal["train", "held_out", "all"]
_HELD_OUT_ONE_IN = 10


def split(source: Source, part: Part) -> Source:
    """Select the training part, the held-out part, or all of a source.

    A tenth is held out by a hash of the file name (the last component of the key) alone, so that a
    picture stays on its side when others come and go or are moved between folders. From a set of
    two or more at least one is held out and at least one is left; a single picture is on both
    sides. A source's own `held_out_keys` overrule the hash.

    Splitting a part again gives a part of the whole: `split(split(s, "train"), "held_out")` is
    `split(s, "held_out")`.

    Returns:
        A view; it reads from `source` and counts what is skipped there.
    """
    if part not in ("train", "held_out", "all"):
        raise ValueError(f'part is "train", "held_out" or "all", not {part!r}')
    if isinstance(source, Subset) and source.part is not None:
        return source if source.part == part else split(source.parent, part)
    if part == "all":
        return Subset(source, range(len(source)), part)
    held_out = _held_out(source)
    if len(source) < 2:
        return Subset(source, range(len(source)), part)
    chosen = [i for i in range(len(source)) if (i in held_out) == (part == "held_out")]
    return Subset(source, chosen, part)


def _held_out(source: Source) -> set[int]:
    if source.held_out_keys is not None:
        return {i for i, key in enumerate(source.keys) if key in source.held_out_keys}
    hashes = [_hash(key) for key in source.keys]
    chosen = {i for i, value in enumerate(hashes) if value % _HELD_OUT_ONE_IN == 0}
    if not chosen and hashes:
        return {min(range(len(hashes)), key=hashes.__getitem__)}
    if len(chosen) == len(hashes):
        return chosen - {max(chosen, key=hashes.__getitem__)}
    return chosen


def _hash(key: str) -> int:
    name = key.rsplit("/", maxsplit=1)[-1]
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest())
