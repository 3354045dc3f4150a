import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.data import demo, open_source, split
from style_gan_tf.data.demo import DEMO_PICTURES, PACKAGED_SETS
from style_gan_tf.images import decode

# Licences by which a picture may be shipped, changed and used commercially.
FREE = {"public domain", "CC0 1.0"}
FREE |= {f"CC BY {version}" for version in ("2.0", "3.0", "4.0")}
FREE |= {f"CC BY-SA {version}" for version in ("3.0", "4.0")}


def attribution() -> list[dict[str, str]]:
    with open(DEMO_PICTURES / "ATTRIBUTION.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(("name", "fewest"), [("photos", 60), ("van_gogh", 40)])
def test_pictures_of_the_package_need_nothing(
    name: str, fewest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = open_source(f"demo:{name}")
    assert len(source) >= fewest and not source.skipped
    assert list(tmp_path.iterdir()) == []
    for index in range(len(source)):
        width, height = source.size(index)
        assert min(width, height) >= 240 and max(width, height) <= 512
        # No grey ones, or the colours of nothing would be learnt.
        pixels = decode(source.read(index)).rgb
        assert np.ptp(pixels.astype(int), axis=-1).mean() > 3, source.keys[index]


def test_what_is_held_out_shows_all_sorts() -> None:
    kept = {Path(key).stem.rsplit("_", 1)[0] for key in held_out("photos")}
    assert kept == {
        *("boats", "castle", "cat", "man_laughing", "moraine_lake", "vegetables", "woman_at_a_lake")
    }
    assert len(held_out("van_gogh")) == 4


def held_out(name: str) -> list[str]:
    return list(split(open_source(f"demo:{name}"), "held_out").keys)


def test_every_picture_has_its_author_and_a_free_licence() -> None:
    rows = attribution()
    files = [path for name in PACKAGED_SETS for path in (DEMO_PICTURES / name).iterdir()]
    found = sorted(path.relative_to(DEMO_PICTURES).as_posix() for path in files)
    assert [row["file"] for row in rows] == found
    assert {row["licence"] for row in rows} <= FREE
    for row in rows:
        assert row["source"].startswith("https://") and row["original_file"] and row["changes"]
        name = row["licence"].removesuffix(row["licence"][-4:]).lower().replace("cc ", "")
        if "BY" in row["licence"]:
            assert row["author"] != "not named"
            assert row["licence_url"] == (
                f"https://creativecommons.org/licenses/{name}/{row['licence'][-3:]}/"
            )


def test_the_notice_counts_them_right() -> None:
    text = (DEMO_PICTURES / "ATTRIBUTION.md").read_text(encoding="utf-8")
    licences = [row["licence"] for row in attribution()]
    for begin, prefix in (
        ("| public domain", "public domain"),
        ("| [CC0", "CC0"),
        ("| CC BY [", "CC BY "),
        ("| CC BY-SA", "CC BY-SA "),
    ):
        (line,) = [line for line in text.splitlines() if line.startswith(begin)]
        count = int(line.split("|")[2])
        assert count == sum(licence.startswith(prefix) for licence in licences), prefix


def test_all_of_it_is_small() -> None:
    total = sum(path.stat().st_size for path in DEMO_PICTURES.rglob("*") if path.is_file())
    assert total < 5e6


def test_flagfiles_of_old_find_their_paintings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for folder in demo.SKIMAGE_SETS.values():
        made = tmp_path / "style_gan_tf" / "demo-v1" / folder
        made.mkdir(parents=True)
        picture = (DEMO_PICTURES / "van_gogh" / "irises.jpg").read_bytes()
        (made / f"chelsea-{folder}.jpg").write_bytes(picture)
    assert open_source("demo:paintings").keys == open_source("demo:strokes").keys
    assert open_source("demo:paintings").keys == ["chelsea-paintings.jpg"]
    assert open_source("demo:paintings_of_held_out").keys == ["chelsea-paintings_of_held_out.jpg"]
