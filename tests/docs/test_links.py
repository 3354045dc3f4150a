"""What the documents point at is there, and nothing is said twice in the same words."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, inline_code, without_blocks

PAGES = [*DOCUMENTS, ROOT / "CHANGELOG.md"]
# Folders of the clone whose files are named in sentences.
FOLDERS = ("benchmarks", "configs", "deploy", "docs", "saved_models", "style_gan_tf", "tests")
MADE = ("deploy/models/",)  # By the user.

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", without_blocks(page))


def anchors(page: Path) -> list[str]:
    """Of each heading, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return [heading.replace(" ", "-") for heading in plain]


@by_page
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in links(page):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@by_page
def test_files_in_sentences_are_there(page: Path) -> None:
    for code in inline_code(page):
        if code.startswith(tuple(f"{folder}/" for folder in FOLDERS)) and " " not in code:
            literal = re.fullmatch(r"[\w./-]+", code) and not re.search("NAME|XXX", code)
            if literal and not code.startswith(MADE):
                assert (ROOT / code).exists(), f"{page.name}: {code}"


def test_every_picture_is_shown() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = {path for path in (ROOT / "docs" / "pictures").rglob("*") if path.is_file()}
    assert pictures <= shown, sorted(path.name for path in pictures - shown)


def test_the_readme_leads_to_every_document() -> None:
    """In one step, or by way of another document."""
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        found = {(page.parent / link.partition("#")[0]).resolve() for page in new
                 for link in links(page) if link.partition("#")[0].endswith(".md")}  # fmt: skip
        new = found - reached
    assert set(DOCUMENTS) <= reached


def test_nothing_is_said_twice() -> None:
    paragraphs = Counter(
        (" ".join(paragraph.split()))
        for page in PAGES
        for paragraph in re.split(r"\n\s*\n|\n(?=[-|] )", without_blocks(page))
    )
    said = {text: count for text, count in paragraphs.items() if text.strip("|-: ")}  # no rules
    twice = [text for text, count in said.items() if count > 1 and len(text) > 80]
    assert not twice
    for page in PAGES:
        headings = [anchor for anchor, count in Counter(anchors(page)).items() if count > 1]
        assert not headings, f"{page.name}: {headings}"
