"""What every kind of representation of the registry must do, found by itself.

A kind without an entry in `NEEDED` runs with its defaults; no more than one epoch, and normalised
by speaker where it can be: what leaks between speakers would leak there.
"""

from functools import cached_property
from pathlib import Path

import needed_keys
import numpy as np
import pandas as pd
import pytest
import small_encoders
import soundfile
from PIL import Image

from semisup import registry
from semisup.engine.parallel import Workers
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.features.label_dependent import LabelDependent, Labelled, PreparedRows
from semisup.features.tables import check_extracted, feature_names
from semisup.networks.models import load_model
from semisup.reading.file import parse_study
from semisup.recordings import chunks, signals
from semisup.representations import _transforms, handcrafted, opensmile
from semisup.stages import train
from semisup.stages.resolved import Training
from semisup.stages.runner import run_study
from semisup.study.spec import ChunkSpec, RepresentationSpec
from semisup.study.study import Study

pytestmark = pytest.mark.usefixtures("bases_are_forgotten")
KINDS = registry.representations.built_in()
RATE = 8000
CHUNKS = ChunkSpec(sample_rate=RATE, chunk_samples=7200, short="pad")
SUBSETS = ("labelled", "unlabelled", "test")
#: Keys that a kind cannot do without here, or whose defaults take minutes or a download.
NEEDED: dict[str, dict[str, object]] = {
    **needed_keys.NEEDED,
    "vgg16": {"weights": "random", "size": 32},
}
QUICK = {"epochs": 1, "speaker_normalisation": "standard"}
#: Numbers of a row, as docs/REPRESENTATIONS.md says.
WIDTHS = {
    **dict.fromkeys(("logmel_pca", "voice_pca", "random_encoder", "masked_prediction"), 64),
    **dict.fromkeys(("random_pieces", "random_projection", "random_spectrogram", "vicreg"), 64),
    "handcrafted": 136,
    "logmel_statistics": 576,
    "descriptors": 628,
}


def quick(name: str) -> Representation:
    """Return a kind with what it needs, and with quick options where it has such keys."""
    kind = kind_class(name)
    keys = {key: value for key, value in QUICK.items() if key in kind.Options.model_fields}
    return kind.of(**{**keys, **NEEDED.get(name, {})})


def control(name: str) -> Representation:
    """Return a control of a kind, such as "vicreg.untrained"."""
    kind, _, control = name.partition(".")
    options = quick(kind).controls()[control]
    return kind_class(options.kind)(options)


#: Controls of every kind that are not kinds with defaults, which are here already.
CONTROLS = [
    f"{name}.{control}"
    for name in KINDS
    for control, options in quick(name).controls().items()
    if control == "untrained" or options != quick(options.kind).options
]


def tone(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Make a gliding tone with overtones, a pause and noise."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(rng.uniform(100, 250) * (1 + 0.3 * time)) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 6))
    loud = 0.1 * np.sin(2 * np.pi * rng.uniform(1, 4) * time).clip(0)
    return loud * voice + 0.001 * rng.normal(size=len(time))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Six speakers, two a subset, with three sounds each, and a picture a subset."""
    folder, rng = tmp_path_factory.mktemp("recordings"), np.random.default_rng(0)
    rows = []
    for number in range(18):
        seconds = rng.uniform(0.3, 0.6)
        path = folder / f"{number:02d}.wav"
        soundfile.write(path, tone(rng, seconds), RATE)
        rows.append((path.name, str(path), f"s{number % 6}", SUBSETS[number % 3], seconds))
    for number, subset in enumerate(SUBSETS):
        path = folder / f"{subset}.png"
        pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        rows.append((path.name, str(path), f"s{number}", subset, np.nan))
    table = pd.DataFrame(rows, columns=["recording", "path", "speaker", "subset", "seconds"])
    return table.assign(start=np.nan, end=np.nan)


def with_noise(recordings: pd.DataFrame, subsets: tuple[str, ...], folder: Path) -> pd.DataFrame:
    """Replace the recordings of some subsets by noise as long, or as large."""
    folder.mkdir()
    noisy, rng = recordings.copy(), np.random.default_rng(9)
    for row in noisy.index[noisy["subset"].isin(subsets)]:
        source, path = Path(noisy.loc[row, "path"]), folder / noisy.loc[row, "recording"]
        if source.suffix == ".png":
            pixels = np.asarray(Image.open(source))
            Image.fromarray(rng.integers(0, 256, pixels.shape, dtype=np.uint8)).save(path)
        else:
            samples = soundfile.info(source).frames
            soundfile.write(path, rng.uniform(-1, 1, samples), RATE)
        noisy.loc[row, "path"] = str(path)
    return noisy


def table_of(recordings: pd.DataFrame, power: int) -> pd.DataFrame:
    """Make what stands for a parent's feature table, of three chunks a sound."""
    rows = [
        (row.recording, number, (np.abs(part) ** power).mean(), np.abs(part).max())
        for row in recordings[recordings["path"].str.endswith(".wav")].itertuples()
        for number, part in enumerate(np.array_split(soundfile.read(row.path)[0], 3))
    ]
    table = pd.DataFrame(rows, columns=["recording", "chunk", "mean", "largest"])
    return table.astype({"chunk": np.int32})


class Made:
    """A kind at work in a folder of its own: fitted, and what it gives.

    Parameters
    ----------
    kind : Representation
    recordings : DataFrame
        Of all subsets.
    folder : Path
    jobs : int
        Of the workers.
    """

    def __init__(
        self, kind: Representation, recordings: pd.DataFrame, folder: Path, jobs: int = 1
    ) -> None:
        sounds = recordings["path"].str.endswith(".wav")
        self.kind, self.folder, self.jobs = kind, folder, jobs
        self.recordings = recordings if kind.takes_pictures else recordings[sounds]
        self.models.mkdir(parents=True)
        small_encoders.write_for(kind.options.kind, folder)
        kind.fit(self.inputs(self.recordings, "fit"))

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @cached_property
    def learned(self) -> dict[str, object]:
        """What `fit` wrote, by file: bytes, or the weights of a network, whose file has a date."""
        return {path.name: _content(path) for path in sorted(self.models.iterdir())}

    def inputs(self, recordings: pd.DataFrame, stage: str) -> Inputs:
        """Gather what the kind may read, as the stages do."""
        table_of(recordings, 1).to_csv(self.folder / "features.csv", index=False)
        scored = recordings[recordings["subset"] != "unlabelled"]
        inputs = Inputs(
            name="it",
            folder=self.models,
            parts=self.folder / f"parts-{stage}",
            base=self.folder,
            seed=3,
            sample_rate=RATE,
            recordings=recordings,
            tables={n: table_of(scored, p) for p, n in enumerate(self.kind.parents(), 1)},
            workers=Workers(self.jobs),
        )
        if self.kind.needs != "chunks":
            return inputs
        target = self.folder / f"chunks-{stage}"
        chunks.build(recordings, CHUNKS, target / "parts", target, Workers(self.jobs))
        store = chunks.open_store(target)
        return Inputs(**{**vars(inputs), "chunks": store.spectrograms, "chunk_index": store.index})

    def rows(self, recordings: pd.DataFrame | None = None, stage: str = "rows") -> PreparedRows:
        """Return index and values of labelled and test rows, whatever the kind gives."""
        inputs = self.inputs(self.recordings if recordings is None else recordings, stage)
        match self.kind:
            case LabelDependent():
                return _refitted(self.kind, inputs)
            case ArrayRepresentation():
                return _arrays(self.kind, inputs, self.folder / f"{stage}.zarr")
            case _:
                table = self.kind.extract(inputs)
                wanted = inputs.scored()["recording"]
                check_extracted(table, "it", wanted, self.kind.level)
                return PreparedRows(
                    table[["recording", "chunk"]], table[feature_names(table)].to_numpy()
                )


def _arrays(kind: ArrayRepresentation, inputs: Inputs, store: Path) -> PreparedRows:
    import zarr

    return PreparedRows(kind.arrays(inputs, store), zarr.open_array(store, mode="r")[:])


def _refitted(kind: LabelDependent, inputs: Inputs) -> PreparedRows:
    """Fit on a budget of all labelled recordings; return the rows' output, all subsets' but one."""
    index, x = kind.rows(inputs)
    assert set(index["recording"]) == set(inputs.recordings["recording"])
    assert len(index) == len(x)
    subset = index["recording"].map(inputs.recordings.set_index("recording")["subset"])
    owner = pd.factorize(index["recording"])[0]
    labelled = (subset == "labelled").to_numpy()
    known = Labelled(x[labelled], owner[labelled] % 2, owner[labelled])
    fitted = kind.refit(known, x[(subset == "unlabelled").to_numpy()], 2, seed=3)
    assert [*fitted.history][:3] == ["epoch", "loss", "val_loss"]
    assert fitted.model is not None
    scored = (subset != "unlabelled").to_numpy()
    outputs = fitted.encode(x[scored])
    assert set(outputs) <= set(kind.outputs)
    assert all(np.isfinite(values).all() for values in outputs.values())
    return PreparedRows(
        index[scored].reset_index(drop=True), outputs[kind.options.output].astype(float)
    )


def _content(path: Path) -> object:
    if path.suffix != ".keras":
        return path.read_bytes()
    return [weights.tolist() for weights in load_model(path).get_weights()]


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    """Let two workers have something to do."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (signals, chunks, _transforms, handcrafted, opensmile):
            patch.setattr(module, "BATCH", 7)
        yield


def with_marks(name: str) -> object:
    """Mark what needs libraries that the tests do without."""
    kind = name.partition(".")[0]
    return pytest.param(name, marks=[pytest.mark.extras] * (kind in needed_keys.EXTRAS))


@pytest.fixture(scope="module", params=[with_marks(name) for name in (*KINDS, *CONTROLS)])
def clean(request, recordings, small_parts, tmp_path_factory) -> tuple[str, Made]:
    """A kind by its name, fitted; skipped where it needs a library that is not installed."""
    kind = control(request.param) if "." in request.param else quick(request.param)
    misfits = kind.misfits(CHUNKS)
    if any("pip install" in misfit for misfit in misfits):
        pytest.skip(misfits[0])
    assert not misfits
    return request.param, Made(kind, recordings, tmp_path_factory.mktemp(request.param) / "it")


@pytest.fixture(scope="module")
def rows(clean) -> PreparedRows:
    """What it gives."""
    return clean[1].rows()


@pytest.fixture(scope="module")
def again(clean, recordings, tmp_path_factory) -> Made:
    """The same kind fitted by two workers where noise stands for all but what it may learn from."""
    folder = tmp_path_factory.mktemp("again")
    noisy = with_noise(recordings, ("labelled", "test"), folder / "noise")
    return Made(clean[1].kind, noisy, folder / "it", jobs=2)


@pytest.mark.parametrize("name", KINDS)
def test_it_declares_itself(name):
    kind = kind_class(name)
    assert kind.level in ("recording", "chunk")
    assert kind.needs in ("audio", "chunks", "tables", "nothing")
    assert issubclass(kind.Options, RepresentationSpec)
    assert kind.Options.model_config["frozen"]
    assert (kind.needs == "tables") == bool(quick(name).parents())
    assert bool(kind.models) == (kind.fit is not Representation.fit)
    makes = [kind.extract is not Representation.extract]
    makes += [kind.features is not Representation.features]
    makes += [issubclass(kind, LabelDependent), issubclass(kind, ArrayRepresentation)]
    assert sum(makes) == 1
    assert not issubclass(kind, ArrayRepresentation) or kind.needs == "audio"
    if issubclass(kind, LabelDependent):
        assert quick(name).options.output in kind.outputs
        assert not kind.models
    assert kind.restores == (kind.reconstructions is not Representation.reconstructions)
    assert kind.interpolates == (kind.ends is not Representation.ends)


def test_every_kind_that_learns_has_controls_here():
    assert {name.partition(".")[0] for name in CONTROLS} == {
        name for name in KINDS if quick(name).controls()
    }


def test_what_is_needed_is_needed_by_kinds_that_there_are():
    assert set(NEEDED) | set(WIDTHS) <= set(KINDS)


def test_its_rows_are_finite_and_those_of_the_recordings_asked_for(clean, rows):
    (name, made), (index, values) = clean, rows
    scored = made.recordings[made.recordings["subset"] != "unlabelled"]
    if made.kind.needs == "audio":
        assert index["recording"].unique().tolist() == scored["recording"].tolist()
    assert set(index["recording"]) == set(scored["recording"])
    assert not index.duplicated().any()
    assert len(index) == len(values)
    assert values[0].size == WIDTHS.get(name, values[0].size)
    assert np.isfinite(values).all()
    assert (values.std(axis=0) > 0).any()
    if made.kind.level == "recording":
        assert (index["chunk"] == -1).all()


def test_its_fit_writes_its_models_and_nothing_else(clean, rows):
    made = clean[1]
    assert sorted(made.learned) == sorted(made.kind.models)


def test_rows_can_be_asked_of_the_unlabelled_subset(clean):
    made = clean[1]
    if made.kind.needs == "tables" or isinstance(made.kind, LabelDependent):
        pytest.skip("its rows are those of its parents, or of all subsets")
    inputs = made.inputs(made.recordings, "unlabelled")
    inputs = Inputs(**{**vars(inputs), "wanted": ("unlabelled",)})
    if isinstance(made.kind, ArrayRepresentation):
        table = made.kind.arrays(inputs, made.folder / "unlabelled.zarr")
    else:
        table = check_extracted(
            made.kind.extract(inputs), "it", inputs.scored()["recording"], made.kind.level
        )
    assert set(table["recording"]) == set(inputs.of_subset("unlabelled")["recording"])


def test_what_is_learned_is_the_same_again_and_of_the_unlabelled_recordings_alone(clean, again):
    assert again.learned == clean[1].learned


def test_another_time_with_two_workers_it_gives_the_same(clean, again, rows):
    index, values = again.rows(clean[1].recordings)
    pd.testing.assert_frame_equal(index, rows.index)
    np.testing.assert_array_equal(values, rows.x)


def test_no_row_of_a_labelled_recording_depends_on_the_test_speakers(clean, rows, tmp_path):
    made = clean[1]
    noisy = with_noise(made.recordings, ("test",), tmp_path / "noise")
    index, values = made.rows(noisy, "noisy")
    pd.testing.assert_frame_equal(index, rows.index)
    subsets = made.recordings.set_index("recording")["subset"]
    labelled = (index["recording"].map(subsets) == "labelled").to_numpy()
    np.testing.assert_array_equal(values[labelled], rows.x[labelled])
    assert (values[~labelled] != rows.x[~labelled]).any()


def test_nor_where_speakers_are_unknown_alone_or_in_both_subsets(clean, tmp_path):
    made = clean[1]
    if not made.kind.by_speaker:
        pytest.skip("its rows are made without looking at speakers")
    odd = made.recordings.copy()
    for subset in ("labelled", "test"):
        rows = odd.index[odd["subset"] == subset]
        odd.loc[rows, "speaker"] = ["", "", f"alone in {subset}", *["both"] * (len(rows) - 3)]
    index, values = made.rows(odd, "odd")
    noisy = made.rows(with_noise(odd, ("test",), tmp_path / "noise"), "odd-noisy").x
    subsets = odd.set_index("recording")["subset"]
    labelled = (index["recording"].map(subsets) == "labelled").to_numpy()
    np.testing.assert_array_equal(noisy[labelled], values[labelled])
    assert (noisy[~labelled] != values[~labelled]).any()
    assert (values[labelled].std(axis=0) > 0).any()


def test_no_label_is_in_what_a_kind_may_read(tmp_path):
    """Nor a column of the corpus's own, of which a label may be made."""
    names = [f"s{n % 4}/{n}.wav" for n in range(12)]
    rng = np.random.default_rng(0)
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / name, tone(rng, 0.4), RATE)
    listed = {"file": names, "speaker": [n[:2] for n in names], "label": list("aaaabbbbaaaa")}
    pd.DataFrame({**listed, "emotion": listed["label"]}).to_csv(tmp_path / "l.csv", index=False)
    corpus = {"adapter": "table", "root": str(tmp_path), "path": "l.csv"}
    study = Study(parse_study({"name": "it", "corpus": corpus}), tmp_path, tmp_path / "files")
    resolved = run_study(study, until="split")
    inputs = train.inputs(resolved, Training("handcrafted"), tmp_path / "parts")
    known = {"recording", "path", "speaker", "seconds", "start", "end", "content", "subset"}
    assert set(inputs.recordings) == known
    assert "label" not in inputs.chunk_index
