"""All shipped models by all figures, as a Markdown table.

    python -m benchmarks.shipped --content_data=photos/ --content_data=people/ \\
        --style_data=pictures/ --sizes=227,768 --output=shipped.md

Each entry is a model, or one style of it, and the style images that it is set against, which lie
below --style_data. Photos are the held-out tenth, which the hash of their names decides, so that no
model has seen them. Each entry's figures are kept as JSON in --results, at once, and not measured
again: a long run can be broken off, and another entry costs its own time alone. docs/evaluation.md
says what the figures see.
"""

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.data import Source
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS

_IMAGE = "image"  # as a style: the one style picture itself, shown to a style encoder
_ENTRIES = (
    "painting:van_gogh=collections/vangogh",
    "painting:ukiyo_e=collections/ukiyoe",
    "painting:watercolour=collections/watercolour",
    "painting:ink=collections/ink_punch",
    "painting:engraving=collections/engraving_dore",
    "cartoon=collections/cartoon_colour",
    "great_wave=one_style/hokusai_great_wave.jpg",
    "any_style:painting=collections/vangogh",
    "any_style:cartoon=collections/cartoon_colour",
    # These two paint nothing: what they change of a photo that needs no mending.
    "restore=photos",
    "denoise=photos",
)


class Entry(NamedTuple):
    """A model, one of its styles or none, and where its style images lie below --style_data."""

    model: str
    style: str
    images: str

    @property
    def name(self) -> str:
        return f"{self.model}:{self.style}" if self.style else self.model


class _Joined(Source):
    """Several sources as one."""

    def __init__(self, parts: list[Source]) -> None:
        keys = [key for part in parts for key in part.keys]
        super().__init__(" and ".join(part.spec for part in parts), keys)
        self._places = [(part, index) for part in parts for index in range(len(part))]

    def read(self, index: int) -> bytes:
        part, place = self._places[index]
        return part.read(place)


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_multi_string(
        "content_data", [], "Dataset spec of photos; can be given again.", flag_values=values
    )
    flags.DEFINE_string("style_data", "", "Folder of collections.", flag_values=values)
    flags.DEFINE_list(
        "entries",
        list(_ENTRIES),
        "MODEL=COLLECTION or MODEL:STYLE=COLLECTION, below --style_data; with `image` as STYLE a "
        "style encoder is shown the one picture that COLLECTION is.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "sizes",
        ["227", "768"],
        "As evaluate's --size: up to 320 middle squares, above whole pictures.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "images", 0, "The most of each set; 0: all.", lower_bound=0, flag_values=values
    )
    flags.DEFINE_string("extractor", "squeezenet", "Whose features measure.", flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What .keras models compute in.", flag_values=values
    )
    flags.DEFINE_string(
        "results", "runs/shipped", "Folder of the figures of each entry.", flag_values=values
    )
    flags.DEFINE_string("output", "", "The Markdown file to write.", flag_values=values)


def main(values: flags.FlagValues) -> None:
    """Measure what is missing and write the tables."""
    for flag in ("content_data", "style_data", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    entries = [parse_entry(text) for text in values.entries]
    sizes = [_size(text) for text in values.sizes]
    found = {entry: find_model(entry.model) for entry in entries}
    folder = Path(values.results)
    folder.mkdir(parents=True, exist_ok=True)
    command_line.load_tensorflow()
    for size in sizes:
        for entry in entries:
            path = result_path(folder, entry, size)
            conditions = _conditions(values, entry, size, str(found[entry].path))
            if path.exists():
                _refuse_other(path, conditions)
                print(f"{entry.name} at {size}: measured before ({path})")
                continue
            told = _measure(values, entry, found[entry], size)
            text = json.dumps({"conditions": conditions, **told}, indent=2)
            path.write_text(text + "\n", encoding="utf-8")
            print(f"{entry.name} at {size}: {path}", flush=True)
    parts = []
    for size in sizes:
        read = {entry.name: _read(result_path(folder, entry, size)) for entry in entries}
        parts.append(markdown(read, size))
    Path(values.output).write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"tables: {values.output}")


def parse_entry(text: str) -> Entry:
    """`MODEL=COLLECTION` or `MODEL:STYLE=COLLECTION`.

    Raises:
        UsageError: For anything else.
    """
    named, _, images = text.partition("=")
    model, _, style = named.partition(":")
    if not model or not images:
        raise UsageError(f"--entries={text}: MODEL=COLLECTION or MODEL:STYLE=COLLECTION")
    return Entry(model, style, images)


def _size(text: str) -> int:
    if not text.isdigit() or int(text) < 32:
        raise UsageError(f"--sizes={text}: pixels, from 32 on")
    return int(text)


def result_path(folder: Path, entry: Entry, size: int) -> Path:
    """Where the figures of an entry are kept."""
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in entry.name)
    return folder / f"{name}_{size}.json"


def _conditions(values: Any, entry: Entry, size: int, path: str) -> dict[str, Any]:
    """What figures hang on: others under the same name are refused."""
    return {
        "content_data": list(values.content_data),
        "style_data": str(Path(values.style_data) / entry.images),
        "model": path,
        "size": size,
        "images": values.images,
        "extractor": values.extractor,
    }


def _refuse_other(path: Path, conditions: dict[str, Any]) -> None:
    before = _read(path)["conditions"]
    if before != conditions:
        name = next(key for key in conditions if before.get(key) != conditions[key])
        raise UsageError(
            f"--results={path.parent}: {path.name} was measured with {name} {before.get(name)}, "
            f"not {conditions[name]}: remove it, or give another folder"
        )


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _measure(values: Any, entry: Entry, model: Any, size: int) -> dict[str, Any]:
    from style_gan_tf import data, reports
    from style_gan_tf.metrics import Judge
    from style_gan_tf.networks import load_extractor

    spec = str(Path(values.style_data) / entry.images)
    photos = _Joined([data.split(data.open_source(s), "held_out") for s in values.content_data])
    style = data.open_source(spec)
    chosen = {"part": "all", "style_part": "all", "size": size, "images": values.images}
    whole = size > reports.LARGEST_SQUARE
    read = reports.read_whole_test_set if whole else reports.read_test_set
    test_set = read(photos, style, **chosen)
    extractor = load_extractor(values.extractor)
    shown = {"style_image": spec} if entry.style == _IMAGE else {"style": entry.style}
    loaded = load_model(model, values.precision, Tiling(paint_size=0), **shown)
    judge = Judge(test_set.style, extractor, crop=test_set.crop)
    report = reports.measure_models({entry.name: loaded.stylize}, test_set, judge)
    return report.as_json()


def markdown(results: dict[str, dict[str, Any]], size: int) -> str:
    """A table: a line each figure, a column each entry.

    Args:
        results: What lies in each entry's file, by the entry's name.
        size: That they were measured at.

    Returns:
        Cells hold the figure, its standard error, and in brackets the ends of its scale: the
        untouched photos' and the real style images'.
    """
    from style_gan_tf.reports.report import REAL, UNTOUCHED

    labels = dict.fromkeys(
        label for name, result in results.items() for label in result["columns"][name]
    )
    counts = sorted({f"{r['photos']} photos" for r in results.values()})
    lines = [
        f"At {size} pixels, {' or '.join(counts)}: figure ± standard error (untouched photos / "
        "real style images).",
        "",
        f"| {size} pixels | " + " | ".join(f"`{name}`" for name in results) + " |",
        "| --- |" + " ---: |" * len(results),
    ]
    for label in labels:
        cells = []
        for name, result in results.items():
            columns = result["columns"]
            ends = [_number(columns.get(end, {}).get(label)) for end in (UNTOUCHED, REAL)]
            cells.append(_cell(columns[name].get(label), ends))
        lines.append(f"| `{label}`{_rests_on(label, results)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rests_on(label: str, results: dict[str, dict[str, Any]]) -> str:
    told = [r["columns"][name].get(label, {}).get("rests_on") for name, r in results.items()]
    some = next(filter(None, told), "")
    return f" ({some})" if some else ""


def _cell(figure: dict[str, Any] | None, ends: Iterable[str]) -> str:
    if figure is None:
        return "-"
    error = figure["error"]
    told = "" if error is None or not math.isfinite(error) else f" ± {error:.2g}"
    return f"{_number(figure)}{told} ({' / '.join(ends)})"


def _number(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "-"
    value = figure["value"]
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.shipped", __doc__ or "", define_flags, main))
