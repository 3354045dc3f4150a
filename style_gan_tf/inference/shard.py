"""A share of the pictures for each of several machines."""

import hashlib
import re
from dataclasses import dataclass

from style_gan_tf.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """One of `count` shares of the work.

    A picture's share is a hash of its name: machines that find more or fewer pictures than others,
    because some are being copied still, do not take one another's. Shares are even but for chance.

    Attributes:
        index: 1 to `count`.
        count: How many there are.
    """

    index: int = 1
    count: int = 1

    def takes(self, name: str) -> bool:
        """Whether a picture belongs to this share.

        Args:
            name: Its path in the output folder, with `/`.
        """
        digest = hashlib.sha256(name.encode(errors="surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index - 1


def parse_shard(text: str) -> Shard:
    """Read `2/8`, the second of eight; nothing is all of the work.

    Raises:
        UsageError: For anything else.
    """
    if not text:
        return Shard()
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard={text}: expected i/n, from 1/n to n/n")
    return Shard(int(match[1]), int(match[2]))
