"""`semisup init`: every layout gives a study file that passes `check` without an edit."""

import re
import shlex
from itertools import product

import numpy as np
import pandas as pd
import pytest
import soundfile
from corpus_trees import write
from hypothesis import example, given
from hypothesis import strategies as st

from semisup import run
from semisup.corpora import adapter as load
from semisup.drafting import choices as chosen
from semisup.drafting.asking import asker
from semisup.drafting.choices import rare_classes
from semisup.drafting.draft import draft, write_draft
from semisup.drafting.fields import fields_of, values_of
from semisup.drafting.guesses import class_field, speaker_field
from semisup.drafting.lengths import chunk_samples
from semisup.drafting.source import source_of
from semisup.errors import CorpusError, SpecError, SplitError
from semisup.reading import read_draft, read_study
from semisup.registry import corpora
from semisup.stages.preflight import check_draft

EMOTIONS = ("angry", "happy", "sad")
NAMES = ("anna", "ben", "carl", "dora", "eva")
TAKES = range(1, 4)


def accept(what, guess, paths):
    """Take every guess, as ``--yes`` does."""
    return guess


def tones(root, *paths, seconds=0.5):
    """Write a short tone in noise to every path, no two alike."""
    # no two folders hold the same
    rng = np.random.default_rng(len(paths))
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        time = np.arange(int(seconds * 8000)) / 8000
        signal = np.sin(2 * np.pi * rng.uniform(100, 400) * time)
        noise = rng.standard_normal(len(time))
        soundfile.write(root / path, 0.3 * signal + 0.05 * noise, 8000)
    return root


def joined(text, *values):
    """Fill in every combination of some values."""
    return [text.format(*row) for row in product(*values)]


def listed(root, name, header, rows):
    write(root / name, header, *rows)


def crossed(root):
    tones(root, *joined("{}/{}_{}.wav", EMOTIONS, NAMES, TAKES))


def nested(root):
    tones(root, *joined("{}/spk{}/{}.wav", EMOTIONS, range(1, 7), TAKES))


def nested_otherwise(root):
    tones(root, *joined("spk{}/{}/{}.wav", range(1, 7), EMOTIONS, TAKES))


def flat(root):
    tones(root, *joined("{}-{}-{}.wav", NAMES, EMOTIONS, TAKES))


def numbered(root):
    tones(root, *joined("{}/{:03d}.wav", ("cat", "dog"), range(16)))


def one_inside(root):
    tones(root / "recordings" / "all", *joined("{}/{}_{}.wav", ("no", "yes"), NAMES, TAKES))


def emodb(root):
    tones(root, *joined("wav/{}a0{}{}a.wav", ("03", "08", "09", "10"), (1, 2, 4), "WFN"))


def ravdess(root):
    actors = [f"{number:02d}" for number in range(1, 6)]
    paths = joined("Actor_{0}/03-01-0{1}-01-0{2}-01-{0}.wav", actors, (1, 3, 4, 8), (1, 2))
    tones(root, *paths)


def nemo(root):
    files = joined("{}_{}_{}.wav", ("WR0", "EB0", "KM1"), ("anger", "happiness", "neutral"), TAKES)
    tones(root, *(f"samples/{file}" for file in files))
    cells = [(file, file.split("_")[1], file[:3]) for file in files]
    rows = ["\t".join((*row, "female", "30")) for row in cells]
    listed(root, "data.tsv", "file_id\temotion\tspeaker_id\tgender\tage", rows)


def crema_d(root):
    tones(root, *joined("AudioWAV/{}_{}_{}_XX.wav", range(1001, 1005), ("DFA", "IEO"), _CREMA))


_CREMA = ("ANG", "HAP", "NEU")


def esc50(root):
    files = joined("{}-{}-A-{}.wav", (1, 2), range(101, 107), (0, 10))
    tones(root, *(f"audio/{file}" for file in files))
    names = {"0": "dog", "10": "rain"}
    parts = [re.split(r"[-.]", file) for file in files]
    rows = [
        f"{file},{fold},{target},{names[target]},False,{fold}{clip},A"
        for file, (fold, clip, _, target, _) in zip(files, parts, strict=True)
    ]
    listed(root, "meta/esc50.csv", "filename,fold,target,category,esc10,src_file,take", rows)


def gtzan(root):
    tones(root, *joined("{0}/{0}.{1:05d}.wav", ("blues", "jazz"), range(12)))


def msp_podcast(root):
    cells = [
        (f"MSP_{speaker}_{take}.wav", f"{value}", f"{speaker}")
        for speaker, value, take in product(range(4), (2, 4, 6), TAKES)
    ]
    cells = [(f"MSP_{number:04d}.wav", *row[1:]) for number, row in enumerate(cells)]
    tones(root, *(f"Audios/{file}" for file, *_ in cells))
    rows = [f"{file},N,{value},{speaker},Male,Train" for file, value, speaker in cells]
    listed(root, "labels_consensus.csv", "FileName,EmoClass,EmoVal,SpkrID,Gender,Split_Set", rows)


def table_beside(root):
    files = joined("clips/{:04d}.wav", range(36))
    tones(root, *files)
    rows = [
        f"{file},{EMOTIONS[number % 3]},p{number // 6},{number}"
        for number, file in enumerate(files)
    ]
    listed(root, "index.csv", "filename,emotion,subject_id,length", rows)


def table_of_paths(root):
    files = joined("{}_{}.wav", NAMES, range(6))
    tones(root, *(f"audio/{file}" for file in files))
    rows = [f"{file}\t{('hot', 'cold')[number % 2]}" for number, file in enumerate(files)]
    listed(root, "meta/words.tsv", "path\tword", rows)


#: Name of the layout: who makes it, what is recognised, classes and speakers.
LAYOUTS = {
    "crossed": (crossed, "folder", 3, 5),
    "nested": (nested, "folder", 3, 6),
    "nested_otherwise": (nested_otherwise, "folder", 3, 6),
    "flat": (flat, "folder", 3, 5),
    "numbered": (numbered, "folder", 2, 32),
    "one_inside": (one_inside, "folder", 2, 5),
    "emodb": (emodb, "emodb", 3, 4),
    "ravdess": (ravdess, "ravdess", 3, 5),
    "nemo": (nemo, "nemo", 3, 3),
    "crema_d": (crema_d, "crema_d", 3, 4),
    "esc50": (esc50, "esc50", 2, 12),
    "gtzan": (gtzan, "gtzan", 2, 24),
    "msp_podcast": (msp_podcast, "msp_podcast", 3, 4),
    "table_beside": (table_beside, "table", 3, 6),
    "table_of_paths": (table_of_paths, "table", 2, 5),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_drafted_study_passes_check_as_it_is(name, tmp_path):
    make, adapter, n_classes, n_speakers = LAYOUTS[name]
    make(tmp_path / "data")
    named = [name for name in corpora.names() if load(name).recognises(tmp_path / "data")]
    assert named == [adapter] * (adapter not in ("folder", "table"))
    path = tmp_path / "study.toml"
    write_draft(draft(tmp_path / "data", path, accept), lambda line: None)
    found = check_draft(read_draft(path, tmp_path / "files"))
    assert not found.fatal, found.problems
    manifest = pd.read_parquet(tmp_path / "files" / "data" / "manifest.parquet")
    assert read_study(path).spec.corpus[0].adapter == adapter
    assert manifest["label"].nunique() == n_classes
    assert manifest["speaker"].nunique() == n_speakers


def test_more_recordings_are_the_unlabelled_subset(tmp_path):
    crossed(tmp_path / "data")
    tones(tmp_path / "more", *joined("{}/{:02d}.wav", ("x1", "x2", "x3"), range(8)))
    path = tmp_path / "study.toml"
    write_draft(draft(tmp_path / "data", path, accept, [tmp_path / "more"]), lambda line: None)
    found = check_draft(read_draft(path, tmp_path / "files"))
    assert not found.fatal, found.problems
    spec = read_study(path).spec
    assert [corpus.role for corpus in spec.corpus] == ["all", "unlabelled"]
    assert [corpus.root for corpus in spec.corpus] == ["data", "more"]
    assert set(spec.split.fractions) == {"labelled", "test"}


MARKS = st.sampled_from("_-. ")
WORDS = ("ape", "bee", "cow", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "koi", "lynx")
PEOPLE = ("anna", "ben", "carl", "dora", "eva", "finn", "gil", "ida", "jon", "kim", "lea", "max")
WAYS = {
    "code": lambda number: f"s{number:02d}",
    "word": lambda number: f"Speaker{number}",
    "name": lambda number: PEOPLE[number % len(PEOPLE)],
    "digits": lambda number: f"{number + 1:02d}",
}


@st.composite
def schemes(draw):
    """Draw paths named by speaker, class and take, in folders or not, and the two of each."""
    classes = draw(st.sampled_from([EMOTIONS, WORDS[:2], WORDS[:6]]))
    way = draw(st.sampled_from(sorted(WAYS)))
    speakers = [WAYS[way](number) for number in range(draw(st.integers(4, 12)))]
    # what only a person tells apart: words of unknown classes before names of unknown people
    layouts = ["{c}/{s}/{t}", "{c}/{s}{m}{t}", "{c}/{c}{m}{s}{m}{t}"]
    if classes is EMOTIONS or way != "name":
        layouts += ["{s}{m}{c}{m}{t}", "x/{s}{m}{c}{m}{t}", "{s}{m}fix{m}{c}{m}{t}"]
    if classes is EMOTIONS or way in ("code", "word"):
        layouts += ["{s}/{c}/{t}", "{s}/{c}{m}{t}", "{c}{m}{s}{m}{t}"]
    layout, mark = draw(st.sampled_from(layouts)), draw(MARKS)
    rows = list(product(speakers, classes, range(draw(st.integers(2, 5)))))
    rows = draw(st.permutations(rows)) if len(rows) < 60 else rows
    return [(layout.format(s=s, c=c, t=t, m=mark) + ".wav", c, s) for s, c, t in rows]


@given(schemes())
def test_classes_and_speakers_are_found_in_any_order_of_the_fields(scheme):
    paths, classes, speakers = zip(*scheme, strict=True)
    fields = fields_of(paths)
    found = class_field(fields)
    assert found is not None
    assert values_of(found.pattern, paths) == classes
    speaker = speaker_field(fields, classes)
    assert speaker is not None
    assert len(set(zip(values_of(speaker.pattern, paths), speakers, strict=True))) == len(
        set(speakers)
    )


@given(schemes())
def test_a_fields_pattern_finds_its_values(scheme):
    paths = [path for path, *_ in scheme]
    for field in fields_of(paths):
        assert values_of(field.pattern, paths) == field.texts
        assert re.compile(field.pattern).groups == 1


class Talk:
    """Someone at a terminal who gives some answers, and all that was shown."""

    def __init__(self, *answers):
        self.answers = [*answers]
        self.shown = []
        self.ask = asker(self.shown.append, self.prompt)

    def prompt(self, question):
        self.shown.append(question)
        return self.answers.pop(0)


def test_who_is_asked_sees_three_examples_and_can_accept_correct_or_deny(tmp_path):
    flat(tmp_path)
    talk = Talk("", "")
    accepted = source_of(tmp_path, talk.ask)
    assert accepted.recordings["speaker"].nunique() == 5
    assert sum(" -> " in line for line in talk.shown) == 6
    assert "  ben-angry-1.wav -> ben" in talk.shown
    talk = Talk("", "none")
    assert not source_of(tmp_path, talk.ask).knows_speakers
    talk = Talk("(", "anna", "^x(.)", r"-(\w+)-", r"^(..)")
    corrected = source_of(tmp_path, talk.ask)
    assert corrected.keys["label_pattern"] == r"-(\w+)-"
    assert set(corrected.recordings["speaker"]) == {name[:2] for name in NAMES}
    for words in ("not a regular expression", "no group", "finds nothing"):
        assert any(words in line for line in talk.shown)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda root: write(root / "notes.txt", "x"), "1 other files, such as notes.txt, and no"),
        (lambda root: write(root / "a" / "x.png", "x"), "but 1 pictures"),
        (lambda root: tones(root, *joined("{:03d}.wav", range(9))), "file,label,speaker\n000.wav"),
        (lambda root: tones(root, *joined("a/{:03d}.wav", range(9))), "folder a class"),
    ],
)
def test_where_nothing_can_be_guessed_one_sentence_says_what_was_seen(make, sentence, tmp_path):
    (tmp_path / "data").mkdir()
    make(tmp_path / "data")
    with pytest.raises(CorpusError, match=re.escape(sentence)):
        draft(tmp_path / "data", tmp_path / "study.toml", accept)


def test_a_table_that_does_not_fit_is_told(tmp_path):
    tones(tmp_path, *joined("{:02d}.wav", range(8)))
    listed(tmp_path, "a.csv", "file,note", [f"{n:02d}.wav,{n}" for n in range(8)])
    listed(tmp_path, "b.csv", "file,note", [f"x{n}.wav,{n % 2}" for n in range(8)])
    output = tmp_path / "study.toml"
    for name, label, sentence in (
        ("a.csv", None, "--label COLUMN names it"),
        ("a.csv", "nite", "did you mean 'note'"),
        ("b.csv", None, "names files that are there"),
        ("c.csv", None, "There is no folder or table"),
    ):
        with pytest.raises(CorpusError, match=re.escape(sentence)):
            draft(tmp_path / name, output, accept, label=label)


def test_folders_in_each_other_and_a_file_that_is_there_are_refused(tmp_path):
    crossed(tmp_path / "data")
    with pytest.raises(SpecError, match="lie in each other"):
        draft(tmp_path / "data", tmp_path / "s.toml", accept, [tmp_path / "data" / "sad"])
    write(tmp_path / "s.toml", "mine")
    with pytest.raises(SpecError, match="its folders or names tell the classes"):
        draft(tmp_path / "data", tmp_path / "t.toml", accept, label="emotion")
    with pytest.raises(SpecError, match="--force overwrites it"):
        draft(tmp_path / "data", tmp_path / "s.toml", accept)
    assert draft(tmp_path / "data", tmp_path / "s.toml", accept, force=True).text != "mine"


def test_classes_that_cannot_be_tested_are_left_out_and_named(tmp_path):
    crossed(tmp_path / "data")
    tones(tmp_path / "data", "odd/anna_1.wav", "lone/ben_1.wav", *joined("lone/ben_{}.wav", TAKES))
    made = draft(tmp_path / "data", tmp_path / "study.toml", accept)
    assert {line for line in made.told if "left out" in line} == {
        "'odd' is left out: 1 recording only",
        "'lone' is left out: 3 recordings only",
    }
    write_draft(made, lambda line: None)
    assert read_study(made.path).spec.corpus[0].map_labels == {"odd": "", "lone": ""}
    one = pd.DataFrame({"label": ["a"] * 5 + ["b"] * 5, "speaker": ["x"] * 5 + [*"vwxyz"]})
    assert rare_classes(one) == {"a": "one speaker only"}
    tones(tmp_path / "few", *joined("{}/{}.wav", ("a", "b"), (1, 2)))
    with pytest.raises(SplitError, match="no two classes that can be learned"):
        draft(tmp_path / "few", tmp_path / "other.toml", accept)


def made_up(n_speakers, each, n_classes=3, seconds=4.0):
    """Recordings of speakers who have as many of each class."""
    rows = list(product(range(n_speakers), range(n_classes), range(each)))
    return pd.DataFrame(
        {
            "recording": [f"{number:05d}" for number in range(len(rows))],
            "speaker": [f"s{speaker}" for speaker, *_ in rows],
            "label": [f"c{label}" for _, label, _ in rows],
            "role": "all",
            "seconds": seconds,
        }
    )


def test_few_speakers_are_folds_and_many_are_not():
    few = chosen.choices(made_up(10, 10), knows_speakers=True)
    some = chosen.choices(made_up(24, 10), knows_speakers=True)
    many = chosen.choices(made_up(60, 20), knows_speakers=True)
    assert (few.split.folds, some.split.folds, many.split.folds) == ("speakers", 5, None)
    assert few.learned == some.learned == ["voice_pca"]
    assert few.by_speaker
    assert many.learned == ["voice_pca", "conv_pool"]
    assert not chosen.choices(made_up(60, 20), knows_speakers=False).by_speaker
    large = chosen.choices(made_up(60, 60), knows_speakers=True)
    assert large.split.strategy == "quota"
    assert large.split.per_class["labelled"] == 500
    two = chosen.choices(made_up(2, 6), knows_speakers=True)
    assert not two.has_unlabelled


@given(st.lists(st.floats(0.1, 60), min_size=1, max_size=200))
def test_a_chunk_keeps_nearly_all_recordings(lengths):
    samples = chunk_samples(np.array(lengths))
    kept = np.mean(np.array(lengths) * 8000 >= samples)
    assert kept >= 0.95 or samples == 4000
    assert 4000 <= samples <= 30000


@given(st.text(min_size=1, max_size=20))
@example('$HOME\'s \\d "x"\x7f\n')
def test_any_text_is_written_so_that_it_is_read_back(name):
    from tomllib import loads

    from semisup.drafting.text import value_text

    assert loads(f"x = {value_text({name: [name, 1]})}")["x"] == {name: [name, 1]}


def test_the_command_asks_nobody_who_is_not_there_and_its_last_lines_can_be_run(
    command, tmp_path, monkeypatch
):
    crossed(tmp_path / "my data")
    monkeypatch.chdir(tmp_path)
    done = command("init", "my data", "-o", "my study.toml")
    assert done.returncode == 0, done.stderr
    *_, check, run = done.stdout.splitlines()
    assert command(*shlex.split(check)[1:]).returncode == 0
    assert shlex.split(run) == ["semisup", "run", "my study.toml"]
    assert command("init", "my data", "-o", "my study.toml").returncode == 1


@pytest.mark.slow
def test_a_drafted_study_runs_to_its_verdicts(tmp_path):
    flat(tmp_path / "data")
    tones(tmp_path / "more", *joined("spk{}/{:02d}.wav", range(4), range(4)))
    made = draft(tmp_path / "data", tmp_path / "study.toml", accept, [tmp_path / "more"])
    write_draft(made, lambda line: None)
    # as it is, but for fewer of everything
    fewer = ("split.folds=2", "split.repeats=1", "curve.draws=1", "compare.resamples=200")
    result = run(read_study(made.path, tmp_path / "files", fewer), until="compare")
    assert (result.folder / "comparison.csv").is_file()
    names = ["handcrafted_speaker", "voice_pca", "handcrafted"]
    assert list(result.scores["representation"].unique()) == names
    baselines = set(result.comparison["representation_b"]) & set(names)
    assert baselines == {"handcrafted_speaker"}
