"""Which versions are in memory: policies, new ones, broken ones, and calls that go on meanwhile."""

import shutil
import threading
from pathlib import Path

import pytest

from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.rest import RestApi, RestError, parse_call
from tests.serving.stand_ins import load_half_plus, make_version, wait_until


def manager(*configs: ModelConfig) -> tuple[ModelManager, list[str]]:
    said: list[str] = []
    return ModelManager(configs, load_half_plus, said.append), said


def states(models: ModelManager, name: str = "m") -> dict[int, str]:
    return {status.version: status.state for status in models.statuses(name, None, None)}


def answer(models: ModelManager, path: str = "m") -> bytes:
    call = parse_call("POST", f"/v1/models/{path}:predict")
    return RestApi(models).predict(call, b'{"inputs": 0}', 30.0)


@pytest.mark.parametrize(
    ("config", "served"),
    [
        ({}, {9, }),
        ({"latest": 2}, {9, 5}),
        ({"latest": 9}, {1, 2, 5, 9}),
        ({"latest": 0}, {1, 2, 5, 9}),
        ({"specific": frozenset({2, 5, 7})}, {2, 5}),
    ],
)  # fmt: skip
def test_policies(tmp_path: Path, config: dict, served: set[int]) -> None:
    for number in (1, 2, 5, 9):
        make_version(tmp_path, number)
    (tmp_path / "10").mkdir()  # no model inside
    (tmp_path / "notes").mkdir()
    models, _ = manager(ModelConfig("m", tmp_path, **config))
    models.look(at_once=True)
    assert states(models) == dict.fromkeys(served, "AVAILABLE")


def test_versions_that_are_missing_are_told_once(tmp_path: Path) -> None:
    models, said = manager(ModelConfig("m", tmp_path, specific=frozenset({2, 7, 9})))
    for _ in range(2):
        models.look(at_once=True)
    assert said == [f"m: no version in {tmp_path} (a folder such as 1/)"]
    make_version(tmp_path, 2)
    for _ in range(2):
        models.look(at_once=True)
    assert [line for line in said[1:] if "loaded" not in line and "loading" not in line] == [
        f"m: not in {tmp_path}: version 7, 9"
    ]
    assert states(models) == {2: "AVAILABLE"}


def test_a_new_version_takes_over_when_it_is_loaded(tmp_path: Path) -> None:
    make_version(tmp_path, 1, "1")
    models, said = manager(ModelConfig("m", tmp_path))
    models.look(at_once=True)
    assert answer(models) == b'{"outputs": 1.0}\n'
    folder = make_version(tmp_path, 2, "broken, since only half of it is cop")
    models.look()
    # Its files may be on their way: they must lie still for one look.
    assert states(models) == {1: "AVAILABLE", 2: "START"}
    (folder / "saved_model.pb").write_text("2")
    models.look()
    assert (
        states(models) == {1: "AVAILABLE", 2: "START"} and answer(models) == b'{"outputs": 1.0}\n'
    )
    models.look()
    assert states(models) == {1: "END", 2: "AVAILABLE"} and answer(models) == b'{"outputs": 2.0}\n'
    with pytest.raises(RestError, match=r"Specific\(m, 1\)"):
        answer(models, "m/versions/1")
    assert [line.split(" in ")[0] for line in said if "warming up" not in line] == [
        "m version 1 loaded", "m version 2 loaded", "m version 1 unloaded",
    ]  # fmt: skip


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(tmp_path: Path) -> None:
    make_version(tmp_path, 1, "1")
    models, said = manager(ModelConfig("m", tmp_path))
    models.look(at_once=True)
    folder = make_version(tmp_path, 2, "broken")
    for _ in range(4):
        models.look()
    assert states(models) == {1: "AVAILABLE", 2: "END"} and answer(models) == b'{"outputs": 1.0}\n'
    (status,) = models.statuses("m", 2, None)
    assert status.code == "INTERNAL" and "is damaged: broken" in status.message
    assert sum("cannot be loaded" in line for line in said) == 1, "told once, tried once"
    # Mended, it is tried again.
    (folder / "saved_model.pb").write_text("2")
    models.look(), models.look()
    assert states(models)[2] == "AVAILABLE" and answer(models) == b'{"outputs": 2.0}\n'


def test_an_old_version_is_unloaded_when_its_last_call_is_done(tmp_path: Path) -> None:
    make_version(tmp_path, 1, "1")
    models, _ = manager(ModelConfig("m", tmp_path))
    models.look(at_once=True)
    with models.use("m", None, None) as (first, number), models.use("m", 1, None):
        assert number == 1
        make_version(tmp_path, 2, "2")
        models.look(at_once=True)
        assert states(models) == {1: "UNLOADING", 2: "AVAILABLE"}
        assert not first.closed
        assert answer(models) == b'{"outputs": 2.0}\n'
    assert first.closed and states(models)[1] == "END"


def test_versions_that_vanish(tmp_path: Path) -> None:
    for number in (1, 2):
        make_version(tmp_path, number, str(number))
    models, said = manager(ModelConfig("m", tmp_path))
    models.look(at_once=True)
    shutil.rmtree(tmp_path / "2")
    models.look(), models.look()
    assert answer(models) == b'{"outputs": 1.0}\n'
    models.look()
    assert states(models) == {1: "AVAILABLE"}
    # All of them: what is in memory stays.
    shutil.rmtree(tmp_path)
    models.look(), models.look()
    assert answer(models) == b'{"outputs": 1.0}\n'
    assert sum("no version in" in line for line in said) == 1


def test_the_configuration_changes(tmp_path: Path) -> None:
    for number in (1, 2):
        make_version(tmp_path / "m", number, str(number))
        make_version(tmp_path / "n", number, str(number))
    first = [
        ModelConfig("m", tmp_path / "m", latest=2, labels={"stable": 1}),
        ModelConfig("n", tmp_path / "n"),
    ]
    second = [ModelConfig("m", tmp_path / "m", latest=2, labels={"stable": 2, "old": 1})]
    models, said = manager(*first)
    models.look(at_once=True)
    assert answer(models, "m/labels/stable") == b'{"outputs": 1.0}\n'
    changes = [second]
    models.watch(0.01, lambda: changes.pop() if changes else None)
    wait_until(lambda: any("n version 2 unloaded" in line for line in said))
    assert answer(models, "m/labels/stable") == b'{"outputs": 2.0}\n'
    assert answer(models, "m/labels/old") == b'{"outputs": 1.0}\n'
    with pytest.raises(RestError, match=r"Latest\(n\)"):
        answer(models, "n")
    models.stop()


def test_the_watcher_outlives_errors(tmp_path: Path) -> None:
    make_version(tmp_path, 1, "1")
    said: list[str] = []

    def load(path: Path) -> object:
        if path.name == "2":
            raise OSError("the disk is gone")
        return load_half_plus(path)

    models = ModelManager([ModelConfig("m", tmp_path)], load, said.append)
    models.look(at_once=True)
    models.watch(0.01)
    make_version(tmp_path, 2, "2")
    wait_until(lambda: any("the disk is gone" in line for line in said))
    make_version(tmp_path, 3, "3")
    wait_until(lambda: answer(models) == b'{"outputs": 3.0}\n')
    models.stop()


def test_no_call_is_dropped_while_versions_change(tmp_path: Path) -> None:
    make_version(tmp_path, 1, "1")
    models, _ = manager(ModelConfig("m", tmp_path))
    models.look(at_once=True)
    models.watch(0.01)
    seen: list[bytes] = []
    failures: list[Exception] = []
    stopping = threading.Event()

    def client() -> None:
        while not stopping.is_set():
            try:
                seen.append(answer(models))
            except Exception as error:
                failures.append(error)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for number in range(2, 6):
        make_version(tmp_path, number, str(number))
        wait_until(lambda wanted=number: seen and seen[-1] == b'{"outputs": %d.0}\n' % wanted)
    stopping.set()
    for thread in clients:
        thread.join()
    models.stop()
    assert failures == []
