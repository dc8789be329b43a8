"""The galleries of misclassified recordings: who is in them, in which order, at which cost."""

import html
import json
import re
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_study import CLASSES, REPRESENTATIONS, STUDY, write_scores, write_study

from semisup.figures.study_tables import StudyTables
from semisup.report import _media
from semisup.report._gallery import describe_galleries
from semisup.report._images import Picture, thumbnail
from semisup.report._media import Media, fitting, gather, see_and_hear
from semisup.report._mistakes import SHOWN, answers, mistakes_of_systems
from semisup.report._page import render

NASTY = """</script><b onclick='x()'>"&"""


def rows(said, label="a"):
    """`said`: by recording, the class and the probability of every draw."""
    table = pd.DataFrame(
        [("svm", "code", name, -1, label, *one) for name, draws in said.items() for one in draws],
        columns=["classifier", "representation", "recording", "chunk", "label", "predicted",
                 "probability"],
    )  # fmt: skip
    return table.assign(wrong=table["label"] != table["predicted"])


def with_probabilities(folder, probability, change=None):
    """Add the column to the predictions of a study; `change` alters their table before."""
    table = pq.read_table(folder / "predictions.parquet")
    frame = table.to_pandas()
    frame = frame if change is None else change(frame)
    frame["probability"] = probability(frame).astype(np.float32)
    made = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(
        made.replace_schema_metadata(table.schema.metadata), folder / "predictions.parquet"
    )
    return folder


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "made_up")


# --- which recordings, in which order


def test_the_most_confident_mistake_comes_first_and_one_odd_draw_is_none():
    table = mistakes_of_systems(
        rows(
            {
                "always": [("b", 0.6), ("b", 0.7), ("b", 0.8)],
                "mostly": [("b", 0.9), ("a", 0.1), ("c", 0.95)],
                "once": [("b", 0.99), ("a", 0.9), ("a", 0.9)],
                "unsure": [("c", 0.99), ("b", 0.5), ("b", 0.6)],
                "right": [("a", 0.9), ("a", 0.9), ("a", 0.9)],
            }
        )
    )
    assert table["recording"].tolist() == ["mostly", "always", "unsure"]
    # of the class that was said most often, by the alphabet where two were
    assert table["taken_for"].tolist() == ["b", "b", "b"]
    assert table["sure"].tolist() == pytest.approx([0.9, 0.7, 0.55])
    assert table["wrong"].tolist() == [2, 3, 3]
    assert set(table["asked"]) == {3}


def test_without_probabilities_those_most_often_wrong_come_first():
    nothing = float("nan")
    said = {
        "z": [("b", nothing), ("b", nothing)],
        "half": [("b", nothing), ("a", nothing)],
        "y": [("c", nothing), ("c", nothing)],
    }
    table = mistakes_of_systems(rows(said))
    assert table["recording"].tolist() == ["y", "z", "half"]
    assert table["sure"].isna().all()


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=4), min_size=1, max_size=8))
def test_listed_is_who_is_wrong_in_half_of_the_draws_and_nobody_else(said):
    table = rows({f"r{i}": [(one, 0.5) for one in draws] for i, draws in enumerate(said)})
    found = mistakes_of_systems(table)
    wanted = {f"r{i}" for i, draws in enumerate(said) if draws.count("a") <= 2}
    assert set(found["recording"]) == wanted
    assert len(found) == len(wanted)
    assert "a" not in set(found["taken_for"])


def test_a_table_without_the_column_has_no_probability(study):
    table = answers(StudyTables(study))
    assert len(table) == 6 * 2 * 30
    assert table["probability"].isna().all()
    # recording 0 is wrong in all six systems, recording 1 in four: two draws each
    assert table["wrong"].sum() == 12 + 8


# --- galleries of a study


def test_the_best_system_comes_first_then_all_together_then_the_others_by_score(study):
    metric = "uar"
    found = describe_galleries(StudyTables(study), metric, "none")
    scores = pd.read_parquet(study / "scores.parquet").query("percentage == 100")
    means = scores.groupby(["classifier", "representation"])[metric].mean()
    titles = [gallery.title for gallery in found.galleries]
    assert len(titles) == 7
    assert titles.pop(1) == "All systems together"
    shown = [float(title.rsplit(": ")[1]) for title in titles]
    assert shown == pytest.approx(sorted(means, reverse=True), abs=6e-4)
    for title, gallery in zip(titles, [found.galleries[0], *found.galleries[2:]], strict=True):
        names = ["r00.wav"] if "Hand-crafted" in title else ["r00.wav", "r01.wav"]
        assert [entry.recording for entry in gallery.entries] == names
        assert f"{len(names)} of 30 test recordings misclassified in at least" in gallery.sentence
        assert gallery.sentence.endswith("as there are no probabilities of this classifier.")
        assert gallery.entries[0].badge == "wrong in 2 of 2 draws"


def test_cards_say_how_sure_the_system_was(study):
    with_probabilities(study, lambda t: np.where(t["classifier"] == "svm", np.nan, 0.917))
    for gallery in describe_galleries(StudyTables(study), "uar", "none").galleries:
        sure = gallery.title.startswith("Random forest")
        for entry in gallery.entries:
            assert (entry.badge == "92 % sure") == sure
            assert not sure or entry.details == ["wrong in 2 of 2 draws"]
        assert sure == gallery.sentence.endswith("draws, the most confident mistakes first.")


def test_more_mistakes_than_are_shown_are_counted(study):
    def all_wrong(table):
        return table.assign(predicted=((table["predicted"] + 1) % 3).astype(np.int8))

    order = np.random.default_rng(0).permutation(30)
    place = {f"r{i:02d}.wav": order[i] for i in range(30)}
    with_probabilities(study, lambda t: t["recording"].map(place) / 40 + 0.2, all_wrong)
    gallery = describe_galleries(StudyTables(study), "uar", "none").galleries[0]
    assert f"of 30 test recordings misclassified in at least half of the draws; {SHOWN} shown" in (
        gallery.sentence
    )
    # 0 and 1 were wrong before and may be right now
    best = [name for name in sorted(place, key=place.get, reverse=True) if name > "r01.wav"]
    shown = [entry.recording for entry in gallery.entries if entry.recording > "r01.wav"]
    assert len(gallery.entries) == SHOWN
    assert shown == best[: len(shown)]


def test_chunks_that_count_are_called_chunks(study):
    def by_chunk(table):
        return pd.concat([table.assign(chunk=chunk) for chunk in (0, 1, 2)], ignore_index=True)

    with_probabilities(study, lambda t: t["chunk"] / 4, by_chunk)
    gallery = describe_galleries(StudyTables(study), "uar", "none").galleries[0]
    assert gallery.entries[0].details == ["wrong in 6 of 6 chunks of all draws"]
    assert gallery.entries[0].badge == "25 % sure"


def test_there_is_no_gallery_without_predictions_manifest_or_mistakes(study, tmp_path):
    alone = write_scores(tmp_path / "alone")
    right = with_probabilities(study, lambda t: t["draw"], lambda t: t[t["recording"] > "r01.wav"])
    for folder in (alone, right):
        assert describe_galleries(StudyTables(folder), "uar") == ([], [], "")
    (study / "manifest.parquet").unlink()
    assert describe_galleries(StudyTables(study), "uar") == ([], [], "")


# --- bytes


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12),
    st.integers(0, 4),
    st.integers(0, 120),
)
def test_what_fits_is_within_the_budget_and_sounds_go_before_pictures(sizes, kept, budget):
    pictures, sounds = fitting(sizes, kept, budget)

    def cost(pictures, sounds):
        return sum(p for p, _ in sizes[:pictures]) + sum(s for _, s in sizes[:sounds])

    assert cost(pictures, sounds) <= budget
    if sounds < len(sizes):  # no more than needed was left out
        assert pictures < len(sizes) or cost(pictures, sounds + 1) > budget
    if pictures < len(sizes):
        assert sounds <= kept
        assert cost(pictures + 1, sounds) > budget or sounds < kept
    if pictures < min(kept, len(sizes)):
        assert sounds == 0


def test_the_first_gallery_keeps_its_players_and_the_rest_is_not_even_decoded(monkeypatch):
    asked = []

    def made_up(entry, audio):
        asked.append((entry["path"], audio))
        return Media(Picture("p" * 10, 1, 1), None if audio == "none" else "s" * 100)

    monkeypatch.setattr(_media, "see_and_hear", made_up)
    entries = [{"path": number} for number in range(100)]
    media, n_pictures, n_sounds = gather(entries, "embed", kept=2, budget=300)
    assert (n_pictures, n_sounds) == (10, 2)
    assert [bool(one.sound) for one in media] == [True] * 2 + [False] * 98
    assert [bool(one.picture) for one in media] == [True] * 10 + [False] * 90
    assert sum(sum(one.sizes) for one in media) == 300
    assert len(asked) < 40
    assert [audio for _, audio in asked].count("embed") <= 4
    everything, *counts = gather(entries[:2], "embed", kept=0, budget=220)
    assert counts == [2, 2]
    assert all(one.picture and one.sound for one in everything)


def test_what_is_left_out_is_told_on_the_page(study, monkeypatch):
    monkeypatch.setattr("semisup.report._gallery.gather", partial(gather, budget=20_000))
    found = describe_galleries(StudyTables(study), "uar")
    told = "Left out to keep this page small: 2 players, of 2 recordings."
    assert found.left_out == told
    assert [card.media.sound for card in found.cards] == [None, None]
    assert all(card.media.picture for card in found.cards)
    monkeypatch.undo()
    assert describe_galleries(StudyTables(study), "uar").left_out == ""


# --- what is seen


def test_a_recording_that_is_a_picture_shows_it(tmp_path):
    from PIL import Image

    path = tmp_path / "a.PNG"
    Image.new("RGB", (1000, 500), (200, 30, 30)).save(path)
    seen = see_and_hear({"path": str(path), "seconds": float("nan")}, "embed")
    assert seen.is_photo
    assert (seen.picture.width, seen.picture.height) == (320, 160)
    assert seen.picture.uri.startswith("data:image/jpeg;base64,")
    assert seen.sound is None
    assert thumbnail(path) == seen.picture
    for content in (None, b"no picture"):
        path.unlink() if content is None else path.write_bytes(content)
        lost = see_and_hear({"path": str(path), "seconds": 1.0}, "embed")
        assert lost.picture is None
        assert "no longer where" in lost.problem


# --- the page


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    classes = sorted([NASTY, "neutral", "positive"])
    folder = tmp_path_factory.mktemp("gallery") / "made_up"
    labels = pd.Series([classes[i % 3] for i in range(30)], [f"{NASTY}{i:02d}" for i in range(30)])
    write_study(folder, labels, classes=classes)
    with_probabilities(folder, lambda t: np.where(t["representation"] == "code", 0.5, 0.75))
    with pytest.MonkeyPatch.context() as patched:
        for module in ("_opening", "_comparison", "_curves", "_data", "_training"):
            picture = Picture("data:,", 1, 1)
            patched.setattr(f"semisup.report.{module}.picture", lambda *_, p=picture: p)
        return render(folder, {**STUDY, "plot": {**STUDY["plot"], "metric": "uar"}})


def test_every_recording_is_in_the_page_once_however_many_systems_miss_it(text):
    # seven galleries show recording 0, five of them recording 1
    assert text.count("data:audio/flac") == 2
    assert text.count("data:image/jpeg") == 2
    cards = re.findall(r'<article class="card"( hidden)?>(.*?)</article>', text, re.DOTALL)
    assert len(cards) == 2
    assert all("<audio" in card and "<img" in card for _, card in cards)


def test_without_scripts_the_best_system_is_there_and_the_script_has_all(text):
    data = json.loads(re.search(r'id="gallery-data">(.*?)</script>', text, re.DOTALL)[1])
    assert len(data) == 1 + 2 * len(REPRESENTATIONS)
    first = data[0]["entries"]
    shown = re.findall(r'<article class="card">', text)
    assert len(shown) == len(first)
    assert [entry["card"] for entry in first] == list(range(len(first)))
    badges = re.findall(r'<p class="badge">(.*?)</p>', text)
    assert [badge for badge in badges if badge] == [entry["badge"] for entry in first]
    assert f">{data[0]['sentence']}</p>" in text
    assert re.search(r'id="gallery-controls" hidden>', text)


def test_names_in_galleries_stay_text(text):
    assert NASTY not in text
    assert "onclick='" not in text
    data = json.loads(re.search(r'id="gallery-data">(.*?)</script>', text, re.DOTALL)[1])
    taken = {entry["taken"] for gallery in data for entry in gallery["entries"]}
    assert taken <= {NASTY, *CLASSES}
    assert NASTY in html.unescape(text)


def test_both_metrics_of_all_systems_stand_in_the_page_and_in_the_tables(text, study):
    from semisup.report import sheets

    (study / "comparison.csv").unlink()
    by_name = {sheet.name: sheet for sheet in sheets(StudyTables(study), "accuracy")}
    table = by_name["systems"].table
    assert list(table) == ["Classifier", "Representation", "Accuracy", "Macro F1"]
    scores = pd.read_parquet(study / "scores.parquet").query("percentage == 100")
    means = scores.groupby(["classifier", "representation"])[["accuracy", "f1_macro"]].mean()
    ordered = means.sort_values("accuracy", ascending=False)
    for column, metric in (("Accuracy", "accuracy"), ("Macro F1", "f1_macro")):
        written = [float(cell.split()[0]) for cell in table[column]]
        assert written == pytest.approx(ordered[metric].tolist(), abs=6e-4)
        assert table[column].str.fullmatch(r"0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]").all()
    assert "All systems at 100 % of labels: Unweighted average recall and Accuracy" in text
    assert by_name["classes"].table["Accuracy"].astype(float).between(0.9, 1).all()


def test_with_one_budget_the_scores_are_the_table_of_systems(study):
    from semisup.report import sheets

    scores = pd.read_parquet(study / "scores.parquet").query("percentage == 20")
    scores.to_parquet(study / "scores.parquet")
    names = [sheet.name for sheet in sheets(StudyTables(study), "uar")]
    assert "systems" not in names
    assert list(sheets(StudyTables(study), "uar")[0].table) == [
        "Classifier", "Representation", "Unweighted average recall", "Accuracy"
    ]  # fmt: skip
