"""Representations that are trained several times: `[train] seeds`."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup import read_study
from semisup.curve.learning_curve import learning_curve
from semisup.curve.plan import plan
from semisup.engine.artefacts import write_json
from semisup.errors import SpecError, TableError
from semisup.features.tables import feature_names
from semisup.figures.study_tables import StudyTables
from semisup.reading.file import parse_study
from semisup.representations.autoencoder import Autoencoder
from semisup.stages import fingerprints, train
from semisup.stages.resolve import resolve
from semisup.stages.resolved import Training
from semisup.stages.runner import STAGES
from semisup.stages.tuned import of_search
from semisup.study.spec import CurveSpec
from semisup.study.study import Study, dump

#: Whole searches and trainings.
pytestmark = pytest.mark.slow

STUDY = """
name = "tiny"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 10
recordings_per_speaker = 9
[split]
strategy = "quota"
per_class = { labelled = 9, test = 9, unlabelled = "rest" }
[chunks]
chunk_samples = 20000
[representations.handcrafted]
kind = "handcrafted"
[representations.code_log]
kind = "autoencoder"
architecture = "autoencoder_1"
latent_dim = 4
input_scaling = "log"
bottleneck_activation = "linear"
loss = "mean_squared_error"
epochs = 2
[curve]
classifiers = ["knn", "tree"]
percentages = [50, 100]
draws = 4
[compare]
resamples = 200
"""
TWICE = ["train.seeds=2"]
TABLES = (
    *("scores.csv", "predictions.parquet", "losses.parquet", "summary.csv", "comparison.csv"),
    *("variance.csv", "features/code_log.parquet", "features/code_log.seed_1.parquet"),
    *("code_log/history.csv", "code_log/seed_1/history.csv", "code_log/seed_1/health.json"),
)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def file(corpus, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(STUDY.replace("ROOT", str(corpus)))
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def once(file, out, tmp_path_factory) -> Path:
    """A copy of what the study makes with one encoder, to read only."""
    done = semisup.run(file, until="compare", out=out)
    return shutil.copytree(done.folder, tmp_path_factory.mktemp("once") / "tiny")


@pytest.fixture(scope="module")
def twice(file, out, once) -> Path:
    """The same study gone on with for two encoders, and killed when the second was trained."""
    fit, trained = Autoencoder.fit, []

    def killed_at_the_end(self, inputs):
        fit(self, inputs)
        trained.append(inputs.name)
        if len(trained) == 1:
            raise KeyboardInterrupt

    assert steps(read_study(file, out, overrides=TWICE)) == [
        "train code_log.seed_1", "features code_log.seed_1", "curve", "compare",
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Autoencoder, "fit", killed_at_the_end)
        with pytest.raises(KeyboardInterrupt):
            semisup.run(file, until="compare", out=out, overrides=TWICE)
        done = semisup.run(file, until="compare", out=out, overrides=TWICE)
    assert trained == ["code_log.seed_1"] * 2
    return done.folder


def steps(study: Study) -> list[str]:
    resolved = resolve(study)
    upto_comparison = list(STAGES.values())[:8]
    return [s.name for stage in upto_comparison for s in stage(resolved) if not s.is_current]


def test_a_second_encoder_leaves_all_of_the_first_as_it_was(file, out, once, twice):
    kept = [path.relative_to(once) for folder in ("code_log", "features")
            for path in (once / folder).glob("*.*")]  # fmt: skip
    assert Path("code_log/encoder.keras") in kept
    for path in kept:
        assert (once / path).read_bytes() == (twice / path).read_bytes()
        assert (once / path).stat().st_mtime_ns == (twice / path).stat().st_mtime_ns
    assert not list((twice / "figures").glob("*seed*"))
    assert steps(read_study(file, out, overrides=TWICE)) == []


def test_the_second_encoder_is_another_and_learns_nothing_by_hand(twice):
    first, second = (
        pd.read_parquet(twice / "features" / f"code_log{end}.parquet") for end in ("", ".seed_1")
    )
    assert first[["recording", "chunk"]].equals(second[["recording", "chunk"]])
    assert not np.allclose(first[feature_names(first)], second[feature_names(second)])
    assert not (twice / "features" / "handcrafted.seed_1.parquet").exists()


def test_draws_take_the_encoders_in_turn(once, twice):
    keys = ["representation", "classifier", "percentage", "draw"]
    before, after = (pd.read_csv(run / "scores.csv").set_index(keys) for run in (once, twice))
    assert before.index.equals(after.index)
    same = (before == after).all(axis=1)
    turn = before.index.get_level_values("draw") % 2
    code = before.index.get_level_values("representation") == "code_log"
    assert same[~code].all()
    assert same[code & (turn == 0)].all()
    assert not same[code & (turn == 1)].all()


def test_variances_have_a_row_for_encoders_of_what_was_trained(once, twice):
    variance = pd.read_csv(twice / "variance.csv")
    encoder = variance[variance["source"] == "encoder"]
    assert set(encoder["representation"]) == {"code_log"}
    assert encoder["variance"].notna().all()
    assert encoder["note"].str.startswith("twice as many encoders: half-width").all()
    own = variance["representation"] == "handcrafted"
    before = pd.read_csv(once / "variance.csv")
    pd.testing.assert_frame_equal(variance[own], before[before["representation"] == "handcrafted"])
    assert "encoder" not in set(before["source"])


def test_the_report_shows_the_share_of_encoders(twice):
    from semisup.report._measure_sheets import variance_sheet

    rows = variance_sheet(StudyTables(twice), "uar").table.set_index("Representation")
    assert rows.loc["Code features (log)", "Encoder"].str.fullmatch(r"\d+ %|-").all()
    assert (rows.loc["Hand-crafted features", "Encoder"] == "").all()


@pytest.mark.slow
def test_two_jobs_and_no_kill_give_the_same_bytes(file, twice, tmp_path):
    done = semisup.run(file, until="compare", out=tmp_path, jobs=2, overrides=TWICE)
    assert contents(done.folder) == contents(twice)


def test_noise_in_the_place_of_the_test_speakers_changes_no_encoder(file, corpus, twice, tmp_path):
    from semisup.networks.models import load_encoder

    root = shutil.copytree(corpus, tmp_path / "corpus")
    split = pd.read_csv(twice / "split.csv").set_index("recording")["subset"]
    rng = np.random.default_rng(0)
    for recording in split.index[split == "test"]:
        path = root / recording
        noise = rng.uniform(-0.5, 0.5, soundfile.info(path).frames)
        soundfile.write(path, noise, 8000, subtype="PCM_16")
    overrides = [*TWICE, f"corpus.root={root}"]
    noisy = semisup.run(file, until="train", out=tmp_path, overrides=overrides)
    for folder in ("code_log", "code_log/seed_1"):
        for name in ("history.csv", "health.json"):
            assert (noisy / folder / name).read_bytes() == (twice / folder / name).read_bytes()
        before, after = (load_encoder(run / folder / "encoder.keras") for run in (twice, noisy))
        for old, new in zip(before.get_weights(), after.get_weights(), strict=True):
            assert np.array_equal(old, new)


def read(file, out, *overrides) -> Study:
    return read_study(file, out, overrides=[*TWICE, *overrides])


def test_encoders_have_seeds_of_their_own_that_the_studys_seed_gives(file, tmp_path):
    study, other = read(file, tmp_path), read(file, tmp_path, "seed=1")
    seed = fingerprints.training_seed
    assert seed(study, 0) == 0
    found = {seed(s, number) for s in (study, other) for number in range(1, 50)}
    assert len(found) == 98
    assert all(2 < number < 2**31 - 100 for number in found)


def test_all_trainings_have_the_options_that_were_tuned(file, tmp_path):
    study = read(file, tmp_path)
    options = study.spec.representations["code_log"].model_copy(update={"latent_dim": 8})
    data = resolve(study).fingerprints.data
    choice = {"fingerprint": of_search(study.spec, data.chosen_on), "options": dump(options)}
    write_json(study.folder / "code_log" / "tuned.json", choice)
    by_training = [step.fingerprint for step in train.steps(resolve(study))]
    tuned = Autoencoder(options)
    prints = [fingerprints.of_models(study, tuned, number, data.chunks) for number in (0, 1)]
    assert by_training == prints
    assert len(set(by_training)) == 2


def test_the_end_of_a_run_tells_of_every_encoder(file, tmp_path, capfd):
    from semisup.terminal.results import tell

    study = resolve(read(file, tmp_path))
    for number, collapsed in enumerate((False, True)):
        folder = study.models(Training("code_log", number))
        verdict = "collapsed to one code" if collapsed else "learned"
        write_json(folder / "health.json", {"verdict": verdict, "collapsed": collapsed})
    tell(study)
    said = capfd.readouterr().out.splitlines()
    assert "code_log: learned" in said
    assert "code_log.seed_1: collapsed to one code" in said


def test_fingerprints_of_one_encoder_are_those_of_a_study_that_says_nothing(file, tmp_path):
    plain, one = (read_study(file, tmp_path, overrides=o) for o in ([], ["train.seeds=1"]))
    assert resolve(plain).fingerprints == resolve(one).fingerprints


def parse(**tables):
    study = {"name": "small", "corpus": {"adapter": "synthetic"}}
    return parse_study({**study, **tables}, "study.toml")


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"train": {"seeds": 0}}, r"\[train\] seeds: .*greater than or equal to 1, got 0"),
        ({"train": {"seedz": 2}}, r"\[train\] seedz is not a known key; did you mean 'seeds'\?"),
        (
            {"train": {"seeds": 3}, "curve": {"draws": 2}},
            r"\[train\] seeds: 3 encoders need at least 3 draws, one each; the curve has 2, see",
        ),
        ({"train": {"seeds": 2}, "curve": {"order": "prefix"}}, r"the curve has 1, see"),
        (
            {
                "train": {"seeds": 2},
                "representations": {
                    "code": {"kind": "autoencoder"},
                    "code.seed_1": {"kind": "handcrafted"},
                },
            },
            r"\[representations.code.seed_1\]: the name is that of an encoder of 'code'",
        ),
    ],
)
def test_seeds_that_cannot_be_are_refused(tables, sentence):
    with pytest.raises(SpecError, match=sentence):
        parse(**tables)


SPEC = CurveSpec(classifiers=["tree", "knn"], percentages=[20, 100], draws=5)


def made_up(seed=0):
    """Made-up recordings, a table of features of them, and three others."""
    rng = np.random.default_rng(seed)
    names = np.array([f"r{i:02d}" for i in range(45)])
    labels = np.array(["a", "b", "c"])[np.arange(45) % 3]
    manifest = pd.DataFrame({"recording": names, "label": labels, "speaker": names})
    split = pd.Series(["labelled"] * 30 + ["test"] * 15, index=pd.Index(names))
    tables = [
        pd.DataFrame(
            {"recording": names, "chunk": -1, "x": rng.normal(size=45), "y": rng.random(45)}
        )
        for _ in range(4)
    ]
    return tables[0], tables[1:], manifest, split


def test_each_draw_scores_as_its_encoder_alone_does():
    plain, encoders, manifest, split = made_up()

    def scores(own):
        return learning_curve({"hand": plain, "code": own}, manifest, split, SPEC, seed=3)

    found = scores(encoders)
    for number, encoder in enumerate(encoders):
        turn = found["draw"] % 3 == number
        pd.testing.assert_frame_equal(found[turn], scores(encoder)[turn])
    pd.testing.assert_frame_equal(scores([plain]), scores(plain))


def test_all_representations_see_the_recordings_that_every_encoder_has():
    plain, encoders, manifest, split = made_up()
    encoders[2] = encoders[2][~encoders[2]["recording"].isin(["r00", "r44"])]
    planned = plan({"hand": plain, "code": encoders}, manifest, split, SPEC, 0)
    assert len(planned.labelled) == 29
    assert planned.test["hand"] == planned.test["code"] == [f"r{i}" for i in range(30, 44)]
    chunks = SPEC.model_copy(update={"unit": "chunk"})
    by_chunk = plan({"hand": plain, "code": encoders}, manifest, split, chunks, 0)
    assert (len(by_chunk.test["hand"]), len(by_chunk.test["code"])) == (15, 14)


def test_tables_that_no_draw_would_use_are_refused_and_a_bad_one_is_named():
    plain, encoders, manifest, split = made_up()
    few = SPEC.model_copy(update={"draws": 2})
    with pytest.raises(SpecError, match=r"'code' needs .*: there are 3 tables and 2 draws"):
        plan({"code": encoders}, manifest, split, few, 0)
    with pytest.raises(SpecError, match="there are 0 tables"):
        plan({"hand": plain, "code": []}, manifest, split, few, 0)
    encoders[1] = encoders[1].assign(x=np.nan)
    with pytest.raises(TableError, match="'code, encoder 1' has 45 values in 'x'"):
        plan({"code": encoders}, manifest, split, SPEC, 0)


def test_a_comparison_refuses_encoders_that_do_not_fit(twice):
    study = StudyTables(twice)
    given = (study.scores, twice / "predictions.parquet", study.manifest)
    for encoders, sentence in (
        ({"code_log": 5}, "at most one a draw, of which there are 4; got {'code_log': 5}"),
        ({"code_log": 0}, "at least one encoder"),
        ({"code_log": 2, "handcrafted": 3}, "as often; got"),
    ):
        with pytest.raises(SpecError, match=sentence):
            semisup.compare(*given, encoders=encoders)


def test_few_encoders_and_few_draws_for_them_are_noted(twice):
    from semisup.comparison.table import analyse

    study = StudyTables(twice)
    given = (study.scores, twice / "predictions.parquet", study.manifest)

    def notes(encoders):
        return " ".join(analyse(*given, encoders={"code_log": encoders}).notes)

    assert "encoders" not in notes(1)
    assert "2 encoders only" in notes(2)
    assert "fewer than two" not in notes(2)
    assert "4 draws for 3 encoders, fewer than two each" in notes(3)
