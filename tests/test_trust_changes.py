"""What changes while a step is made from it: the step is made again, never sealed."""

import os
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_study import tables_in, write_recording, write_small_study

from semisup.engine.noted import Noted, state_of
from semisup.errors import OutputError
from semisup.reading import read_study
from semisup.stages import compare, curve, features, runner
from semisup.stages.runner import run_study
from semisup.study.study import Study


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with a small study that has been run; to read only."""
    folder = tmp_path_factory.mktemp("small")
    run_study(read_study(write_small_study(folder), folder / "out"), "compare")
    return folder


@pytest.fixture
def study(made, tmp_path) -> Study:
    shutil.copytree(made / "recordings", tmp_path / "recordings")
    shutil.copy(made / "study.toml", tmp_path / "study.toml")
    return read_study(tmp_path / "study.toml", tmp_path / "out")


def meanwhile(monkeypatch, module, name, change, times=1):
    """Let something change once a function of a stage has been called, the first few times."""
    function, calls = getattr(module, name), []

    def changing(*words, **keys):
        result = function(*words, **keys)
        calls.append(name)
        if len(calls) <= times:
            change()
        return result

    monkeypatch.setattr(module, name, changing)
    return calls


def of_another(path: Path, number: int) -> None:
    """Replace a recording by another one of the same size and time."""
    stat = path.stat()
    write_recording(path, number)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size


def test_a_recording_that_changes_during_a_step(study, tmp_path, monkeypatch, capfd):
    path = tmp_path / "recordings" / "low" / "s0_0.wav"
    meanwhile(monkeypatch, features, "_write", lambda: of_another(path, 100))
    run_study(study, "compare")
    assert f"{path} changed while 'features handcrafted' was made" in capfd.readouterr().err
    anew = replace(study, out=tmp_path / "anew")
    run_study(anew, "compare")
    assert tables_in(study.folder) == tables_in(anew.folder)


@pytest.mark.parametrize("name", ["features/mfcc.parquet", "split.csv", "manifest.parquet"])
def test_an_input_that_changes_during_a_step(study, made, monkeypatch, name):
    def change():
        path = study.folder / name
        if path.suffix == ".csv":
            table = pd.read_csv(path)
            table["subset"] = table["subset"].to_numpy()[::-1]
            table.to_csv(path, index=False)
        else:
            table = pd.read_parquet(path)
            table.iloc[::-1].to_parquet(path)

    meanwhile(monkeypatch, curve, "experiment", change)
    run_study(study, "compare")
    assert tables_in(study.folder) == tables_in(made / "out" / "small")


@pytest.mark.slow
def test_a_run_with_another_seed_where_there_are_no_locks(study, made, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "held", lambda _: nullcontext())
    other = replace(study, spec=study.spec.model_copy(update={"seed": 7}))
    meanwhile(monkeypatch, curve, "experiment", lambda: run_study(other, "compare"))
    run_study(study, "compare")
    assert tables_in(study.folder) == tables_in(made / "out" / "small")
    # the other has its own tables too, once it is asked again
    run_study(other, "compare")
    anew = replace(other, out=tmp_path / "anew")
    run_study(anew, "compare")
    assert tables_in(other.folder) == tables_in(anew.folder)


def test_a_step_that_dies_of_a_change_is_made_again(study, made, monkeypatch):
    broken = ValueError("Shape of passed values is (3, 2), indices imply (4, 2)")

    def fail():
        (study.folder / "scores.parquet").touch()
        raise broken

    meanwhile(monkeypatch, compare, "with_baseline", fail)
    run_study(study, "compare")
    assert tables_in(study.folder) == tables_in(made / "out" / "small")
    # without a change the error is what it was
    monkeypatch.setattr(compare, "with_baseline", lambda _: (_ for _ in ()).throw(broken))
    with pytest.raises(ValueError, match="Shape of passed"):
        run_study(study, "compare", force="compare")


def test_what_never_stops_changing_is_one_sentence(study, monkeypatch):
    path = study.folder / "split.csv"
    calls = meanwhile(monkeypatch, features, "_write", lambda: path.touch(), times=1000)
    with pytest.raises(
        OutputError, match=r"split\.csv changed while 'features handcrafted' .* 5th"
    ):
        run_study(study, "features")
    assert len(calls) == runner.TRIES
    assert not (study.folder / "features" / ".handcrafted.parquet.fingerprint").read_text()


def test_what_was_noted_and_is_the_same_has_not_changed(tmp_path):
    path, noted = tmp_path / "a.csv", Noted()
    noted.note([path])
    noted.note_as(str(tmp_path / "none"), state_of(tmp_path / "none"))
    assert noted.changed() == []
    path.write_text("1")
    assert noted.changed() == [path]
    assert noted.changed(but=[path]) == []
    noted.note([path])
    assert noted.changed() == []
