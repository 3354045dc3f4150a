"""Votes of a blind test -> which model is preferred, how often and how surely."""

import dataclasses
import itertools
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from style_gan_tf.errors import UserError
from style_gan_tf.reports.blind_test import CHOICES, FORMAT, BlindTest, Question
from style_gan_tf.reports.bradley_terry import Duel, bradley_terry, share_interval


@dataclasses.dataclass(frozen=True)
class Vote:
    """What one voter answered to one question; `choice` is one of `CHOICES`."""

    voter: str
    question: Question
    choice: str


def read_key(path: Path) -> BlindTest:
    """The test whose key lies in a file.

    Raises:
        UserError: When it is missing, damaged or of a newer version.
    """
    facts = _read(path, "the key of a blind test")
    try:
        questions = tuple(Question(**question) for question in facts["questions"].values())
        return BlindTest(str(facts["salt"]), tuple(facts["models"]), questions)
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{path}: not the key of a blind test") from None


def read_votes(paths: Iterable[Path], test: BlindTest) -> list[Vote]:
    """The votes in some files; who answered a question twice is counted once, by the later.

    Raises:
        UserError: When a file is damaged, or its votes are of another test.
    """
    numbers = {test.number(question): question for question in test.questions}
    found: dict[tuple[str, str], tuple[str, Vote]] = {}
    for path in paths:
        facts = _read(path, "votes of a blind test")
        if facts.get("test") != test.name:
            raise UserError(
                f"{path}: votes of another test ({facts.get('test')}, the key is of {test.name}); "
                "name the folder of its page by --output"
            )
        try:
            for item in facts["votes"]:
                question, choice = numbers[item["id"]], item["choice"]
                if choice not in CHOICES:
                    raise ValueError(choice)
                vote = Vote(str(facts["voter"]), question, choice)
                when = str(item.get("at", ""))
                place = (vote.voter, item["id"])
                if place not in found or when >= found[place][0]:
                    found[place] = when, vote
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UserError(f"{path}: not the votes that the page saves") from None
    return [vote for _, vote in found.values()]


def _read(path: Path, what: str) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        version = int(facts["format"])
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, KeyError):
        raise UserError(f"{path}: not {what}") from None
    if version > FORMAT:
        raise UserError(f"{path}: from a newer version of style_gan_tf; update it")
    return facts


def preferences(test: BlindTest, votes: list[Vote]) -> dict[str, Any]:
    """What the votes say, as `preferences.json` holds it.

    Strengths are those of Bradley and Terry (1952), ties half a win for each, their geometric mean
    1: of two models the first is preferred in s1 / (s1 + s2) of all questions. Their 95 % intervals
    take votes on one photo for one group. Shares of pairs have Wilson's intervals, which take each
    vote for itself.
    """
    places = {name: place for place, name in enumerate(test.models)}
    duels = []
    for vote in votes:
        left, right = places[vote.question.left], places[vote.question.right]
        score = {"left": 1.0, "right": 0.0, "none": 0.5}[vote.choice]
        duels.append(Duel(left, right, score, vote.question.photo))
    strengths = bradley_terry(duels, len(places))
    models = {
        name: {
            "strength": _number(strengths.value[place]),
            "low": _number(strengths.low[place]),
            "high": _number(strengths.high[place]),
            **_counted(votes, name),
        }
        for name, place in places.items()
    }
    pairs = [_pair(votes, *pair) for pair in itertools.combinations(test.models, 2)]
    sided = [vote for vote in votes if vote.choice != "none"]
    left = sum(vote.choice == "left" for vote in sided)
    return {
        "format": FORMAT,
        "test": test.name,
        "votes": len(votes),
        "voters": len({vote.voter for vote in votes}),
        "photos": len({vote.question.photo for vote in votes}),
        "left_share": left / len(sided) if sided else None,
        "models": models,
        "pairs": [pair for pair in pairs if pair["votes"]],
    }


def _counted(votes: list[Vote], name: str) -> dict[str, int]:
    mine = [vote for vote in votes if name in (vote.question.left, vote.question.right)]
    won = sum(_winner(vote) == name for vote in mine)
    ties = sum(vote.choice == "none" for vote in mine)
    return {"wins": won, "ties": ties, "losses": len(mine) - won - ties}


def _winner(vote: Vote) -> str | None:
    return {"left": vote.question.left, "right": vote.question.right}.get(vote.choice)


def _pair(votes: list[Vote], first: str, second: str) -> dict[str, Any]:
    both = {first, second}
    theirs = [vote for vote in votes if {vote.question.left, vote.question.right} == both]
    wins = {name: sum(_winner(vote) == name for vote in theirs) for name in (first, second)}
    ties = len(theirs) - sum(wins.values())
    facts: dict[str, Any] = {
        "first": first,
        "second": second,
        "votes": len(theirs),
        "wins": wins[first],
        "ties": ties,
        "losses": wins[second],
    }
    if theirs:
        score = wins[first] + ties / 2
        low, high = share_interval(score, len(theirs))
        facts |= {"share": score / len(theirs), "low": low, "high": high}
    return facts


def preferences_table(found: dict[str, Any]) -> str:
    """What `preferences` gives as plain text."""
    models = found["models"]
    wide = max(len("model"), *map(len, models)) + 2
    lines = [
        f"{found['votes']} votes of {found['voters']} voters on {found['photos']} photos",
        f"{'model':{wide}}{'strength':>9}{'95 %':>18}{'wins':>7}{'ties':>7}{'losses':>8}",
    ]
    order = sorted(models, key=lambda name: -(models[name]["strength"] or 0))
    for name in order:
        facts = models[name]
        value = "-" if facts["strength"] is None else f"{facts['strength']:.3g}"
        within = _within(facts["low"], facts["high"], ".3g")
        counts = f"{facts['wins']:>7}{facts['ties']:>7}{facts['losses']:>8}"
        lines.append(f"{name:{wide}}{value:>9}{within:>18}{counts}")
    for pair in found["pairs"]:
        percent = _within(100 * pair["low"], 100 * pair["high"], ".0f")
        lines.append(
            f"{pair['first']} over {pair['second']}: {pair['wins']} wins, {pair['ties']} ties, "
            f"{pair['losses']} losses; preferred in {100 * pair['share']:.0f} % ({percent} %)"
        )
    if any(facts["strength"] is None for facts in models.values()):
        lines.append(
            "no strengths: one model, or several, won or lost all duels with the others, or met "
            "none of them; more votes are needed"
        )
    if found["left_share"] is not None:
        lines.append(f"the left picture was chosen in {100 * found['left_share']:.0f} %")
    return "\n".join(lines)


def _within(low: float | None, high: float | None, style: str) -> str:
    return "-" if low is None or high is None else f"{low:{style}} to {high:{style}}"


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
