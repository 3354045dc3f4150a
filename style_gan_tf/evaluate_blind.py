"""The blind tests of `evaluate`: the page that people vote on, and what their votes say."""

import glob
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from absl import flags
from tqdm import tqdm

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import ModelFile, find_model, load_model

KEY = "blind_key.json"
_PAGE = "index.html"
_PHOTOS = 50  # where --images says nothing: a page has all pictures inside
_SIZE = 512  # pixels a side, where --size says nothing
_LOOKS = 6  # style images on the page


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_string(
        "blind",
        "",
        "Instead of a report, write a page on which people compare results without knowing whose "
        "they are. Named as by --model; NAME=FOLDER is a folder of pictures that were painted "
        "before, with the photos' names.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "votes",
        "",
        "Count votes that the page in --output saved: files or globs, separated by commas.",
        flag_values=values,
    )


def named(given: str, flag: str) -> dict[str, str]:
    """What a list `A,NAME=B` names, by name.

    Raises:
        UsageError: When two have one name.
    """
    found: dict[str, str] = {}
    for item in given.split(","):
        name, separator, place = item.partition("=")
        if not separator or os.path.exists(item):
            name, place = "", item
        name = name or Path(place.rstrip("/")).name.removesuffix(".keras")
        if name in found:
            raise UsageError(f"--{flag}: two are called {name}; name them: a={place},b=...")
        found[name] = place
    return found


def contestants(given: str) -> dict[str, ModelFile | Path]:
    """The models, and folders of painted pictures, that `--blind` names.

    Raises:
        UsageError: When there are fewer than two, or one is neither.
    """
    found: dict[str, ModelFile | Path] = {}
    for name, place in named(given, "blind").items():
        try:
            found[name] = find_model(place)
        except UsageError:
            folder = Path(place).expanduser()
            models = ("flags.txt", "saved_model.pb")
            if not folder.is_dir() or any((folder / file).exists() for file in models):
                raise
            found[name] = folder
    if len(found) < 2:
        raise UsageError(f"--blind={given}: name two or more, separated by commas")
    return found


def write_test(
    values: flags.FlagValues,
    contestants: dict[str, ModelFile | Path],
    part: Literal["held_out", "all"],
) -> int:
    """Paint the photos, write the page and its key.

    Args:
        values: The command's flags.
        contestants: Models and folders, by name.
        part: Which of the photos are shown.
    """
    if not values.content_data:
        raise UsageError("--content_data is missing: name the photos to compare on")
    for flag in ("model", "reference_data", "paired_data"):
        if values[flag].value:
            raise UsageError(f"--{flag}: leave it, --blind names what is compared")
    output = _output(values)
    models = {name: c for name, c in contestants.items() if isinstance(c, ModelFile)}

    command_line.load_tensorflow()
    from style_gan_tf import data, reports
    from style_gan_tf.images import write_file

    content = data.split(data.open_source(values.content_data), part)
    painted = {
        name: data.open_source(str(folder))
        for name, folder in contestants.items()
        if not isinstance(folder, ModelFile)
    }
    photos = reports.read_photos(
        content, painted, size=values.size or _SIZE, images=values.images or _PHOTOS
    )
    results = dict(photos.painted)
    with tqdm(
        total=len(models) * len(photos.names), unit="picture", disable=not sys.stderr.isatty()
    ) as bar:
        for name, found in models.items():
            model = load_model(found, values.precision)
            results[name] = {}
            for key, photo in photos.content.items():
                stylized = model.stylize(photo[np.newaxis])[0]
                results[name][key] = np.clip(stylized, -1.0, 1.0)
                bar.update()
    looks: list[np.ndarray] = []
    if values.style_data:
        style = data.spread(data.open_source(values.style_data), _LOOKS)
        looks = list(data.read_squares(style, photos.size)[0])
    # Drawn anew each time: who knew the seed would know the answers.
    test = reports.draw_questions(list(contestants), photos.names, secrets.token_hex(8))
    page = reports.blind_page(
        test, photos.content, {name: results[name] for name in contestants}, looks
    )
    # The key first: a page without it is worth nothing.
    write_file(output / KEY, (json.dumps(test.key(), indent=1) + "\n").encode())
    write_file(output / _PAGE, page.encode())
    some = f"{len(photos.names)} of {len(content)} photos"
    more = " (--images=N takes more)" if len(photos.names) < len(content) else ""
    print(f"{len(test.questions)} questions on {some}{more}, {photos.size} pixels a side")
    print(f"page: {output / _PAGE} ({len(page) / 1e6:.1f} MB; give this file alone to voters)")
    print(f"key: {output / KEY} (keep it)")
    print(f"then: --votes='votes-*.json' --output={output}")
    return 0


def _output(values: flags.FlagValues) -> Path:
    if not values.output:
        raise UsageError("--output is missing: name a folder for the page and its key")
    output = Path(values.output)
    existing = [output / name for name in (_PAGE, KEY) if (output / name).exists()]
    if existing and not values.overwrite:
        raise UsageError(
            f"--output={output}: holds {existing[0].name} already; name another folder, or give "
            "--overwrite (votes on a page that was there are lost with its key)"
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output={output}: cannot be made ({error.strerror})") from None
    return output


def count_votes(values: flags.FlagValues) -> int:
    """Read votes, print what they say and write `preferences.json`."""
    if values.blind or values.model:
        flag = "blind" if values.blind else "model"
        raise UsageError(f"--{flag}: leave it, --votes counts votes on a page that was written")
    if not values.output:
        raise UsageError(f"--output is missing: name the folder of the page, which has {KEY}")
    output = Path(values.output)
    if not (output / KEY).is_file():
        raise UsageError(f"--output={output}: no {KEY} in it; name the folder that --blind wrote")
    paths = list(dict.fromkeys(_files(values.votes)))

    command_line.load_tensorflow()
    from style_gan_tf import reports
    from style_gan_tf.images import write_file

    test = reports.read_key(output / KEY)
    votes = reports.read_votes(paths, test)
    if not votes:
        raise UserError(f"--votes={values.votes}: no votes in {len(paths)} files")
    found = reports.preferences(test, votes)
    write_file(output / "preferences.json", (json.dumps(found, indent=1) + "\n").encode())
    print(reports.preferences_table(found))
    print(f"preferences: {output / 'preferences.json'}")
    return 0


def _files(given: str) -> Iterator[Path]:
    for item in given.split(","):
        pattern = os.path.expanduser(item)
        names = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))
        folders = [Path(name) for name in names if os.path.isdir(name)]
        names += [str(path) for folder in folders for path in sorted(folder.glob("votes*.json"))]
        files = [Path(name) for name in names if os.path.isfile(name)]
        if not files:
            raise UsageError(f"--votes={item}: no such file")
        yield from files
