from pathlib import Path

import pytest

from semisup.errors import SpecError
from semisup.reading.document import apply_override
from semisup.reading.file import parse_study, read_study
from semisup.study.corpora import corpus_names
from semisup.study.paths import expand, find_path, instead_of
from semisup.study.spec import ChunkSpec, CorpusSpec, CurveSpec

MINIMAL = {"name": "small", "corpus": {"adapter": "synthetic"}}

MORE = {"adapter": "folder", "root": "more"}


def parse(**tables):
    return parse_study({**MINIMAL, **tables}, "study.toml")


def test_a_name_and_a_corpus_are_a_whole_study():
    study = parse()
    assert study.seed == 0
    assert study.chunks == ChunkSpec(sample_rate=8000, chunk_samples=30000)
    assert list(study.representations) == ["handcrafted"]
    assert study.curve.classifiers == ["svm", "knn", "tree", "random_forest", "adaboost"]


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"sead": 1}, r"sead is not a known key; did you mean 'seed'\?"),
        ({"curve": {"drawz": 3}}, r"\[curve\] drawz is not a known key; did you mean 'draws'\?"),
        ({"curve": {"percentages": {"start": 2, "stopp": 3}}}, r"stopp is not a known key"),
        ({"curve": {"draws": 0}}, r"\[curve\] draws: .*greater than or equal to 1, got 0"),
        ({"curve": {"classifiers": ["svn"]}}, r"\[curve\] classifiers: 'svn'.*did you mean 'svm'"),
        ({"curve": {"representations": ["cod"]}}, r"\[curve\] representations: 'cod' is not known"),
        ({"corpus": {"adapter": "ravdes"}}, r"\[corpus\] adapter: .*did you mean 'ravdess'"),
        ({"corpus": {"root": "x"}}, r"\[corpus\] needs the key adapter"),
        ({"corpus": {"adapter": "ravdess", "rot": "x"}}, r"\[corpus\] rot .*did you mean 'root'"),
        (
            {"corpus": {"adapter": "ravdess", "root": "x", "excerpt_seconds": 0.01}},
            r"\[corpus\] excerpt_seconds: .*greater than or equal to 0.05, got 0.01",
        ),
        ({"representations": {"a": {"kind": "handcraft"}}}, r"did you mean 'handcrafted'"),
        (
            {"representations": {"code": {"kind": "autoencoder", "latent_dims": 3}}},
            r"\[representations.code\] latent_dims .*did you mean 'latent_dim'",
        ),
        ({"representations": {"a/b": {"kind": "handcrafted"}}}, r"a name has letters"),
        ({"split": {"strategy": "quota"}}, r"needs per_class counts for labelled and test"),
        ({"split": {"fractions": {"labelled": 0.9, "test": 0.9}}}, r"add up to 1.8"),
        ({"chunks": {"chunk_samples": 500}}, r"at least two frames of 0.05 s \(800 samples"),
        ({"classifiers": {"mine": {"kind": "svx"}}}, r"\[classifiers.mine\] kind: 'svx'"),
        ({"name": "a b"}, r"name: "),
        ({"corpus": [MORE | {"name": "x"}] * 2}, r"\[corpus\] name: 2 corpora are called 'x'"),
        ({"corpus": [MORE | {"name": "a/b"}, MORE]}, r"\[corpus 1\] name: "),
        ({"corpus": [MORE | {"same_speakers": True}, MORE]}, r"same_speakers = true: only one"),
        (
            {"plot": {"metric": "f1_macr"}},
            r"\[plot\] metric: there is no metric 'f1_macr'; did you mean 'f1_macro'\?$",
        ),
        ({"chunks": {"sample_rate": 4000}}, r"sample rate of at least 6854 Hz, got 4000"),
        (
            {
                "chunks": {"chunk_samples": 4000},
                "representations": {"a": {"kind": "autoencoder", "padding": "valid"}},
            },
            r"\[representations.a\] Chunks of 9 frames x 200 bins are too small",
        ),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(tables, sentence):
    with pytest.raises(SpecError, match=sentence):
        parse(**tables)


@pytest.mark.parametrize(
    ("corpora", "names"),
    [
        ([{}], "folder"),
        ([{"name": "mine"}], "mine"),
        ([{}, {"adapter": "nemo"}], "folder nemo"),
        ([{"root": "a/one"}, {"root": "a/two"}], "folder_one folder_two"),
        ([{"root": "a/wav"}, {"root": "b/wav/"}], "folder_wav folder_wav_2"),
        ([{"root": "x"}, {"root": "x"}], "folder_x folder_x_2"),
        ([{}, {"root": ".."}, {"root": "."}], "folder folder_2 folder_3"),
        ([{"root": "${MORE}"}, {"root": "${AUDIO:-~/a}/Głosy 2"}], "folder_MORE folder_Głosy_2"),
        ([{"root": "a"}, {"name": "folder_a"}, {"root": "b"}], "folder_a_2 folder_a folder_b"),
        ([{"root": "a"}, {"name": "folder"}], "folder_a folder"),
    ],
)
def test_corpora_have_names_of_their_own_from_the_study_file_alone(corpora, names):
    specs = [CorpusSpec(**{"adapter": "folder"} | corpus) for corpus in corpora]
    assert corpus_names(specs) == names.split()


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        # a value of several forms is one mistake, told in the words of the file
        (
            {"curve": {"percentages": "x"}},
            "[curve] percentages: input should be 'log', a table or a list",
        ),
        (
            {"curve": {"percentages": 5}},
            "[curve] percentages: input should be 'log', a table or a list",
        ),
        (
            {"curve": {"percentages": [5, 150]}},
            "[curve] percentages: input should be less than or equal to 100, got 150",
        ),
        (
            {"curve": {"percentages": [5, "ten"]}},
            "[curve] percentages: input should be a number, got 'ten'",
        ),
        (
            {"curve": {"percentages": {"start": "two"}}},
            "[curve.percentages] start: input should be a whole number, got 'two'",
        ),
        (
            {"split": {"per_class": {"test": 0}}},
            "[split.per_class] test: input should be greater than or equal to 1 or 'rest', got 0",
        ),
        (
            {"split": {"per_class": {"labeled": 3}}},
            "[split.per_class] labeled: input should be 'labelled', 'unlabelled' or 'test'",
        ),
        (
            {"classifiers": {"mine": {"kind": "svm", "parameters": {"C": [1]}}}},
            "[classifiers.mine.parameters] C: input should be true or false, a whole number, a "
            "number or text, got [1]",
        ),
        (
            {"compare": {"pairs": [["a"]]}},
            "[compare] pairs: input should be a list with no item missing, got ['a']",
        ),
        (
            {"compare": {"pairs": [["a", "b", "c"]]}},
            "[compare] pairs: input should be a list of at most 2 items, got ['a', 'b', 'c']",
        ),
        (
            {
                "tuning": {"latent_dim": 64},
                "representations": {"code": {"kind": "autoencoder"}},
            },
            "[tuning] latent_dim: input should be a list, got 64",
        ),
        (
            {"tuning": {"latent_dim": {"low": "a", "high": 3}}},
            "[tuning.latent_dim] low: input should be a whole number, got 'a'",
        ),
        (
            {"curve": {"draws": 2.5}},
            "[curve] draws: input should be a table or a whole number, got 2.5",
        ),
        ({"curve": 3}, "curve: input should be a table, got 3"),
        ({"curve": {"classifiers": "svm"}}, "[curve] classifiers: input should be a list"),
        ({"curve": {"classifiers": []}}, "a list of at least 1 item, got []"),
        ({"compare": {"rope": float("nan")}}, "[compare] rope: input should be"),
        ({"corpus": {"adapter": "synthetic", "root": 3}}, "[corpus] root: input should be text"),
        ({"name": ["x"]}, "name: input should be text, got ['x']"),
        ({"name": "a b"}, "name: input should be text of the form ^[A-Za-z0-9]"),
    ],
)
def test_a_wrong_value_is_one_problem_without_a_word_of_python(tables, sentence):
    with pytest.raises(SpecError) as caught:
        parse(**tables)
    assert sentence in str(caught.value)
    assert "has 1 problem:" in str(caught.value)
    for word in ("constrained", "literal[", "PercentageRange", "dictionary", "instance", "valid "):
        assert word not in str(caught.value)


def test_all_problems_are_listed_at_once():
    with pytest.raises(SpecError, match="4 problems") as caught:
        parse_study({"corpus": {"adapter": "nope"}, "curve": {"draws": -1, "order": "up"}})
    assert "nope" in str(caught.value)


def test_an_unreadable_study_file_is_one_sentence(tmp_path):
    with pytest.raises(SpecError, match="There is no study file"):
        read_study(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(SpecError, match="cannot be read as TOML"):
        read_study(tmp_path / "bad.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match="cannot be read as TOML"):
        read_study(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("curve.draws=3", 3),
        ("curve.order=prefix", "prefix"),
        ('curve.classifiers=["svm"]', ["svm"]),
        ("curve.percentages={start=10, stop=50}", {"start": 10, "stop": 50}),
        ("corpus.root=../shared/corpora", "../shared/corpora"),
    ],
)
def test_overrides_take_toml_or_a_bare_word(override, value):
    document: dict = {}
    apply_override(document, override)
    table, key = override.partition("=")[0].split(".")
    assert document == {table: {key: value}}


@pytest.mark.parametrize("override", ["draws", "=3", "curve.=3", "curve.draws=[3"])
def test_a_malformed_override_is_refused(override):
    with pytest.raises(SpecError, match="--set"):
        apply_override({}, override)


def test_an_override_of_a_value_by_a_table_is_refused():
    with pytest.raises(SpecError, match="'name' is not a table"):
        apply_override({"name": "x"}, "name.first=y")


def test_variables_are_expanded_and_a_missing_one_is_named(monkeypatch):
    monkeypatch.setenv("SEMISUP_TEST_ROOT", "/data")
    assert expand("${SEMISUP_TEST_ROOT}/x") == "/data/x"
    assert expand("${SEMISUP_NONE:-y}/x") == "y/x"
    with pytest.raises(SpecError, match="the variable SEMISUP_NONE is not set"):
        expand("${SEMISUP_NONE}/x")
    assert expand("$SEMISUP_TEST_ROOT/x") == "/data/x"
    assert expand("$SEMISUP_TEST_ROOT.wav") == "/data.wav"
    for text in ("$SEMISUP_NONE/x", "5$.wav", "a$b", "$1"):
        assert expand(text) == text


def test_a_relative_path_is_looked_for_beside_the_study_file_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study").mkdir()
    (tmp_path / "here").mkdir()
    assert find_path("here", tmp_path / "study") == Path("here")
    (tmp_path / "study" / "here").mkdir()
    assert find_path("here", tmp_path / "study") == tmp_path / "study" / "here"
    # nowhere: the first place where it was looked for
    assert find_path("gone", tmp_path / "study") == tmp_path / "study" / "gone"


def test_what_is_there_instead_of_a_path_is_a_like_name_or_what_lies_around(tmp_path):
    assert instead_of(tmp_path / "x") == f"{tmp_path} has nothing in it"
    (tmp_path / "RAVDESS").mkdir()
    (tmp_path / ".hidden").touch()
    assert instead_of(tmp_path / "ravdes") == f"{tmp_path} has 'RAVDESS/'"
    assert instead_of(tmp_path / "ravdes" / "deep" / "x.csv") == f"{tmp_path} has 'RAVDESS/'"
    assert instead_of(tmp_path / "other") == f"{tmp_path} has RAVDESS/"
    for number in range(7):
        (tmp_path / f"{number}.csv").touch()
    assert instead_of(tmp_path / "RAVDESS" / "a") == f"{tmp_path / 'RAVDESS'} has nothing in it"
    shown = "0.csv, 1.csv, 2.csv, 3.csv, 4.csv, ..."
    assert instead_of(tmp_path / "other") == f"{tmp_path} has {shown}"


def test_a_study_file_that_is_not_there_is_named_with_what_is(tmp_path):
    (tmp_path / "study.toml").write_text("")
    with pytest.raises(SpecError, match=r"There is no study file .*stud.toml; .* has 'study.toml'"):
        read_study(tmp_path / "stud.toml")
    with pytest.raises(SpecError, match=r"There is no study file .*; .* has study.toml"):
        read_study(tmp_path / "nowhere")


def test_budgets_run_from_start_to_stop_and_a_list_is_sorted():
    assert CurveSpec().budgets() == [float(p) for p in range(2, 101, 2)]
    assert CurveSpec(percentages=[100, 5.5, 5.5]).budgets() == [5.5, 100.0]
    assert CurveSpec(order="prefix", draws=7).n_draws() == 1


def test_several_corpora_are_told_apart_in_messages():
    with pytest.raises(SpecError, match=r"\[corpus 2\] rot"):
        parse(corpus=[{"adapter": "synthetic"}, {"adapter": "ravdess", "rot": "x"}])
