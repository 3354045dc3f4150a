"""A share for each machine: all of the work, nothing twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from style_gan_tf.errors import UsageError
from style_gan_tf.inference.jobs import plan_jobs, unfinished
from style_gan_tf.inference.shard import Shard, parse_shard


@given(st.integers(1, 9), st.text(min_size=1, max_size=20))
def test_each_name_belongs_to_one_share(count: int, name: str) -> None:
    assert sum(Shard(index, count).takes(name) for index in range(1, count + 1)) == 1


def test_shares_are_about_even_and_always_the_same() -> None:
    names = [f"sub/{index:05d}.jpg" for index in range(4000)]
    sizes = [sum(Shard(index, 4).takes(name) for name in names) for index in range(1, 5)]
    assert sum(sizes) == 4000 and min(sizes) > 900
    # Of SHA-256: another machine, or another version of Python, agrees.
    assert [Shard(1, 2).takes(name) for name in names[:5]] == [False, False, False, True, True]


def test_parse() -> None:
    assert parse_shard("") == Shard(1, 1) and parse_shard("3/8") == Shard(3, 8)
    for text in ("0/4", "5/4", "1/0", "1", "/", "a/b", "1/2/3", "-1/2", "1.5/2", "1/ 2"):
        with pytest.raises(UsageError, match="--shard="):
            parse_shard(text)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for index in range(20):
        (folder / ("sub" if index % 3 else "") / f"{index}.png").write_bytes(b"x")
    return folder


def test_shares_of_a_folder(photos: Path, tmp_path: Path) -> None:
    whole = {job.target for job in plan_jobs(photos, tmp_path / "out")}
    parts = [
        {job.target for job in plan_jobs(photos, tmp_path / "out", shard=Shard(i, 3))}
        for i in (1, 2, 3)
    ]
    assert set.union(*parts) == whole and sum(map(len, parts)) == len(whole) == 20
    # A picture that comes in late, or is named otherwise from here, moves none of the others.
    (photos / "0a.png").write_bytes(b"x")
    again = plan_jobs(f"{tmp_path}/photos/**/*.png", tmp_path / "out", shard=Shard(1, 3))
    assert {job.target for job in again} - parts[0] <= {tmp_path / "out" / "0a.png"}


def test_what_is_there_is_another_shares_business(photos: Path, tmp_path: Path) -> None:
    first, second = (plan_jobs(photos, tmp_path / "out", shard=Shard(i, 2)) for i in (1, 2))
    for job in first:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.write_bytes(b"done")
    assert plan_jobs(photos, tmp_path / "out", shard=Shard(2, 2)) == second
    with pytest.raises(UsageError, match="--skip_existing keeps it"):
        plan_jobs(photos, tmp_path / "out", shard=Shard(1, 2))
    kept = plan_jobs(photos, tmp_path / "out", keep_existing=True)
    assert unfinished(kept) == [job for job in kept if job not in first]
