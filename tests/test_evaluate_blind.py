"""The command `evaluate --blind` and `--votes`."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, evaluate
from style_gan_tf.networks import build_generator


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "mine.keras"
    build_generator("fast", filters=8, n_blocks=1).save(path)
    return path


def run(*argv: object) -> int:
    arguments = [str(argument) for argument in argv]
    return command_line.run("evaluate", "", evaluate.define_flags, evaluate.main, arguments)


def inside(folder: Path) -> dict:
    page = (folder / "index.html").read_text()
    return json.loads(page.split('type="application/json">')[1].split("</script>")[0])


def vote(folder: Path, name: str, prefers: str) -> None:
    """A file as the page saves it."""
    key = json.loads((folder / "blind_key.json").read_text())
    votes = [
        {"id": number, "choice": "left" if q["left"] == prefers else "right"}
        for number, q in key["questions"].items()
    ]
    votes[-1]["choice"] = "left" if votes[-1]["choice"] == "right" else "right"
    facts = {"format": 1, "test": key["test"], "voter": name, "votes": votes}
    (folder / f"votes-{name}.json").write_text(json.dumps(facts))


def test_a_model_against_a_folder_and_what_people_say(model, two_folders, tmp_path, capsys):
    painted = tmp_path / "painted"
    painted.mkdir()
    # Of other kind and size; one photo has no picture.
    for path in sorted(two_folders[0].iterdir())[1:]:
        Image.open(path).resize((144, 128)).save(painted / f"{path.stem}.webp", lossless=True)
    folder = tmp_path / "vote"
    given = [f"--content_data={two_folders[0]}", f"--output={folder}", f"--votes={folder}"]
    asked = [f"--blind={model},peer={painted}", *given[:2], "--images=4", "--size=40"]
    assert run(*asked, f"--style_data={two_folders[1]}") == 0
    told = capsys.readouterr().out
    assert "4 questions on 4 of 12 photos (--images=N takes more), 40 pixels" in told
    key = json.loads((folder / "blind_key.json").read_text())
    assert key["models"] == ["mine", "peer"] and len(key["questions"]) == 4
    assert "photos_00.png" not in {q["photo"] for q in key["questions"].values()}
    assert len(inside(folder)["pictures"]) == 4 * 3
    assert "in the look of these pictures" in (folder / "index.html").read_text()

    assert run(*asked) == 2, "a key is never lost unasked"
    assert "holds index.html already" in capsys.readouterr().err

    vote(folder, "ann", "peer")
    vote(folder, "ben", "peer")
    assert run(*given[1:]) == 0
    told = capsys.readouterr().out
    assert "8 votes of 2 voters on 4 photos" in told
    assert "mine over peer: 2 wins, 0 ties, 6 losses; preferred in 25 %" in told
    found = json.loads((folder / "preferences.json").read_text())
    strength = {name: facts["strength"] for name, facts in found["models"].items()}
    assert strength["peer"] / strength["mine"] == pytest.approx(3)
    assert run(f"--votes={folder}/votes-a*.json,{folder}/votes-b*.json", given[1]) == 0
    assert "8 votes of 2 voters" in capsys.readouterr().out


def test_each_photo_is_painted_once_and_shown_as_it_was_painted(model, two_folders, tmp_path):
    from style_gan_tf.images import decode
    from style_gan_tf.inference import load_model

    folder = tmp_path / "vote"
    names = f"--blind=a={model},b={model},c={model}"
    assert run(names, f"--content_data={two_folders[0]}", f"--output={folder}", "--images=2") == 0
    shown = inside(folder)
    # Three pairs of each photo, out of three results.
    assert len(shown["questions"]) == 6 and len(shown["pictures"]) == 2 * 4
    import base64

    def pixels(name):
        data = base64.b64decode(shown["pictures"][name].partition(",")[2])
        return decode(data).rgb.astype(np.float32) / 127.5 - 1

    painter = load_model(model)
    question = shown["questions"][0]
    photo, left = pixels(question["photo"]), pixels(question["left"])
    assert photo.shape == (64, 64, 3)  # The photos have no more.
    assert np.abs(painter.stylize(photo[np.newaxis])[0] - left).mean() < 0.05


def test_a_thumbnail_is_no_reason_to_show_all_as_small(two_folders, tmp_path):
    from style_gan_tf import data, reports

    for path in two_folders[0].iterdir():
        side = 20 if path.stem.endswith("00") else 80 if path.stem.endswith("01") else 64
        Image.open(path).resize((side, side)).save(tmp_path / path.name)
    found = reports.read_photos(data.open_source(str(tmp_path)), {}, size=512, images=50)
    assert found.size == 64 and len(found.names) == 11
    assert "photos_00.png" not in found.names


@pytest.mark.parametrize(
    ("flags", "status", "line"),
    [
        (["--blind=MODEL"], 2, "--blind=MODEL: name two or more"),
        (["--blind=MODEL,MODEL"], 2, "--blind: two are called mine"),
        (["--blind=MODEL,nowhere"], 2, "model nowhere: no such file or folder"),
        (["--blind=MODEL,RUN"], 2, "a run folder without generator.keras"),
        (["--blind=MODEL,b=MODEL", "--content_data="], 2, "--content_data is missing"),
        (["--blind=MODEL,b=MODEL", "--output="], 2, "--output is missing"),
        (["--blind=MODEL,b=MODEL", "--model=MODEL"], 2, "--model: leave it"),
        (["--blind=MODEL,b=MODEL", "--paired_data=x"], 2, "--paired_data: leave it"),
        (["--blind=MODEL,b=OTHERS"], 1, "no picture of the name of a photo, such as photos_00.png"),
        (["--votes=x.json"], 2, "no blind_key.json in it; name the folder that --blind wrote"),
        (["--votes=x.json", "--output="], 2, "--output is missing"),
        (["--votes=x.json", "--blind=MODEL"], 2, "--blind: leave it"),
    ],
)
def test_bad_input_gives_one_line(model, two_folders, tmp_path, capsys, flags, status, line):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "flags.txt").touch()
    given = [f"--content_data={two_folders[0]}", f"--output={tmp_path / 'vote'}"]
    places = {"MODEL": model, "RUN": tmp_path / "run", "OTHERS": two_folders[1]}
    for word, place in places.items():
        flags = [flag.replace(word, str(place)) for flag in flags]
        line = line.replace(word, str(place))
    assert run(*given, *flags) == status
    error = capsys.readouterr().err
    assert line in error and error.count("\n") == 1
    assert not (tmp_path / "vote" / "index.html").exists()


def test_votes_that_are_not_there_or_of_others(model, two_folders, tmp_path, capsys):
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        names = f"--blind={model},b={model}"
        content = f"--content_data={two_folders[0]}"
        assert run(names, content, f"--output={folder}", "--images=2", "--size=16") == 0
    assert run(f"--votes={one}/votes-*.json", f"--output={one}") == 2
    assert f"--votes={one}/votes-*.json: no such file" in capsys.readouterr().err
    vote(other, "ann", "b")
    shutil.copy(other / "votes-ann.json", one)
    assert run(f"--votes={one}/votes-*.json", f"--output={one}") == 1
    error = capsys.readouterr().err
    assert "votes of another test" in error and error.count("\n") == 1
