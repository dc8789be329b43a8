"""The model card of an exported folder, README.md: what it is, how good, and where it ends."""

from collections.abc import Iterator, Sequence
from math import isfinite

from semisup.prediction.about import About, Score, counted
from semisup.prediction.model import Model
from semisup.prediction.per_class import OfClass
from semisup.prediction.recipe import Recipe

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


def card(model: Model, classes: Sequence[OfClass]) -> str:
    """Write the card.

    Parameters
    ----------
    model : Model
    classes : sequence of OfClass

    Returns
    -------
    str
        Markdown.
    """
    about = model.about
    sections = {
        "Use": HOW,
        "Scores": "\n".join(_scores(about, classes)),
        "Data": "\n".join(_data(about)),
        "Limits": "\n".join(_limits(model)),
        "Versions": ", ".join(f"{name} {number}" for name, number in about.versions.items()),
    }
    body = "\n\n".join(f"## {title}\n\n{text.rstrip()}" for title, text in sections.items())
    what = f"{about.title} (`{about.system}`), of the study `{about.study}`."
    names = f"It tells {len(model.classes)} classes: {', '.join(model.classes)}."
    return f"# {about.title}\n\n{what} {names}\n\n{body}\n"


def _scores(about: About, classes: Sequence[OfClass]) -> Iterator[str]:
    level = f"{100 * about.level:g} %"
    yield f"Expected on recordings like those of the test, with {level} intervals:\n"
    yield "| score | value |\n|---|---|"
    for name, score in about.named_scores():
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


def _data(about: About) -> Iterator[str]:
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
        "\nNo recording is in this folder, but what is fitted is made from recordings, and some "
        "classifiers keep the features of each: mind what the corpus's licence says of that."
    )


def _limits(model: Model) -> Iterator[str]:
    about, recipe = model.about, model.recipe
    yield f"- It always names one of {len(model.classes)} classes, whatever is heard."
    if "sound" in model.fitted.facts.media:
        yield from _lengths(recipe)
    yield "- Every file is answered for by itself; no other file of the speaker is used."
    if not about.speakers:
        yield "- Who is heard in the corpus is unknown: speakers of the test may have been learned."
    yield "- Another corpus, microphone, language or room may be told worse than the scores say."


def _lengths(recipe: Recipe) -> Iterator[str]:
    """Say at which rate sound is heard, and in which lengths."""
    rate = recipe.kind.sample_rate or vars(recipe.kind.options).get("sample_rate")
    yield f"- Sound is resampled to {rate or recipe.chunks.sample_rate} Hz, channels are averaged."
    grid = recipe.kind.grid()
    if recipe.kind.needs == "chunks":
        seconds = recipe.chunks.chunk_samples / recipe.chunks.sample_rate
        short = "refused" if recipe.chunks.short == "drop" else "filled up with silence"
        yield f"- A file is cut into chunks of {seconds:g} s; a shorter one is {short}."
    elif grid is not None:
        yield f"- It answers for windows of {grid.length:g} s, one every {grid.step:g} s."
    elif isfinite(recipe.longest):
        yield (
            f"- A file longer than {recipe.longest:.2f} s, the longest recording that it learned "
            "from, is cut into equal parts, each of which is answered for."
        )


def _of(recordings: int, speakers: int) -> str:
    return counted(recordings, speakers) + ("" if speakers else ", speakers unknown")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")
