"""What each kind of representation depends on, told by its fingerprints alone."""

import pytest
from needed_keys import NEEDED

from semisup import registry
from semisup.features.contract import Representation
from semisup.features.kinds import kind_class
from semisup.features.label_dependent import LabelDependent
from semisup.stages import fingerprints
from semisup.stages.fingerprints import Data, Parts
from semisup.stages.kinds_asked import parents_first
from semisup.study.spec import RepresentationSpec, StudySpec
from semisup.study.study import Study

KINDS = registry.representations.built_in()


class LearnsFromTables(Representation):
    """A kind of a user's that trains a model on another's table."""

    Options = RepresentationSpec
    needs = "tables"
    models = ("model.npz",)

    def parents(self) -> list[str]:
        return ["first"]


def prints(kinds: dict[str, Representation], data: Data, **chunks: int) -> dict[str, object]:
    """Return the fingerprints of models, fits and table of the last of some kinds."""
    options = {name: kind.options for name, kind in kinds.items()}
    corpus = [{"adapter": "synthetic"}]
    spec = StudySpec(name="s", corpus=corpus, chunks=chunks, representations=options)
    name = list(kinds)[-1]
    parts = Parts(kinds, dict.fromkeys(kinds, 1), {each: each for each in kinds}, [])
    of_all = fingerprints.of_all(Study(spec), data, parts)
    made = {"table": of_all.tables[name, 0]}
    if kinds[name].models:
        made["models"] = of_all.models[name, 0]
    if isinstance(kinds[name], LabelDependent):
        made["fits"] = of_all.refits[name]
    return made


def with_parents(name: str) -> dict[str, Representation]:
    options = {
        "first": kind_class("handcrafted").of().options,
        "second": kind_class("logmel_statistics").of().options,
        "last": kind_class(name).of(**NEEDED.get(name, {})).options,
    }
    return parents_first(["last"], options)


@pytest.fixture(autouse=True)
def _beside_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "features.csv").write_text("recording,f0\na.wav,1\n")


DATA = Data("manifest", "split", "durations", "chunks")


def changed(name: str, data: Data, **chunks: int) -> set[str]:
    """Return what of a kind is made again with other data or `[chunks]`."""
    kinds = with_parents(name)
    before, after = prints(kinds, DATA), prints(kinds, data, **chunks)
    return {step for step in before if before[step] != after[step]}


@pytest.mark.parametrize("name", KINDS)
def test_whatever_reads_audio_is_made_again_at_another_sample_rate(name):
    # the fingerprint of the chunks holds the rate as well
    data = DATA._replace(chunks="chunks at another rate")
    assert changed(name, data, sample_rate=16000) == set(prints(with_parents(name), DATA))


@pytest.mark.parametrize("name", KINDS)
def test_whatever_is_made_for_a_split_is_made_again_for_another(name):
    data = DATA._replace(split="another", chunks="of another split")
    assert changed(name, data) == set(prints(with_parents(name), DATA))


@pytest.mark.parametrize("name", KINDS)
def test_only_what_reads_chunks_is_made_again_for_others(name):
    reads_chunks = kind_class(name).needs == "chunks"
    data = DATA._replace(chunks="others")
    assert bool(changed(name, data, chunk_samples=20000)) == reads_chunks


def test_a_model_of_tables_is_made_again_where_a_table_is():
    kinds = {"first": kind_class("handcrafted").of()}
    kinds["last"] = LearnsFromTables(RepresentationSpec(kind="own"))
    before = prints(kinds, DATA)
    kinds["first"] = kind_class("handcrafted").of(cover_seconds=0.5)
    after = prints(kinds, DATA)
    assert before["models"] != after["models"]
    assert before["table"] != after["table"]
