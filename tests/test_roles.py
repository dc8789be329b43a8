"""Roles of corpora: what each subset may hold, whose labels must agree, and what cannot leak."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from corpus_trees import make
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import CorpusError, SpecError, SplitError
from semisup.reading import parse_study
from semisup.splits import left_out, role_notes, split_by_speaker, splits_by_folds
from semisup.splits._roles import heard_elsewhere
from semisup.stages.preflight import check_study
from semisup.stages.runner import run_study
from semisup.stages.scan import scan_corpora
from semisup.study.split_spec import SUBSETS, SplitSpec
from semisup.study.study import Study

QUOTA = SplitSpec(strategy="quota", per_class={"labelled": 4, "test": 3, "unlabelled": "rest"})
PREFIX = QUOTA.model_copy(update={"strategy": "sorted_prefix"})
STRATEGIES = pytest.mark.parametrize("spec", [SplitSpec(), QUOTA, PREFIX], ids=lambda s: s.strategy)


def corpus(role: str, speakers: int = 6, name: str = "", takes: int = 3, labels: str = "xy"):
    """Make the manifest of a corpus: `takes` recordings of each class of each speaker."""
    name = name or role
    rows = [
        (f"{name}/{speaker}/{label}{take}", f"{name}/{speaker}", label)
        for speaker in range(speakers)
        for label in labels
        for take in range(takes)
    ]
    table = pd.DataFrame(rows, columns=["recording", "speaker", "label"])
    table = table.assign(corpus=name, role=role)
    return table.assign(label="") if role == "unlabelled" else table


def joined(*corpora: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(corpora, ignore_index=True)


def of_roles(manifest: pd.DataFrame, spec: SplitSpec, seed: int = 0) -> dict[tuple[str, str], int]:
    """Return how many recordings of each role are in each subset."""
    split = split_by_speaker(manifest, spec, seed)
    role = manifest.set_index("recording")["role"]
    return split.groupby([role[split.index], split]).size().to_dict()


def _speakers(manifest: pd.DataFrame, split: pd.Series, subset: str) -> set[str]:
    speakers = manifest.set_index("recording")["speaker"]
    return set(speakers[split.index[split == subset]])


class TestSubsets:
    def test_where_roles_are_set_each_corpus_goes_whole(self):
        manifest = joined(corpus("labelled"), corpus("test", 4), corpus("unlabelled", 5))
        assert of_roles(manifest, SplitSpec()) == {
            ("labelled", "labelled"): 36,
            ("test", "test"): 24,
            ("unlabelled", "unlabelled"): 30,
        }

    @STRATEGIES
    def test_a_quota_takes_as_many_a_class_and_from_as_many_speakers_as_it_can(self, spec):
        manifest = joined(corpus("labelled"), corpus("test", 4), corpus("unlabelled", 5))
        if spec.strategy == "fraction":
            return
        assert of_roles(manifest, spec) == {
            ("labelled", "labelled"): 2 * 4,
            ("test", "test"): 2 * 3,
            ("unlabelled", "unlabelled"): 30,
        }
        if spec.strategy == "quota":
            split = split_by_speaker(manifest, spec)
            speakers = manifest.set_index("recording")["speaker"]
            assert speakers[split.index[split == "test"]].nunique() >= 3

    def test_without_another_corpus_to_learn_from_that_of_the_labels_is_shared(self):
        manifest = joined(corpus("labelled", 7), corpus("test", 2))
        halves = SplitSpec(fractions={"labelled": 0.3, "unlabelled": 0.4, "test": 0.3})
        assert of_roles(manifest, halves) == {
            ("labelled", "labelled"): 3 * 6,
            ("labelled", "unlabelled"): 4 * 6,
            ("test", "test"): 12,
        }
        assert of_roles(manifest, QUOTA)[("labelled", "labelled")] == 8
        without = SplitSpec(fractions={"labelled": 0.5, "test": 0.5})
        assert of_roles(manifest, without) == {
            ("labelled", "labelled"): 42,
            ("test", "test"): 12,
        }

    def test_a_corpus_for_all_is_shared_among_what_no_other_corpus_is_for(self):
        adapting = joined(corpus("labelled"), corpus("all", 7))
        assert of_roles(adapting, SplitSpec()) == {
            ("labelled", "labelled"): 36,
            ("all", "unlabelled"): 4 * 6,
            ("all", "test"): 3 * 6,
        }
        learning = joined(corpus("test"), corpus("all", 7))
        assert of_roles(learning, SplitSpec()) == {
            ("test", "test"): 36,
            ("all", "unlabelled"): 4 * 6,
            ("all", "labelled"): 3 * 6,
        }

    @STRATEGIES
    def test_another_test_corpus_leaves_the_deal_of_the_labels_as_it_is(self, spec):
        labelled = corpus("labelled")
        splits = [
            split_by_speaker(joined(labelled, test), spec, seed=3)
            for test in (corpus("test", 4), corpus("test", 9, name="aaa", takes=5))
        ]
        one, other = (split[split.index.str.startswith("labelled/")] for split in splits)
        pd.testing.assert_series_equal(one, other)

    def test_folds_test_each_speaker_of_the_corpora_for_the_test_once(self):
        spec = SplitSpec(folds=3)
        adapting = joined(corpus("labelled", 4), corpus("all"))
        for_test = joined(corpus("labelled", 5), corpus("test"), corpus("unlabelled"))
        for manifest, role in ((adapting, "all"), (for_test, "test")):
            splits = splits_by_folds(manifest, spec)
            tested = [speaker for s in splits for speaker in _speakers(manifest, s, "test")]
            assert sorted(tested) == sorted(set(manifest.loc[manifest["role"] == role, "speaker"]))
            for split in splits:
                rows = manifest.set_index("recording").loc[split.index].assign(subset=split)
                assert set(rows.loc[rows["subset"] == "labelled", "role"]) == {"labelled"}
                assert (
                    len(rows[rows["subset"] == "labelled"])
                    == (manifest["role"] == "labelled").sum()
                )
                rest = {"all"} if role == "all" else {"unlabelled"}
                assert set(rows.loc[rows["subset"] == "unlabelled", "role"]) == rest

    def test_a_role_stands_above_a_column(self):
        manifest = joined(corpus("test"), corpus("all", 3))
        manifest["subset"] = manifest["speaker"].str[-1].map(dict(zip("012", SUBSETS, strict=True)))
        assert of_roles(manifest, SplitSpec(strategy="column")) == {
            ("all", "labelled"): 6,
            ("all", "unlabelled"): 6,
            ("test", "test"): 36,
        }

    @settings(max_examples=40)
    @given(
        st.lists(st.sampled_from(["all", "labelled", "unlabelled", "test"]), max_size=3),
        st.sampled_from([SplitSpec(), QUOTA, PREFIX]),
        st.lists(st.integers(0, 30), max_size=5),
        st.integers(0, 3),
    )
    def test_speakers_stay_apart_and_roles_are_kept(self, roles, spec, shared, seed):
        manifest = joined(
            *(corpus(role, name=f"c{number}") for number, role in enumerate(["all", *roles]))
        )
        # some speakers of any corpora are one person
        names = sorted(set(manifest["speaker"]))
        person = {names[number % len(names)]: "p" for number in shared}
        manifest["speaker"] = manifest["speaker"].replace(person)
        try:
            split = split_by_speaker(manifest, spec, seed)
        except SplitError:
            return
        rows = manifest.set_index("recording").loc[split.index].assign(subset=split)
        assert rows.groupby("speaker")["subset"].nunique().max() == 1
        for role in set(roles) - {"all"}:
            assert set(rows.loc[rows["role"] == role, "subset"]) <= {role}
            if role != "unlabelled":
                assert set(rows.loc[rows["subset"] == role, "role"]) <= {role}


class TestWhatIsSaid:
    def test_a_speaker_of_two_corpora_is_heard_in_one_and_the_rest_named(self):
        manifest = joined(corpus("labelled"), corpus("test"), corpus("unlabelled"))
        same = {"labelled/0": "a", "test/0": "a", "test/1": "b", "unlabelled/0": "b", "nobody": ""}
        manifest["speaker"] = manifest["speaker"].replace(same)
        split = split_by_speaker(manifest, SplitSpec())
        rows = manifest.set_index("recording").loc[split.index].assign(subset=split)
        assert set(rows.loc[rows["speaker"] == "a", "subset"]) == {"test"}
        assert set(rows.loc[rows["speaker"] == "b", "subset"]) == {"unlabelled"}
        assert left_out(manifest, split, SplitSpec()).value_counts().to_dict() == {
            "its speaker is in a corpus of role 'test' too": 6,
            "its speaker is in a corpus of role 'unlabelled' too": 6,
        }

    def test_nobody_in_particular_is_not_one_person(self):
        manifest = joined(corpus("labelled"), corpus("test")).assign(speaker="")
        assert (heard_elsewhere(manifest) == "").all()

    def test_a_role_without_speakers_of_its_own_is_refused(self):
        manifest = joined(corpus("labelled", 2), corpus("test", 2)).replace("labelled/0", "test/0")
        manifest["speaker"] = manifest["speaker"].replace("labelled/1", "test/1")
        message = r"all 12 recordings of role 'labelled' are in a corpus of role 'test' too"
        with pytest.raises(SplitError, match=message):
            split_by_speaker(manifest, SplitSpec())

    @STRATEGIES
    def test_classes_that_one_side_lacks_are_named_with_corpus_and_remedy(self, spec):
        manifest = joined(corpus("labelled", labels="xyz"), corpus("test", labels="xyq"))
        with pytest.raises(SplitError) as caught:
            split_by_speaker(manifest, spec)
        said = str(caught.value)
        assert "'z' is in 'labelled' (for 'labelled') alone" in said
        assert "'q' is in 'test' (for 'test') alone" in said
        assert 'map_labels = { "q" = "x" }' in said
        assert 'map_labels = { "q" = "" }' in said

    def test_a_class_of_one_speaker_is_enough_where_corpora_are_for_one_subset(self):
        lone = corpus("labelled", labels="xyz")
        lone = lone[(lone["label"] != "z") | (lone["speaker"] == "labelled/0")]
        manifest = joined(lone, corpus("test", labels="xyz"), corpus("unlabelled"))
        assert of_roles(manifest, QUOTA.model_copy(update={"allow_shortfall": True}))

    def test_notes_tell_which_corpora_a_subset_is_from_and_who_is_shared(self):
        manifest = joined(corpus("labelled", name="ravdess"), corpus("test", name="nemo"))
        whole, shared = role_notes(manifest, split_by_speaker(manifest, SplitSpec()))
        assert whole == (
            "By the roles of the corpora 'labelled' is from 'ravdess', 'unlabelled' is from "
            "'ravdess', 'test' is from 'nemo'"
        )
        assert "speakers of 'ravdess' are shared between 'labelled' and 'unlabelled'" in shared
        manifest = joined(manifest, corpus("unlabelled"))
        assert len(role_notes(manifest, split_by_speaker(manifest, SplitSpec()))) == 1
        plain = joined(corpus("all"), corpus("unlabelled"))
        assert role_notes(plain, split_by_speaker(plain, SplitSpec())) == []


def study(root: Path, out: Path, *corpora: dict[str, object], **tables: object) -> Study:
    """Make a study of folders of classes, a corpus each; `a_s0_0.wav` is spoken by s0."""
    keys = {"adapter": "folder", "speaker_pattern": r"_(s\d+)_", "same_speakers": False}
    document = {
        "name": "roles",
        "corpus": [keys | {"name": str(c["root"])} | c for c in corpora],
        "curve": {"classifiers": ["tree"], "percentages": [100], "draws": 1},
        **tables,
    }
    return Study(parse_study(document), root, out)


def record(root: Path, tones: dict[str, float], speakers: int, seed: int) -> None:
    """Write two recordings a class of each speaker: a tone in noise."""
    rng = np.random.default_rng(seed)
    for label, tone in tones.items():
        (root / label).mkdir(parents=True)
        for name in (f"a_s{speaker}_{take}.wav" for speaker in range(speakers) for take in (0, 1)):
            sound = 0.3 * np.sin(tone * np.arange(6000)) + 0.1 * rng.normal(size=6000)
            soundfile.write(root / label / name, sound, 8000)


TONES = {"low": 0.1, "high": 0.3}
ONE = {"root": "one", "role": "labelled"}


class TestStudies:
    def test_without_a_corpus_to_test_on_a_study_is_refused(self, tmp_path):
        three = {"root": "three", "role": "unlabelled"}
        with pytest.raises(SpecError, match=r"role: no corpus may be in 'test'.*labelled and unl"):
            study(tmp_path, tmp_path, ONE, three)

    def test_noise_in_the_place_of_the_test_corpus_changes_nothing_that_is_learned(self, tmp_path):
        record(tmp_path / "one", TONES, 4, 0)
        record(tmp_path / "a" / "two", {"deep": 0.1, "high": 0.3}, 3, 1)
        record(tmp_path / "b" / "two", {"deep": 0.0, "high": 0.0}, 3, 2)
        learned = []
        for place in "ab":
            two = {"root": f"{place}/two", "name": "two", "role": "test"}
            asked = study(
                tmp_path,
                tmp_path / place,
                ONE,
                two | {"map_labels": {"deep": "low"}},
                representations={"voice": {"kind": "voice_pca", "components": 2}},
                split={"fractions": {"labelled": 0.5, "unlabelled": 0.5}},
            )
            problems, fatal = check_study(asked)
            assert not fatal
            assert any("'test' is from 'two'" in line for line in problems)
            folder = run_study(asked, until="curve").folder
            split = pd.read_csv(folder / "split.csv").set_index("recording")["subset"]
            features = pd.read_parquet(folder / "features" / "voice.parquet")
            models = sorted(path for path in (folder / "voice").rglob("*") if path.suffix == ".npz")
            labelled = features[features["recording"].map(split) == "labelled"]
            tested = features[features["recording"].map(split) == "test"]
            learned.append((split, labelled, [path.read_bytes() for path in models], tested))
        (split, labelled, models, tested), again = learned
        pd.testing.assert_series_equal(split, again[0])
        pd.testing.assert_frame_equal(labelled, again[1])
        assert models
        assert models == again[2]
        assert not tested.equals(again[3])

    def test_labels_of_any_adapter_are_renamed_and_a_misspelt_one_is_named(self, tmp_path):
        names = [f"03-01-{emotion}-01-01-01-12.wav" for emotion in ("01", "02", "05", "08")]
        make(tmp_path / "one", *(f"Actor_12/{name}" for name in names))
        ravdess = {"adapter": "ravdess", "root": "one", "label": "emotion"}

        def labels(**mapped: str) -> dict[str, str]:
            document = {"name": "x", "corpus": [ravdess | {"map_labels": mapped}]}
            table = scan_corpora(parse_study(document), tmp_path, tmp_path)
            return dict(zip(table["emotion"], table["label"] + table["reason"], strict=True))

        assert labels(calm="neutral", surprised="") == {
            "neutral": "neutral",
            "calm": "neutral",
            "angry": "angry",
            "surprised": "map_labels leaves out the label 'surprised'",
        }
        with pytest.raises(CorpusError, match=r"ravdess corpus .* has no class clam; it has angry"):
            labels(clam="neutral")
