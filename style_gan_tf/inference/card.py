"""What an export's model card says of how it wants to be used."""

import json
from pathlib import Path
from typing import Any

CARD_FILE = Path("assets.extra", "model_card.json")


def read_card(version: Path) -> dict[str, Any]:
    """The card of a SavedModel; empty where there is none, or none that can be read.

    Args:
        version: Its folder; any other path has no card.
    """
    try:
        card = json.loads((version / CARD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def styles_in(card: dict[str, Any]) -> list[str]:
    """The names of its styles; none where they are not told, or not as names."""
    names = card.get("styles")
    return names if isinstance(names, list) and all(isinstance(n, str) for n in names) else []


def paint_size_in(card: dict[str, Any]) -> int:
    """Pixels of the longer side at which the model paints larger pictures best; 0: their own."""
    size = card.get("paint_size", 0)
    return size if type(size) is int and size > 0 else 0
