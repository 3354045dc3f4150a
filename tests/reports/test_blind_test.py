"""Drawing a blind test, its key, and counting votes."""

import collections
import json

import numpy as np
import pytest

from style_gan_tf import reports
from style_gan_tf.errors import UserError

PHOTOS = [f"photo_{i}.jpg" for i in range(12)]


def answers(test, choose, voter="v", at="2026-01-01", until=None):
    """The file of a voter, who answers by the question."""
    votes = [
        {"id": test.number(q), "choice": choose(q), "seconds": 1, "at": at}
        for q in test.questions[:until]
    ]
    return {"format": 1, "test": test.name, "voter": voter, "who": "", "votes": votes}


def prefers(name):
    return lambda q: "left" if q.left == name else "right" if q.right == name else "none"


@pytest.fixture
def write(tmp_path):
    def write(name, facts):
        path = tmp_path / name
        path.write_text(facts if isinstance(facts, str) else json.dumps(facts))
        return path

    return write


@pytest.mark.parametrize("models", [("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")])
def test_every_two_meet_once_on_every_photo(models):
    test = reports.draw_questions(models, PHOTOS, "salt")
    met = collections.Counter((q.photo, frozenset((q.left, q.right))) for q in test.questions)
    pairs = len(models) * (len(models) - 1) // 2
    assert len(met) == pairs * len(PHOTOS) and set(met.values()) == {1}
    # Who stops after a round has seen each photo once, and each pair as often.
    for start in range(0, len(test.questions), len(PHOTOS)):
        part = test.questions[start : start + len(PHOTOS)]
        assert {q.photo for q in part} == set(PHOTOS)
        seen = collections.Counter(frozenset((q.left, q.right)) for q in part)
        assert max(seen.values()) - min(seen.values()) <= 1 and len(seen) == pairs
    # No pair has a side of its own.
    sides = collections.Counter((q.left, q.right) for q in test.questions)
    assert set(sides.values()) == {len(PHOTOS) // 2}


def test_the_salt_draws_and_names():
    one, same = (reports.draw_questions(("a", "b"), PHOTOS, "1") for _ in range(2))
    other = reports.draw_questions(("a", "b"), PHOTOS, "2")
    assert one == same and one.key() == same.key()
    assert one.questions != other.questions and one.name != other.name
    odd = reports.draw_questions(("a", "b"), PHOTOS[:5], "1")
    assert sum(q.left == "a" for q in odd.questions) in (2, 3)


def test_the_page_tells_nothing():
    test = reports.draw_questions(("our secret", "a rival"), ["cat.jpg", "dog.jpg"], "salty")
    grey = {name: np.zeros((4, 6, 3)) for name in ("cat.jpg", "dog.jpg")}
    results = {m: {k: np.full((4, 6, 3), v) for k in grey} for m, v in
               (("our secret", 0.5), ("a rival", -0.5))}  # fmt: skip
    page = reports.blind_page(test, grey, results, [np.ones((4, 4, 3))])
    for word in ("our secret", "a rival", "salty", "cat.jpg", "dog.jpg"):
        assert word not in page
    assert "http" not in page
    inside = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    assert len(inside["pictures"]) == 6 and list(inside["pictures"]) == sorted(inside["pictures"])
    assert all(url.startswith("data:image/jpeg;base64,") for url in inside["pictures"].values())
    # The key knows what the names mean.
    for asked in inside["questions"]:
        known = test.key()["questions"][asked["id"]]
        assert asked["left"] == test.hide("result", known["left"], known["photo"])
        bright = inside["pictures"][asked["left" if known["left"] == "our secret" else "right"]]
        assert bright == inside["pictures"][test.hide("result", "our secret", "cat.jpg")]


def test_votes_count_for_whom_they_were(write):
    test = reports.draw_questions(("a", "b"), PHOTOS, "salt")
    key = write("key.json", test.key())
    assert reports.read_key(key) == test
    chosen = {PHOTOS[i]: "b" for i in range(3)} | {PHOTOS[3]: None}

    def choose(question):
        return prefers(chosen.get(question.photo, "a"))(question)

    votes = reports.read_votes([write("votes.json", answers(test, choose))], test)
    found = reports.preferences(test, votes)
    assert (found["votes"], found["voters"], found["photos"]) == (12, 1, 12)
    assert found["models"]["a"]["wins"] == 8 and found["models"]["a"]["losses"] == 3
    assert found["models"]["b"]["ties"] == 1
    strengths = [found["models"][name]["strength"] for name in "ab"]
    assert strengths[0] / strengths[1] == pytest.approx(8.5 / 3.5)
    (pair,) = found["pairs"]
    assert pair["share"] == pytest.approx(8.5 / 12) and pair["low"] < pair["share"] < pair["high"]
    table = reports.preferences_table(found)
    assert "a over b: 8 wins, 1 ties, 3 losses; preferred in 71 %" in table
    assert table.index("\na ") < table.index("\nb ")
    json.dumps(found, allow_nan=False)


def test_a_voter_counts_once_and_by_the_later_vote(write):
    test = reports.draw_questions(("a", "b"), PHOTOS, "salt")
    files = [
        write("votes-late.json", answers(test, prefers("b"), at="2026-02-02")),
        write("votes.json", answers(test, prefers("a"), at="2026-01-01")),
        write("votes (1).json", answers(test, prefers("a"), voter="w", until=4)),
    ]
    found = reports.preferences(test, reports.read_votes(files, test))
    assert found["votes"] == 16 and found["voters"] == 2
    assert found["models"]["b"]["wins"] == 12 and found["models"]["a"]["wins"] == 4


def test_what_is_always_better_is_told_without_a_number(write):
    test = reports.draw_questions(("a", "b"), PHOTOS, "salt")
    votes = reports.read_votes([write("votes.json", answers(test, prefers("a")))], test)
    found = reports.preferences(test, votes)
    assert found["models"]["a"]["strength"] is None
    assert found["pairs"][0]["low"] > 0.7 and found["pairs"][0]["high"] == 1
    assert "no strengths" in reports.preferences_table(found)
    assert found["left_share"] == 0.5
    json.dumps(found, allow_nan=False)


def test_other_files_are_refused_by_name(write):
    test = reports.draw_questions(("a", "b"), PHOTOS, "salt")
    good = answers(test, prefers("a"))
    other = answers(reports.draw_questions(("a", "b"), PHOTOS, "2"), prefers("a"))
    unknown = {**good, "votes": [{"id": "nowhere", "choice": "left"}]}
    third = {**good, "votes": [{**good["votes"][0], "choice": "both"}]}
    for facts, words in (
        (other, "votes of another test"),
        (unknown, "not the votes that the page saves"),
        (third, "not the votes that the page saves"),
        ({**good, "votes": 3}, "not the votes"),
        ("{", "not votes of a blind test"),
        ("[]", "not votes of a blind test"),
        ({**good, "format": 2}, "newer version"),
    ):
        with pytest.raises(UserError, match=f"bad.json: .*{words}"):
            reports.read_votes([write("bad.json", facts)], test)
    for facts in ({}, {"format": 1}, {"format": 1, "questions": {"x": {"left": 1}}, "salt": ""}):
        with pytest.raises(UserError, match=r"key.json: not the key"):
            reports.read_key(write("key.json", facts))
