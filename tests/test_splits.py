from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import LeakageError, SplitError
from semisup.splits import (
    check_no_leakage,
    diagnostics,
    labels_of,
    left_out,
    split_by_speaker,
    warnings,
)
from semisup.splits.quota import take_evenly
from semisup.study.split_spec import SUBSETS, SplitSpec

STUDY = settings(max_examples=30)


def manifest_of(counts, **columns):
    """Make a manifest from {speaker: {label: recordings}}."""
    rows = [
        {"recording": f"{speaker}/{label}{i:02d}.wav", "speaker": speaker, "label": label}
        for speaker, by_label in counts.items()
        for label, n in by_label.items()
        for i in range(n)
    ]
    return pd.DataFrame(rows, columns=["recording", "speaker", "label"]).assign(**columns)


def quota(allow_shortfall=False, strategy="quota", **per_class):
    return SplitSpec(strategy=strategy, per_class=per_class, allow_shortfall=allow_shortfall)


def counts_of(manifest, split):
    rows = manifest.set_index("recording").loc[split.index]
    return rows.groupby([split, "label"]).size().to_dict()


def speakers_of(manifest, split, subset):
    speakers = manifest.set_index("recording")["speaker"]
    return set(speakers[split.index[split == subset]])


def like_ravdess(n_speakers=24):
    return manifest_of(
        {f"a{s:02d}": {"negative": 24, "neutral": 12, "positive": 8} for s in range(n_speakers)}
    )


tables = st.dictionaries(
    st.sampled_from("pqrst"),
    st.fixed_dictionaries({"x": st.integers(0, 3), "y": st.integers(0, 3)}),
    min_size=2,
).map(manifest_of)
quotas = st.fixed_dictionaries(
    {"labelled": st.integers(1, 4), "test": st.integers(1, 4)},
    optional={"unlabelled": st.integers(1, 3) | st.just("rest")},
)


def brute_force(manifest, per_class):
    """Say whether any sharing of whole speakers meets the counts."""
    counts = pd.crosstab(manifest["speaker"], manifest["label"]).to_numpy()
    names = list(per_class)
    for places in product(range(len(names) + 1), repeat=len(counts)):
        places = np.array(places)
        if all(
            (places == k).any() if n == "rest" else (counts[places == k].sum(axis=0) >= n).all()
            for k, n in enumerate(per_class.values())
        ):
            return True
    return False


def leaks(manifest, split):
    sets = [speakers_of(manifest, split, subset) for subset in SUBSETS]
    return sum(map(len, sets)) != len(set().union(*sets))


class TestQuota:
    @STUDY
    @given(tables, quotas)
    def test_counts_are_met_exactly_if_and_only_if_brute_force_can(self, manifest, per_class):
        classes = set(manifest["label"])
        if not classes:
            return
        if not brute_force(manifest, per_class):
            with pytest.raises(SplitError):
                split_by_speaker(manifest, quota(**per_class))
            return
        split = split_by_speaker(manifest, quota(**per_class))
        counts = counts_of(manifest, split)
        for subset, n in per_class.items():
            if n != "rest":
                assert {counts[subset, label] for label in classes} == {n}
        assert not leaks(manifest, split)

    @STUDY
    @given(tables, quotas, st.integers(0, 9))
    def test_rest_takes_every_recording_of_every_other_speaker(self, manifest, per_class, seed):
        try:
            split = split_by_speaker(manifest, quota(**{**per_class, "unlabelled": "rest"}), seed)
        except SplitError:
            return
        used = speakers_of(manifest, split, "labelled") | speakers_of(manifest, split, "test")
        others = manifest[~manifest["speaker"].isin(used)]
        assert set(split.index[split == "unlabelled"]) == set(others["recording"])

    @pytest.mark.parametrize("seed", range(3))
    def test_ravdess_has_room_for_eight_speakers_a_subset(self, seed):
        manifest = like_ravdess()
        split = split_by_speaker(manifest, quota(labelled=64, test=64, unlabelled="rest"), seed)
        counts = counts_of(manifest, split)
        assert {counts[s, c] for s, c in counts if s != "unlabelled"} == {64}
        assert [len(speakers_of(manifest, split, subset)) for subset in SUBSETS] == [8, 8, 8]
        assert (split == "unlabelled").sum() == 8 * 44

    def test_rest_may_be_a_subset_with_labels(self):
        manifest = like_ravdess(12)
        split = split_by_speaker(manifest, quota(labelled=8, unlabelled=20, test="rest"))
        assert set(manifest["speaker"]) == set.union(
            *(speakers_of(manifest, split, subset) for subset in SUBSETS)
        )
        assert len(speakers_of(manifest, split, "test")) >= 4

    def test_recordings_are_spread_over_as_many_speakers_as_there_are(self):
        manifest = like_ravdess(20)
        split = split_by_speaker(manifest, quota(labelled=30, test=30))
        table = diagnostics(manifest, split).set_index(["subset", "label"])
        assert table.groupby("subset")["speakers"].max().sum() == 20
        assert (table["largest_share"] <= 4 / 30).all()

    def test_a_dominant_speaker_gives_no_more_than_needed(self):
        counts = {"big": {"x": 90, "y": 90}} | {f"s{i:02d}": {"x": 3, "y": 3} for i in range(20)}
        manifest = manifest_of(counts)
        split = split_by_speaker(manifest, quota(labelled=20, test=20))
        assert diagnostics(manifest, split)["largest_share"].max() <= 4 / 20

    def test_another_seed_gives_another_split(self):
        splits = [
            split_by_speaker(like_ravdess(), quota(labelled=20, test=20), seed) for seed in (1, 2)
        ]
        assert not splits[0].equals(splits[1])

    def test_what_is_short_is_named_with_how_much(self):
        manifest = like_ravdess(4)
        with pytest.raises(SplitError, match=r"class 'positive' in '\w+' is \d+ short of 20"):
            split_by_speaker(manifest, quota(labelled=20, test=20))
        with pytest.raises(SplitError, match="class 'x' in 'test' is 3 short of 5"):
            split_by_speaker(manifest_of({"p": {"x": 9}, "q": {"x": 2}}), quota(labelled=9, test=5))

    def test_with_shortfall_allowed_it_takes_what_there_is(self):
        manifest = like_ravdess(4)
        split = split_by_speaker(manifest, quota(labelled=20, test=20, allow_shortfall=True))
        counts = counts_of(manifest, split)
        assert counts["labelled", "positive"] + counts["test", "positive"] == 32
        assert counts["labelled", "negative"] == counts["test", "negative"] == 20

    def test_too_few_speakers_for_the_subsets_are_refused(self):
        manifest = manifest_of({"p": {"x": 5}, "q": {"x": 5}})
        with pytest.raises(SplitError, match="2 speakers cannot be shared among labelled, unlab"):
            split_by_speaker(manifest, quota(labelled=2, test=2, unlabelled="rest"))

    def test_recordings_are_drawn_evenly_as_water_fills(self):
        rows = manifest_of({"p": {"x": 1}, "q": {"x": 3}, "r": {"x": 9}, "s": {"x": 9}})
        drawn = take_evenly(rows, 11, np.random.default_rng(0))
        taken = rows[rows["recording"].isin(drawn)].groupby("speaker").size()
        assert sorted(taken) == [1, 3, 3, 4]
        assert taken["p"] == 1
        assert len(set(drawn)) == 11


class TestFraction:
    def test_equal_speakers_are_shared_as_nearly_as_they_can_be(self):
        manifest = like_ravdess(20)
        split = split_by_speaker(manifest, SplitSpec())
        assert [len(speakers_of(manifest, split, subset)) for subset in SUBSETS] == [6, 8, 6]
        assert len(split) == len(manifest)

    def test_fractions_that_leave_some_out_do_so(self):
        spec = SplitSpec(fractions={"labelled": 0.25, "test": 0.25})
        manifest = like_ravdess(20)
        split = split_by_speaker(manifest, spec)
        assert [len(speakers_of(manifest, split, s)) for s in ("labelled", "test")] == [5, 5]

    @pytest.mark.parametrize("seed", range(3))
    def test_uneven_speakers_give_shares_and_balance_within_a_few_percent(self, seed):
        rng = np.random.default_rng(seed)
        counts = {
            f"s{i:02d}": dict(zip("xyz", rng.integers(0, 200 // (i + 1) + 4, 3), strict=True))
            for i in range(40)
        }
        manifest = manifest_of(counts)
        split = split_by_speaker(manifest, SplitSpec(), seed)
        shares = pd.crosstab(manifest.set_index("recording")["label"], split, normalize="index")
        assert (abs(shares[["labelled", "unlabelled", "test"]] - [0.3, 0.4, 0.3]) < 0.02).all(
            axis=None
        )

    def test_rare_classes_reach_both_labelled_and_test(self):
        counts = {f"s{i}": {"x": 10} for i in range(8)} | {s: {"y": 1} for s in ("rare", "rarer")}
        manifest = manifest_of(counts)
        split = split_by_speaker(manifest, SplitSpec())
        assert set(split[["rare/y00.wav", "rarer/y00.wav"]]) == {"labelled", "test"}

    def test_two_speakers_cannot_fill_three_subsets(self):
        manifest = manifest_of({"p": {"x": 5}, "q": {"x": 5}})
        with pytest.raises(SplitError, match="2 speakers cannot be shared"):
            split_by_speaker(manifest, SplitSpec())


class TestColumn:
    def test_the_corpus_partition_is_taken_and_other_values_left_out(self):
        manifest = manifest_of({s: {"x": 2} for s in "pqrs"})
        manifest["part"] = manifest["speaker"].map(
            {"p": "Train", "q": "Dev", "r": "Test1", "s": "Other"}
        )
        spec = SplitSpec(
            strategy="column",
            column="part",
            values={"labelled": ["Train", "Dev"], "test": ["Test1"]},
        )
        split = split_by_speaker(manifest, spec)
        assert split.tolist() == ["labelled"] * 4 + ["test"] * 2

    def test_the_subsets_own_names_are_the_default_values(self):
        manifest = manifest_of({s: {"x": 1} for s in "pqr"}, subset=[*SUBSETS])
        assert split_by_speaker(manifest, SplitSpec(strategy="column")).tolist() == [*SUBSETS]

    def test_a_leaking_partition_is_refused_with_the_speaker(self):
        manifest = manifest_of({"p": {"x": 2}, "q": {"x": 1}}, subset=["labelled", "test", "test"])
        with pytest.raises(LeakageError, match="'p' is in labelled and test"):
            split_by_speaker(manifest, SplitSpec(strategy="column"))

    def test_unknown_speakers_pass_only_when_allowed(self):
        manifest = manifest_of({"": {"x": 2}}, subset=["labelled", "test"])
        with pytest.raises(SplitError, match="speaker of 2 of 2 recordings is not known"):
            split_by_speaker(manifest, SplitSpec(strategy="column"))
        spec = SplitSpec(strategy="column", allow_unknown_speakers=True)
        assert split_by_speaker(manifest, spec).tolist() == ["labelled", "test"]

    def test_wrong_columns_and_values_are_named(self):
        manifest = manifest_of({s: {"x": 1} for s in "pq"}, part=["a", "b"])
        with pytest.raises(SplitError, match=r"no column 'prat'.*it has .*part"):
            split_by_speaker(manifest, SplitSpec(strategy="column", column="prat"))
        spec = SplitSpec(strategy="column", column="part", values={"labelled": ["A"]})
        with pytest.raises(SplitError, match="no value 'A'; it has a, b"):
            split_by_speaker(manifest, spec)
        twice = SplitSpec(
            strategy="column", column="part", values={"labelled": ["a"], "test": ["a"]}
        )
        with pytest.raises(SplitError, match="'a' of column 'part' is given for both"):
            split_by_speaker(manifest, twice)

    def test_recordings_without_label_may_be_unlabelled_only(self):
        manifest = manifest_of({"p": {"x": 1}, "q": {"x": 1}, "r": {"": 1}})
        manifest["subset"] = ["labelled", "test", "unlabelled"]
        assert len(split_by_speaker(manifest, SplitSpec(strategy="column"))) == 3
        manifest["subset"] = ["labelled", "test", "test"]
        with pytest.raises(SplitError, match=r"1 recordings of 'test' have no label.*r/00"):
            split_by_speaker(manifest, SplitSpec(strategy="column"))


class TestSortedPrefix:
    manifest = manifest_of(
        {
            "a": {"x": 2},
            "b": {"y": 2},
            "c": {"x": 1, "y": 1},
            "d": {"x": 2, "y": 1},
            "e": {"y": 3},
        }
    )

    def test_it_takes_the_first_names_of_each_class_and_skips_used_speakers(self):
        spec = quota(strategy="sorted_prefix", labelled=2, test=2, unlabelled="rest")
        split = split_by_speaker(self.manifest, spec)
        taken = {subset: [*split.index[split == subset]] for subset in SUBSETS}
        assert taken == {
            "labelled": ["a/x00.wav", "a/x01.wav", "b/y00.wav", "b/y01.wav"],
            "test": ["c/x00.wav", "c/y00.wav", "d/x00.wav", "d/y00.wav"],
            "unlabelled": ["e/y00.wav", "e/y01.wav", "e/y02.wav"],
        }

    def test_running_out_of_names_is_an_error_unless_shortfall_is_allowed(self):
        counts = {"strategy": "sorted_prefix", "labelled": 2, "test": 3}
        with pytest.raises(SplitError, match="class 'x' in 'test' is 1 short of 4"):
            split_by_speaker(self.manifest, quota(**{**counts, "labelled": 1, "test": 4}))
        split = split_by_speaker(
            self.manifest, quota(**{**counts, "test": 9}, allow_shortfall=True)
        )
        assert (split == "test").sum() == 3 + 5

    def test_nobody_left_for_the_rest_is_an_error(self):
        manifest = manifest_of({"a": {"x": 1}, "b": {"x": 1}})
        spec = quota(strategy="sorted_prefix", labelled=1, test=1, unlabelled="rest")
        with pytest.raises(SplitError, match="No speaker is left for 'unlabelled'"):
            split_by_speaker(manifest, spec)


SPECS = [
    quota(labelled=6, test=6, unlabelled="rest"),
    quota(labelled=6, test=5, unlabelled=7),
    quota(labelled=6, test=6, strategy="sorted_prefix", unlabelled=6),
    SplitSpec(),
]


class TestEveryStrategy:
    @settings(max_examples=5)
    @given(data=st.data())
    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_a_split_depends_on_recordings_and_seed_only(self, spec, data):
        manifest = like_ravdess(9)
        seed = data.draw(st.integers(0, 99))
        shuffled = manifest.sample(frac=1, random_state=data.draw(st.integers(0, 99)))
        split = split_by_speaker(manifest, spec, seed)
        again = split_by_speaker(shuffled, spec, seed)
        assert split.name == "subset"
        assert split.index.name == "recording"
        assert split.index.tolist() == [r for r in manifest["recording"] if r in split.index]
        pd.testing.assert_series_equal(again.sort_index(), split.sort_index())

    @settings(max_examples=15)
    @given(manifest=tables, seed=st.integers(0, 9))
    @pytest.mark.parametrize(
        "spec",
        [
            quota(labelled=1, test=1),
            quota(labelled=1, test=1, strategy="sorted_prefix"),
            SplitSpec(),
        ],
        ids=lambda spec: spec.strategy,
    )
    def test_no_speaker_is_in_two_subsets_and_every_class_is_in_labelled_and_test(
        self, spec, manifest, seed
    ):
        try:
            split = split_by_speaker(manifest, spec, seed)
        except SplitError:
            return
        assert not leaks(manifest, split)
        assert split.index.is_unique
        counts = counts_of(manifest, split)
        for label in set(manifest["label"]):
            assert counts["labelled", label] >= 1
            assert counts["test", label] >= 1

    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_a_class_with_one_speaker_is_refused(self, spec):
        manifest = pd.concat([like_ravdess(9), manifest_of({"a00": {"rare": 30}})])
        with pytest.raises(
            SplitError, match=r"'rare' has recordings of one speaker only \('a00'\)"
        ):
            split_by_speaker(manifest, spec)

    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_unknown_speakers_are_refused(self, spec):
        manifest = pd.concat([like_ravdess(9), manifest_of({"": {"neutral": 3}})])
        with pytest.raises(SplitError, match="speaker of 3 of 399 recordings is not known"):
            split_by_speaker(manifest, spec)

    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_a_study_without_labels_is_refused(self, spec):
        manifest = manifest_of({s: {"": 4} for s in "pqrst"})
        with pytest.raises(SplitError, match="None of the 20 recordings"):
            split_by_speaker(manifest, spec)

    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_a_corpus_of_role_unlabelled_joins_the_unlabelled_subset_only(self, spec):
        shared = manifest_of({"a00": {"": 2}, "u": {"": 3}}, role="unlabelled")
        manifest = pd.concat([shared, like_ravdess(9).assign(role="all")])
        split = split_by_speaker(manifest, spec)
        assert (split[shared["recording"]] == "unlabelled").all()
        assert "a00" not in speakers_of(manifest, split, "labelled")
        assert "a00" not in speakers_of(manifest, split, "test")

    @pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.strategy)
    def test_recordings_without_label_are_never_in_labelled_or_test(self, spec):
        manifest = pd.concat(
            [like_ravdess(9), manifest_of({f"a{i:02d}": {"": 5} for i in range(9)})]
        )
        split = split_by_speaker(manifest, spec)
        assert not {"labelled", "test"} & set(split[split.index.str.contains(r"/\d")])


class TestChecksAndDiagnostics:
    def test_a_leak_names_speaker_and_subsets(self):
        manifest = like_ravdess(2)
        split = pd.Series("labelled", index=manifest["recording"])
        split.iloc[-1] = "test"
        with pytest.raises(
            LeakageError, match=r"1 speaker is in .*: 'a01' is in labelled and test"
        ):
            check_no_leakage(manifest, split)

    def test_a_recording_that_the_manifest_lacks_is_named(self):
        split = pd.Series("test", index=["ghost.wav"])
        with pytest.raises(SplitError, match="not in the manifest, the first: ghost"):
            check_no_leakage(like_ravdess(2), split)

    def test_labels_leave_for_labelled_and_test_only(self):
        manifest = manifest_of({s: {"x": 1} for s in "pqr"})
        split = pd.Series([*SUBSETS], index=manifest["recording"])
        assert labels_of(manifest, split).to_dict() == {"p/x00.wav": "x", "r/x00.wav": "x"}

    def test_diagnostics_count_what_a_hand_counts(self):
        manifest = manifest_of({"p": {"x": 3}, "q": {"x": 1}, "r": {"x": 2}, "s": {"x": 1}})
        manifest["gender"] = (
            manifest["speaker"].map({"p": "female", "q": "male", "r": ""}).fillna("")
        )
        subset_of = {"p": "labelled", "q": "labelled", "r": "unlabelled", "s": "test"}
        split = manifest.set_index("recording")["speaker"].map(subset_of)
        table = diagnostics(manifest, split)
        assert table["subset"].tolist() == [*SUBSETS]
        assert table["label"].tolist() == ["x", "", "x"]
        first = table.iloc[0].drop(["subset", "label"]).to_dict()
        assert first == {
            "recordings": 4,
            "speakers": 2,
            "effective_speakers": pytest.approx(1 / (0.75**2 + 0.25**2)),
            "female": 3,
            "male": 1,
            "largest_share": 0.75,
            "largest_speaker": "p",
        }

    def test_only_a_speaker_with_more_than_a_fifth_is_warned_of(self):
        manifest = manifest_of(
            {**{f"s{i}": {"x": 2} for i in range(5)}, "t": {"x": 3}, "u": {"x": 1}}
        )
        split = pd.Series("labelled", index=manifest["recording"])
        split[manifest.set_index("recording")["speaker"].isin(["t", "u"])] = "test"
        assert warnings(diagnostics(manifest, split)) == [
            "Speaker 't' holds 75% of class 'x' in 'test' (2 speakers, 1.6 effective)"
        ]

    @pytest.mark.parametrize("n_speakers", [2, 3, 4, 20])
    def test_equal_shares_are_unavoidable(self, n_speakers):
        manifest = manifest_of({f"s{i}": {"x": 2, "y": 1} for i in range(n_speakers)})
        split = pd.Series("test", index=manifest["recording"])
        assert warnings(diagnostics(manifest, split)) == []

    def test_a_class_of_one_speaker_is_said_and_the_rest_is_counted(self):
        manifest = manifest_of({"p": dict.fromkeys("vwxyz", 9), "q": dict.fromkeys("vwyz", 1)})
        split = pd.Series("test", index=manifest["recording"])
        first, *others, last = warnings(diagnostics(manifest, split))
        assert first == "There is one speaker alone in class 'x' in 'test': 'p'"
        assert [other.partition(" in ")[0] for other in others] == [
            f"Speaker 'p' holds 90% of class '{label}'" for label in "vw"
        ]
        assert last == "... and 2 more such shares of speakers"

    def test_unknown_speakers_count_as_no_speaker(self):
        manifest = manifest_of({"": {"x": 2}})
        row = diagnostics(manifest, pd.Series("test", index=manifest["recording"])).iloc[0]
        assert (row["recordings"], row["speakers"], row["largest_speaker"]) == (2, 0, "")
        assert np.isnan(row["effective_speakers"])


def test_the_original_counts_fit_a_table_of_33_000_uneven_recordings():
    rng = np.random.default_rng(1)
    shares = 1 / np.arange(1, 901) ** 0.8
    speaker = rng.choice(900, 33_000, p=shares / shares.sum())
    leaning = rng.dirichlet([0.5, 0.8, 0.4], 900).cumsum(axis=1)
    label = (leaning[speaker] < rng.random((33_000, 1))).sum(axis=1).clip(max=2)
    manifest = pd.DataFrame(
        {
            "recording": [f"r{i:05d}" for i in range(33_000)],
            "label": np.array(["negative", "neutral", "positive"])[label],
            "speaker": [f"s{i:03d}" for i in speaker],
        }
    )
    split = split_by_speaker(manifest, quota(labelled=400, unlabelled=3300, test=500))
    counts = counts_of(manifest, split)
    assert {(subset, n) for (subset, _), n in counts.items()} == {
        ("labelled", 400),
        ("unlabelled", 3300),
        ("test", 500),
    }
    table = diagnostics(manifest, split)
    assert (table["effective_speakers"] > 50).all()
    assert warnings(table) == []


def reasons_of(manifest, spec):
    """Count why recordings are in no subset."""
    split = split_by_speaker(manifest, spec)
    reasons = left_out(manifest, split, spec)
    # each recording is in a subset or has a reason, never both
    assert [*reasons.index] == [r for r in manifest["recording"] if r not in split.index]
    return reasons.value_counts().to_dict()


FULL = "its class is full in '{}', the subset of its speaker"
NOT_NEEDED = "its speaker is not needed in any subset"


class TestLeftOut:
    def test_nothing_is_left_out_where_fractions_are_the_whole(self):
        assert reasons_of(like_ravdess(), SplitSpec()) == {}

    def test_fractions_that_are_less_leave_speakers(self):
        spec = SplitSpec(fractions={"labelled": 0.25, "test": 0.25})
        assert reasons_of(like_ravdess(), spec) == {NOT_NEEDED: 12 * 44}

    def test_a_recording_without_a_label_is_of_no_use_in_a_subset_with_labels(self):
        counts = {f"s{i}": {"x": 2, "y": 2, "": 3} for i in range(4)}
        spec = SplitSpec(fractions={"labelled": 0.5, "test": 0.5})
        sentence = "it has no label, and its speaker is in '{}'"
        assert reasons_of(manifest_of(counts), spec) == {
            sentence.format("labelled"): 6,
            sentence.format("test"): 6,
        }

    @pytest.mark.parametrize("strategy", ["quota", "sorted_prefix"])
    def test_a_quota_leaves_what_it_does_not_ask_for(self, strategy):
        manifest = manifest_of({f"s{i}": {"x": 4, "y": 4} for i in range(4)})
        spec = quota(strategy=strategy, labelled=3, test=4, unlabelled=4)
        reasons = reasons_of(manifest, spec)
        assert sum(reasons.values()) == 32 - 2 * (3 + 4 + 4)
        assert set(reasons) <= {NOT_NEEDED, *(FULL.format(subset) for subset in SUBSETS)}
        assert FULL.format("labelled") in reasons

    def test_the_rest_leaves_only_speakers_of_the_other_subsets(self):
        spec = quota(labelled=64, test=64, unlabelled="rest")
        reasons = reasons_of(like_ravdess(), spec)
        # 24 + 12 + 8 of each of eight speakers are there for 64 of each class
        assert reasons == {FULL.format(subset): 8 * 44 - 3 * 64 for subset in ("labelled", "test")}

    def test_values_that_stand_for_no_subset_are_named(self):
        manifest = manifest_of({s: {"x": 2, "y": 1} for s in "abcd"})
        manifest["part"] = manifest["speaker"].map(dict(zip("abcd", (1, 2, 9, 9), strict=True)))
        spec = SplitSpec(
            strategy="column", column="part", values={"labelled": ["1"], "test": ["2"]}
        )
        assert reasons_of(manifest, spec) == {"its part '9' stands for no subset": 6}

    def test_what_speakers_of_an_unlabelled_corpus_recorded_elsewhere_is_named(self):
        manifest = manifest_of({s: {"x": 3, "y": 3} for s in "abcdef"}, role="all")
        joining = manifest_of({"a": {"": 5}, "z": {"": 5}}, role="unlabelled")
        manifest = pd.concat([manifest, joining], ignore_index=True)
        why = "its speaker is in a corpus of role 'unlabelled' too"
        assert reasons_of(manifest, SplitSpec()) == {why: 6}
        reasons = reasons_of(manifest, quota(labelled=2, test=2))
        assert reasons[why] == 6
        assert sum(reasons.values()) == 36 - 8

    def test_if_that_is_all_there_is_the_split_says_so(self):
        manifest = manifest_of({s: {"x": 3, "y": 3} for s in "abc"}, role="all")
        joining = manifest_of({s: {"": 2} for s in "abcd"}, role="unlabelled")
        manifest = pd.concat([manifest, joining], ignore_index=True)
        for spec in (SplitSpec(), quota(labelled=1, test=1, unlabelled="rest")):
            with pytest.raises(SplitError, match=r"all 18 recordings .* role 'unlabelled' too"):
                split_by_speaker(manifest, spec)

    def test_of_a_leaky_split_no_speaker_is_spoken_of(self):
        spec = SplitSpec(
            strategy="quota", per_class={"labelled": 2, "test": 2, "unlabelled": 2}, leaky=True
        )
        manifest = manifest_of({s: {"x": 4, "y": 4} for s in "ab"})
        assert reasons_of(manifest, spec) == {"it is not needed in any subset": 4}

    @STUDY
    @given(tables, quotas, st.sampled_from(["quota", "sorted_prefix"]))
    def test_every_recording_is_in_a_subset_or_has_a_reason(self, manifest, per_class, strategy):
        try:
            reasons_of(manifest, quota(strategy=strategy, allow_shortfall=True, **per_class))
        except SplitError:
            return


@pytest.mark.parametrize("label", ["nan", "None", "Unknown"])
def test_a_class_that_is_called_like_nothing_gets_a_warning(label):
    manifest = pd.DataFrame(
        {
            "recording": [f"{i}.wav" for i in range(24)],
            "speaker": [f"s{i}" for i in range(24)],
            "label": ["calm", label] * 12,
        }
    )
    split = pd.Series((["labelled"] * 12 + ["test"] * 12), index=manifest["recording"])
    told = warnings(diagnostics(manifest, split))
    assert len(told) == 1
    assert told[0].startswith(f"Class '{label}' has the name of a label that is missing")
