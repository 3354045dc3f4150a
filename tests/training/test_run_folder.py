import dataclasses

import pytest

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.training import RunFolder, Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(run_dir=str(tmp_path / "run"), steps=5, set=("nce_weight=2",))


def test_a_new_folder_then_a_run_to_resume(settings):
    folder = RunFolder(settings.run_dir)
    assert folder.check(settings) is False
    folder.open(settings)
    assert folder.check(settings) is True


@pytest.mark.parametrize("change", [{"steps": 9}, {"max_minutes": 3.0}, {"log_every": 7}])
def test_limits_and_logging_may_change(settings, change):
    folder = RunFolder(settings.run_dir)
    folder.open(settings)
    assert folder.check(dataclasses.replace(settings, **change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crop": 64}, "--crop=64"),
        ({"seed": 1}, "--seed=1"),
        ({"set": ("nce_weight=3",)}, "--set=nce_weight=3"),
        ({"set": ()}, "--set=(unset)"),
    ],
)
def test_all_else_is_refused_by_name(settings, change, words):
    folder = RunFolder(settings.run_dir)
    folder.open(settings)
    with pytest.raises(UsageError) as caught:
        folder.check(dataclasses.replace(settings, **change))
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_left_alone(tmp_path, settings):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        RunFolder(settings.run_dir).check(settings)
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_a_file_in_the_way(tmp_path, settings):
    (tmp_path / "run").write_text("")
    with pytest.raises(UsageError, match="a file"):
        RunFolder(settings.run_dir).check(settings)
    with pytest.raises(UserError, match="cannot be written"):
        RunFolder(settings.run_dir).open(settings)


def test_a_newer_format_is_refused(settings):
    folder = RunFolder(settings.run_dir)
    folder.open(settings)
    text = folder.flags.read_text().replace("format 1.", "format 2.")
    folder.flags.write_text(text)
    with pytest.raises(UsageError, match="newer version"):
        folder.check(settings)
