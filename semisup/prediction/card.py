"""The model card of an exported folder, README.md: what it is, how good, and where it ends."""

from collections.abc import Iterator, Sequence

from semisup.prediction.about import About, Score
from semisup.prediction.fitted import Facts
from semisup.prediction.per_class import OfClass

HOW = """\
```
semisup predict THIS_FOLDER recording.wav folder_of_recordings
```

```python
import semisup

predictions = semisup.load_model("THIS_FOLDER").predict(["recording.wav"])
predictions.verdicts()
```

Nothing in this folder is executed when it is loaded, and a file that was changed is refused.
"""


def card(about: About, facts: Facts, classes: Sequence[OfClass]) -> str:
    """Write the card.

    Parameters
    ----------
    about : About
    facts : Facts
    classes : sequence of OfClass

    Returns
    -------
    str
        Markdown.
    """
    sections = {
        "Use": HOW,
        "Scores": "\n".join(_scores(about, classes)),
        "Data": "\n".join(_data(about, facts)),
        "Limits": "\n".join(_limits(about, facts)),
        "Versions": ", ".join(f"{name} {number}" for name, number in about.versions.items()),
    }
    body = "\n\n".join(f"## {title}\n\n{text.rstrip()}" for title, text in sections.items())
    what = f"{about.title} (`{about.system}`), of the study `{about.study}`."
    names = ", ".join(facts.classes)
    return f"# {about.title}\n\n{what} It tells {len(facts.classes)} classes: {names}.\n\n{body}\n"


def _scores(about: About, classes: Sequence[OfClass]) -> Iterator[str]:
    level = f"{100 * about.level:g} %"
    yield f"Expected on recordings like those of the test, with {level} intervals:\n"
    yield "| score | value |\n|---|---|"
    for name, score in about.scores.items():
        chance = f" (by chance {Score(mean=about.chance)})" if name == "uar" else ""
        yield f"| {name}{chance} | {score} |"
    yield "\n| class | recall | precision | test recordings |\n|---|---|---|---|"
    for one in classes:
        precision = "-" if one.precision is None else Score(mean=one.precision)
        yield f"| {_cell(one.name)} | {one.recall} | {precision} | {one.tested} |"
    yield f"\n{about.population}"
    if about.compared > 1:
        yield (
            f"\nThe study compared {about.compared} systems on the same test recordings. Where "
            "this one was taken for being the best of them, its scores are a little too good."
        )


def _data(about: About, facts: Facts) -> Iterator[str]:
    yield f"- Learned from {_of(about.labelled, about.speakers)}, labelled, all of the study's."
    yield f"- Scored on {_of(about.tested, about.tested_speakers)}."
    if about.folds:
        yield (
            f"- The study has {about.folds} folds, each with a system of its own; the scores are "
            "those of all, and this system is the first's."
        )
    for corpus in about.corpora:
        yield f"- {corpus.name}: {corpus.citation} Licence: {corpus.licence}."
    yield (
        "\nNo recording is in this folder. Fitted numbers are made from the recordings, and some "
        "classifiers keep the features of each: the corpus's licence is the model's too."
    )


def _limits(about: About, facts: Facts) -> Iterator[str]:
    yield f"- It always names one of {len(facts.classes)} classes, whatever is heard."
    if "sound" in facts.media:
        rate = facts.chunks.sample_rate
        yield f"- Recordings are resampled to {rate} Hz, where a kind's options say no other rate."
    if facts.longest is not None:
        yield (
            f"- A file longer than {facts.longest:.2f} s, the longest recording that it learned "
            "from, is cut into equal parts, each of which is answered for."
        )
    kinds = {str(options["kind"]) for options in facts.representations.values()}
    yield f"- Features of each file by itself, by kinds {', '.join(sorted(kinds))}."
    if not about.speakers:
        yield "- Who is heard in the corpus is unknown: speakers of the test may have been learned."
    yield "- Another corpus, microphone, language or room may be told worse than the scores say."


def _of(recordings: int, speakers: int) -> str:
    of = f" of {speakers} speaker{'s' * (speakers != 1)}" if speakers else ", speakers unknown"
    return f"{recordings:,} recording{'s' * (recordings != 1)}{of}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")
