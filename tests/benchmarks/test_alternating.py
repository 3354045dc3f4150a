"""The arithmetic of the benchmarks' tables."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import alternating
from benchmarks.alternating import Contender, Timing
from style_gan_tf.errors import UsageError, UserError

OURS = Timing("ours", True, (2.0, 1.0, 4.0))
PEER = Timing("peer", False, (6.0, 5.0, 100.0))


def test_turns_alternate_and_the_warm_up_is_not_timed() -> None:
    now = 0.0
    order = []

    def work(name: str, seconds: float) -> Contender:
        def run() -> None:
            nonlocal now
            now += seconds * (len(order) + 1)
            order.append(name)

        return Contender(name, run, ours=name == "a")

    timings = alternating.take_turns(
        [work("a", 1.0), work("b", 10.0)], rounds=2, warm_up=1, clock=lambda: now
    )
    assert order == ["a", "b"] * 3
    assert timings == [Timing("a", True, (3.0, 5.0)), Timing("b", False, (40.0, 60.0))]


def test_ratios_are_of_medians_and_only_against_peers() -> None:
    other = Timing("other", True, (12.0,))
    assert alternating.ratios([OURS, PEER, other]) == {
        "ours": {"peer": 3.0},
        "other": {"peer": 0.5},
    }
    assert Timing("even", True, (1.0, 2.0)).median == 1.5
    assert alternating.ratios([OURS]) == {"ours": {}}


def test_table_ends_with_the_ratios() -> None:
    lines = alternating.table([OURS, PEER]).splitlines()
    assert lines[0].split() == ["seconds", "median", "min", "max"]
    assert lines[1].split() == ["ours", "2.000", "1.000", "4.000"]
    assert lines[2].split() == ["peer", "6.000", "5.000", "100.000"]
    assert lines[3:] == ["ratio: ours is 3.00 times as fast as peer"]


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figures.json"
    alternating.report({"size": 8}, [OURS, PEER], str(path))
    assert capsys.readouterr().out.rstrip() == alternating.table([OURS, PEER])
    assert json.loads(path.read_text()) == {
        "size": 8,
        "seconds": {"ours": [2.0, 1.0, 4.0], "peer": [6.0, 5.0, 100.0]},
        "medians": {"ours": 2.0, "peer": 6.0},
        "ratios": {"ours": {"peer": 3.0}},
    }
    with pytest.raises(UserError, match="cannot be written"):
        alternating.report({}, [OURS], str(tmp_path))
    with pytest.raises(UsageError, match="its folder does not exist"):
        alternating.prepare(SimpleNamespace(json=str(tmp_path / "no" / "figures.json")))


def test_machine_reads_the_first_core(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(
        "processor\t: 0\nmodel name\t: Fast CPU\nflags\t\t: avx2 avx512f amx_bf16\n\n"
        "processor\t: 1\nmodel name\t: Slow CPU\nflags\t\t: avx2\n"
    )
    facts = alternating.machine(str(cpuinfo))
    assert facts["cpu"] == "Fast CPU"
    assert facts["features"] == {
        "AMX bfloat16": True,
        "AVX-512 bfloat16": False,
        "AVX-512": True,
        "AVX2": True,
    }
    told = alternating.describe(facts)
    assert told.startswith("CPU: Fast CPU, ") and "AMX bfloat16 yes" in told
    assert "tensorflow " in told
    assert not any(alternating.machine(str(tmp_path / "none"))["features"].values())
