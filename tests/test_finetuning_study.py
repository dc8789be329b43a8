"""A whole study whose cells go on training its encoders: which of them, and on which rows."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup import read_study
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.prediction.system import chosen_system
from semisup.representations._pool_network import PADDING
from semisup.stages import curve, encoders
from semisup.stages.resolve import resolve

STUDY = """
name = "tuned"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 10
recordings_per_speaker = 9
[split]
strategy = "quota"
per_class = { labelled = 6, test = 6, unlabelled = "rest" }
[chunks]
chunk_samples = 20000
[representations.code]
kind = "autoencoder"
architecture = "autoencoder_1"
latent_dim = 4
epochs = 0
[representations.pool]
kind = "conv_pool"
channels = 8
latent_dim = 4
epochs = 0
[train]
seeds = 2
[classifiers.finetune]
kind = "finetune"
parameters = { epochs = 3, fine_tuning_epochs = 2 }
[classifiers.fixmatch]
kind = "fixmatch"
parameters = { epochs = 3, fine_tuning_epochs = 1, steps = 2 }
[curve]
classifiers = ["finetune", "fixmatch"]
percentages = [100]
draws = 2
only.fixmatch = ["code"]
"""


@pytest.fixture(scope="module")
def file(corpus, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(STUDY.replace("ROOT", str(corpus)))
    return path


@pytest.fixture(scope="module")
def folder(file) -> Path:
    return semisup.run(file, until="curve", out=file.parent / "out").folder


@pytest.mark.slow
def test_all_cells_are_there_and_their_histories_have_two_phases(folder):
    scores = pd.read_parquet(folder / "scores.parquet")
    assert len(scores) == 3 * 2
    histories = pd.read_parquet(folder / "histories.parquet")
    phases = histories.groupby(["classifier", "representation"])["phase"].unique()
    assert len(phases) == 3
    assert all(set(names) == {"frozen", "released"} for names in phases)


@pytest.mark.slow
def test_each_draw_has_the_encoder_of_its_codes_and_the_rows_that_it_reads(file, folder, tmp_path):
    study = resolve(read_study(file, file.parent / "out"), Workers(1))
    planned = encoders.with_encoders(study, curve.experiment(study), tmp_path)
    chunks = pd.read_parquet(folder / "chunks.parquet")
    for task in planned.tasks:
        name, numbered = task.system.representation, ("", "seed_1/")[task.draw % 2]
        encoder = Path(task.system.spec.parameters["encoder"])
        assert encoder == (folder / name / numbered / "encoder.keras").absolute()
        assert (task.source.unlabelled() is None) == (task.system.classifier == "finetune")
        rows = task.source.labelled(np.arange(len(task.labelled.owner)))
        recordings = [planned.labelled[owner] for owner in task.labelled.owner]
        if name == "code":
            assert chunks["recording"][rows.numbers].tolist() == recordings
            assert chunks["chunk"][rows.numbers].tolist() == task.labelled.chunk.tolist()
        else:
            values = rows[np.arange(len(rows))]
            assert values.min() == PADDING or len({len(row) for row in values}) == 1
    before = [task.source for task in planned.tasks]
    again = encoders.with_encoders(study, curve.experiment(study), tmp_path)
    assert [task.source.arrays for task in again.tasks] == [source.arrays for source in before]


@pytest.mark.slow
def test_codes_of_the_frozen_encoder_are_those_of_the_table(file, folder, tmp_path):
    from semisup.networks.models import load_encoder

    study = resolve(read_study(file, file.parent / "out"), Workers(1))
    planned = encoders.with_encoders(study, curve.experiment(study), tmp_path)
    for name, number in (("code", 0), ("pool", 1)):
        task = next(
            t for t in planned.tasks if t.system.representation == name and t.draw == number
        )
        plain = next(
            t
            for t in curve.experiment(study).tasks
            if t.system.representation == name and t.draw == number
        )
        codes = load_encoder(Path(str(task.system.spec.parameters["encoder"]))).predict_on_batch(
            task.source.test()[np.arange(5)]
        )
        np.testing.assert_allclose(codes, plain.source.test()[:5], rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_it_predicts_no_other_files_and_says_why(file, folder):
    study = resolve(read_study(file, file.parent / "out"), Workers(1))
    said = "finetune@code cannot predict other files: 'finetune' trains the encoder of 'code' anew"
    with pytest.raises(SpecError, match=said):
        chosen_system(study, "finetune@code")


@pytest.mark.slow
def test_noise_in_the_place_of_the_test_speakers_changes_nothing_learned(
    file, folder, corpus, tmp_path
):
    root = shutil.copytree(corpus, tmp_path / "corpus")
    split = pd.read_csv(folder / "split.csv").set_index("recording")["subset"]
    rng = np.random.default_rng(0)
    for recording in split.index[split == "test"]:
        path = root / recording
        noise = rng.uniform(-0.5, 0.5, soundfile.info(path).frames)
        soundfile.write(path, noise, 8000, subtype="PCM_16")
    noisy = semisup.run(file, until="curve", out=tmp_path, overrides=[f"corpus.root={root}"]).folder
    pd.testing.assert_frame_equal(
        *(pd.read_parquet(run / "histories.parquet") for run in (folder, noisy))
    )
    assert not np.array_equal(
        *(pd.read_parquet(run / "predictions.parquet")["probability"] for run in (folder, noisy))
    )


@pytest.mark.slow
def test_two_jobs_give_the_same_bytes(file, folder, tmp_path):
    done = semisup.run(file, until="curve", out=tmp_path, jobs=2).folder
    for name in ("scores.csv", "predictions.parquet", "histories.parquet"):
        assert (done / name).read_bytes() == (folder / name).read_bytes()
