"""The generated corpus: the same bytes always, on disk and resumable, of calibrated difficulty."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.metrics import recall_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from semisup.corpora import _voice, synthetic
from semisup.corpora._contract import SCAN_COLUMNS
from semisup.corpora.synthetic import VALENCES, Options, Recording, Synthetic, generate
from semisup.errors import SpecError
from semisup.recordings.audio import load
from semisup.recordings.manifest import assemble, separate, verify
from semisup.signals.handcrafted import handcrafted_batch

SMALL = Options(speakers=3, recordings_per_speaker=4, mean_seconds=1, spread_seconds=0.1)


def scan(root: Path, options: Options) -> pd.DataFrame:
    return Synthetic(options).scan(root)


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.wav")}


def changed(options: Options, **values: object) -> Options:
    return Options(**{**options.model_dump(), **values})


def test_the_table_lists_every_recording_with_label_speaker_and_gender(tmp_path):
    table = scan(tmp_path, SMALL)
    assert list(table.columns) == [*SCAN_COLUMNS, "gender"]
    assert list(table["path"]) == sorted(contents(tmp_path))
    assert table["path"][0] == "speaker_001/speaker_001_negative_002.wav"
    assert list(table.iloc[0][["label", "speaker", "gender"]]) == [
        "negative",
        "speaker_001",
        "male",
    ]
    assert (table["reason"] == "").all()
    assert table.groupby("speaker").size().to_dict() == dict.fromkeys(table["speaker"], 4)
    assert len(table[["speaker", "gender"]].drop_duplicates()) == 3


def test_every_recording_passes_the_same_decoding_as_any_corpus(tmp_path):
    table = scan(tmp_path, SMALL)
    manifest, skipped = separate(verify(assemble([("synthetic", "all", tmp_path, table)])))
    assert len(manifest) == 12
    assert len(skipped) == 0
    assert set(manifest["sample_rate"]) == {8000}
    assert soundfile.info(manifest["path"][0]).subtype == "PCM_16"


@given(st.integers(1, 40), st.integers(1, 40))
def test_classes_are_as_even_as_possible_within_and_over_speakers(speakers, per_speaker):
    recordings = synthetic._recordings(
        Options(speakers=speakers, recordings_per_speaker=per_speaker)
    )
    counts = pd.crosstab(
        [one.speaker for one in recordings], [one.valence for one in recordings]
    ).reindex(columns=VALENCES, fill_value=0)
    assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()
    assert counts.sum().max() - counts.sum().min() <= 1


def test_two_folders_hold_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        scan(tmp_path / name, changed(SMALL, seed=seed))
    first, second, other = (contents(tmp_path / name) for name in "abc")
    assert first == second
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)
    assert len(set(first.values())) == len(first)


def test_a_recording_does_not_depend_on_what_was_generated_before():
    one = Recording(3, 2)
    alone = generate(one, SMALL)
    for number in (4, 1):
        generate(Recording(1, number), SMALL)
    np.testing.assert_array_equal(generate(one, SMALL), alone)


def test_a_killed_run_goes_on_to_the_same_bytes_and_keeps_what_is_finished(tmp_path):
    table = scan(tmp_path, SMALL)
    whole = contents(tmp_path)
    kept = tmp_path / table["path"][5]
    before = kept.stat().st_mtime_ns
    for path in table["path"][:3]:
        (tmp_path / path).unlink()
    partial = tmp_path / "speaker_001" / ".speaker_001_negative_002.99.partial.wav"
    partial.write_bytes(b"RIFF cut sho")
    again = scan(tmp_path, SMALL)
    partial.unlink()
    assert contents(tmp_path) == whole
    assert kept.stat().st_mtime_ns == before
    pd.testing.assert_frame_equal(again, table)


def test_a_run_that_fails_midway_leaves_whole_recordings_only(tmp_path, monkeypatch):
    whole = contents_of_fresh(tmp_path / "fresh")
    real, calls = synthetic.generate, iter(range(100))

    def fails_at_the_sixth(recording: Recording, options: Options) -> np.ndarray:
        if next(calls) == 5:
            raise KeyboardInterrupt
        return real(recording, options)

    monkeypatch.setattr(synthetic, "generate", fails_at_the_sixth)
    with pytest.raises(KeyboardInterrupt):
        scan(tmp_path / "cut", SMALL)
    assert len(contents(tmp_path / "cut")) == 5
    monkeypatch.undo()
    scan(tmp_path / "cut", SMALL)
    assert contents(tmp_path / "cut") == whole


def contents_of_fresh(root: Path) -> dict[str, bytes]:
    scan(root, SMALL)
    return contents(root)


@pytest.mark.parametrize(
    "other",
    [{"seed": 7}, {"mean_seconds": 1.2}, {"spread_seconds": 0.2}, {"sample_rate": 11025}],
)
def test_other_options_make_every_recording_anew(tmp_path, other):
    scan(tmp_path / "used", SMALL)
    for name in ("used", "fresh"):
        scan(tmp_path / name, changed(SMALL, **other))
    assert contents(tmp_path / "used") == contents(tmp_path / "fresh")


def test_a_new_format_makes_every_recording_anew(tmp_path, monkeypatch):
    scan(tmp_path, SMALL)
    whole = contents(tmp_path)
    for path in tmp_path.rglob("*.wav"):
        path.write_bytes(b"of an older format")
    scan(tmp_path, SMALL)
    assert set(contents(tmp_path).values()) == {b"of an older format"}
    monkeypatch.setattr(synthetic, "FORMAT", synthetic.FORMAT + 1)
    scan(tmp_path, SMALL)
    assert contents(tmp_path) == whole


def test_a_larger_corpus_contains_the_smaller_and_shrinks_back_to_it(tmp_path):
    scan(tmp_path, SMALL)
    small = contents(tmp_path)
    table = scan(tmp_path, changed(SMALL, speakers=5, recordings_per_speaker=6))
    large = contents(tmp_path)
    assert len(table) == len(large) == 30
    assert {name: large[name] for name in small} == small
    scan(tmp_path, SMALL)
    assert contents(tmp_path) == small
    assert not (tmp_path / "speaker_005").exists()


def test_files_of_others_stay_and_are_not_listed(tmp_path):
    theirs = [tmp_path / "mine.wav", tmp_path / "speaker_003" / "speaker_003_angry_1.wav"]
    scan(tmp_path, SMALL)
    for path in theirs:
        path.write_bytes(b"theirs")
    table = scan(tmp_path, changed(SMALL, speakers=1))
    assert [path.read_bytes() for path in theirs] == [b"theirs", b"theirs"]
    assert len(table) == 4
    assert set(table["speaker"]) == {"speaker_001"}


def test_without_the_options_file_nothing_is_taken_for_its_own(tmp_path):
    look_alike = tmp_path / "speaker_900" / "speaker_900_neutral_001.wav"
    look_alike.parent.mkdir()
    look_alike.write_bytes(b"theirs")
    scan(tmp_path, SMALL)
    assert look_alike.read_bytes() == b"theirs"


def test_a_damaged_options_file_is_replaced(tmp_path):
    whole = contents_of_fresh(tmp_path)
    for damage in ("", "[]", "{}"):
        (tmp_path / synthetic.OPTIONS_FILE).write_text(damage)
        assert contents_of_fresh(tmp_path) == whole
        assert "fingerprint" in (tmp_path / synthetic.OPTIONS_FILE).read_text()


def test_a_label_that_it_does_not_have_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(SpecError, match="valence"):
        scan(tmp_path / "new", changed(SMALL, label="emotion"))
    assert not (tmp_path / "new").exists()


def test_lengths_lie_around_the_default_chunk():
    seconds = [
        synthetic._draw_seconds(Options(), np.random.default_rng(seed)) for seed in range(4000)
    ]
    assert np.mean(seconds) == pytest.approx(4.5, abs=0.05)
    assert np.std(seconds) == pytest.approx(0.9, abs=0.04)
    assert 0.15 < np.mean(np.array(seconds) < 30_000 / 8000) < 0.25


def test_no_spread_gives_one_length():
    lengths = {
        generate(Recording(1, number), changed(SMALL, spread_seconds=0)).size
        for number in range(1, 5)
    }
    assert lengths == {8000}


@settings(max_examples=25)
@given(
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from([8000, 11025, 16000, 44100]),
    st.floats(1, 3),
)
def test_a_signal_is_finite_free_of_dc_and_never_clipped(speaker, number, sample_rate, seconds):
    options = Options(sample_rate=sample_rate, mean_seconds=seconds, spread_seconds=0)
    samples = generate(Recording(speaker, number), options)
    assert samples.dtype == np.int16
    assert samples.size == round(seconds * sample_rate)
    assert abs(samples.mean()) < 0.5
    assert 0.29 * 2**15 < np.abs(samples.astype(int)).max() < 0.91 * 2**15


def test_the_sawtooth_has_the_harmonics_of_a_smoothed_sawtooth():
    # Harmonic k falls on bin 250 k; the smoothing convolves with a triangle two samples wide.
    wave = _voice._sawtooth(np.full(8000, 1 / 32), 0.0)
    amplitude = np.abs(np.fft.rfft(wave))[250:1500:250] / 4000
    k = np.arange(1, 6)
    np.testing.assert_allclose(amplitude, 2 / (np.pi * k) * np.sinc(k / 32) ** 2, rtol=0.01)


def test_smoothing_lowers_the_alias_in_the_lower_half_of_the_band_to_a_tenth():
    def alias(wave: np.ndarray) -> float:
        bins = np.abs(np.fft.rfft(wave))[:2000]
        bins[[0, 1001]] = 0.0
        return bins.max()

    step = np.full(8000, 1001 / 8000)
    plain = 2 * (np.cumsum(step) % 1.0) - 1
    assert alias(_voice._sawtooth(step, 0.0)) < alias(plain) / 10


@given(st.integers(0, 10_000))
def test_the_shortest_recording_is_not_silent(seed):
    rng = np.random.default_rng(seed)
    voice = _voice.draw_voice(female=False, rng=rng)
    signal = _voice.speak(voice, "neutral", synthetic.SHORTEST_SECONDS, 8000, rng)
    assert 0.3 <= np.abs(signal).max() <= 0.9


def test_a_response_of_one_gives_the_source_back():
    source = np.random.default_rng(0).standard_normal(20 * 64).astype(np.float32)
    out = _voice._shape(source, np.ones((20, 129)), 64)
    np.testing.assert_allclose(out[3 * 64 : 20 * 64], source[3 * 64 :], atol=1e-5)


def test_the_prototypes_show_in_the_measured_spectrum():
    def brightness(number: int, valence: str) -> float:
        rng = np.random.default_rng(number)
        voice = _voice.draw_voice(female=bool(number % 2), rng=rng)
        power = np.abs(np.fft.rfft(_voice.speak(voice, valence, 2.0, 8000, rng))) ** 2
        return 10 * np.log10(power[2000:6000].sum() / power[:2000].sum())

    negative, neutral = (
        np.mean([brightness(number, valence) for number in range(40)])
        for valence in ("negative", "neutral")
    )
    assert negative > neutral + 3


CLASSIFIERS = (
    lambda n: SVC(),
    lambda n: KNeighborsClassifier(min(5, n)),
    lambda n: DecisionTreeClassifier(random_state=0),
    lambda n: RandomForestClassifier(random_state=0),
    lambda n: AdaBoostClassifier(random_state=0),
)


def best_uar(X: np.ndarray, y: np.ndarray, taken: np.ndarray, test: np.ndarray) -> np.ndarray:
    scaler = StandardScaler().fit(X[taken])
    train, held_out = scaler.transform(X[taken]), scaler.transform(X[test])
    return np.array(
        [
            recall_score(
                y[test], make(len(taken)).fit(train, y[taken]).predict(held_out), average="macro"
            )
            for make in CLASSIFIERS
        ]
    )


@pytest.mark.slow
def test_difficulty_is_calibrated(tmp_path):
    table = scan(tmp_path, Options(speakers=20))
    X = handcrafted_batch([load(tmp_path / path)[0] for path in table["path"]], 8000)
    y = table["label"].to_numpy()
    test = np.flatnonzero(table["speaker"] > "speaker_010")
    labelled = np.flatnonzero(table["speaker"] <= "speaker_010")
    whole = best_uar(X, y, labelled, test).max()
    assert 0.55 <= whole <= 0.80, (
        "at 100 % labels the best classifier on hand-crafted features reaches a UAR of 0.55 to "
        f"0.80 on unseen speakers, here {whole:.3f}"
    )
    rng = np.random.default_rng(0)
    budgets = [
        [rng.choice(labelled[y[labelled] == valence]) for valence in VALENCES] for _ in range(10)
    ]
    little = np.mean([best_uar(X, y, np.array(taken), test) for taken in budgets], axis=0).max()
    assert 0.30 < little < 0.45, f"at 2 % labels it is near chance (0.333), here {little:.3f}"
