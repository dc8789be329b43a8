from pathlib import Path

import pytest
from corpus_trees import make, real, rows, scan, write
from pydantic import ValidationError

from semisup.corpora import crema_d, emodb, msp_podcast, ravdess
from semisup.corpora._contract import SCAN_COLUMNS, VALENCE
from semisup.errors import CorpusError
from semisup.reading import read_draft
from semisup.recordings.manifest import assemble, separate, verify
from semisup.stages.preflight import check_draft

# msp_podcast

LISTING = (
    "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set",
    "MSP-PODCAST_0001_0008.wav,N,3.8,3.5,4.2,127,Male,Train",
    "MSP-PODCAST_0001_0019.wav,A,3.8,3.499,4.2,127,Male,Train",
    "MSP-PODCAST_0002_0033.wav,H,3.8,4.5,4.2,128,Female,Test1",
    "MSP-PODCAST_0002_0039.wav,X,3.8,4.501,4.2,128,Female,Test1",
    "MSP-PODCAST_0003_0040.wav,U,3.8,5,4.2,Unknown,Unknown,Development",
    "MSP-PODCAST_0004_0001.wav,S,3.8,,4.2,129,,Test2",
)
AUDIOS = tuple(f"Audios/{line.partition(',')[0]}" for line in LISTING[1:])


@pytest.mark.parametrize("name", ["labels_consensus.csv", "Labels/labels_consensus.csv"])
def test_msp_podcast_gives_valence_by_thresholds(tmp_path, name):
    make(tmp_path, *AUDIOS, "Audios/MSP-PODCAST_0009_0001.wav")
    write(tmp_path / name, *LISTING)
    scanned = scan("msp_podcast", tmp_path)
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, "emotion", "gender", "split_set")
    assert scanned["path"].tolist() == [*AUDIOS, "Audios/MSP-PODCAST_0009_0001.wav"]
    columns = ("label", "speaker", "reason", "no_label", "emotion", "gender", "split_set")
    assert rows(scanned, *columns) == [
        ("neutral", "127", "", "", "neutral", "male", "Train"),
        ("negative", "127", "", "", "anger", "male", "Train"),
        ("neutral", "128", "", "", "happiness", "female", "Test1"),
        ("positive", "128", "", "", "", "female", "Test1"),
        ("positive", "", "the speaker is unknown", "", "surprise", "", "Development"),
        ("", "129", "", "its EmoVal is '', not a number from 1 to 7", "sadness", "", "Test2"),
        ("", "", "not listed in labels_consensus.csv", "", "", "", ""),
    ]


def test_msp_podcast_thresholds_can_be_set(tmp_path):
    write(make(tmp_path, *AUDIOS) / "labels_consensus.csv", *LISTING)
    scanned = scan("msp_podcast", tmp_path, negative_below=4, positive_above=4)
    labels = scanned["label"].tolist()
    assert labels == ["negative", "negative", "positive", "positive", "positive", ""]
    with pytest.raises(ValidationError, match=r"negative_below \(5\) must not be greater than"):
        msp_podcast.Options(negative_below=5)


@pytest.mark.parametrize(
    ("label", "ratings"),
    [
        ("EmoAct", ["3.8"] * 6),
        ("EmoDom", ["4.2"] * 6),
        ("EmoVal", ["3.5", "3.499", "4.5", "4.501", "5", ""]),
    ],
)
def test_msp_podcast_gives_ratings_as_they_are_written(tmp_path, label, ratings):
    write(make(tmp_path, *AUDIOS) / "labels_consensus.csv", *LISTING)
    scanned = scan("msp_podcast", tmp_path, label=label)
    assert scanned["label"].tolist() == ratings
    assert scanned["no_label"].iloc[-1] == (
        "" if ratings[-1] else "its EmoVal is '', not a number from 1 to 7"
    )


def test_msp_podcast_gives_emotions(tmp_path):
    write(make(tmp_path, *AUDIOS) / "labels_consensus.csv", *LISTING)
    scanned = scan("msp_podcast", tmp_path, label="emotion")
    assert rows(scanned, "label", "no_label") == [
        ("neutral", ""),
        ("anger", ""),
        ("happiness", ""),
        ("", "no agreed emotion (EmoClass 'X')"),
        ("surprise", ""),
        ("sadness", ""),
    ]


def test_msp_podcast_keeps_a_listed_file_that_is_missing_for_the_list_of_skipped(tmp_path):
    write(
        make(tmp_path, *(Path(path).name for path in AUDIOS[1:])) / "labels_consensus.csv", *LISTING
    )
    scanned = scan("msp_podcast", tmp_path)
    _, skipped = separate(verify(assemble([("msp_podcast", "all", tmp_path, scanned)])))
    assert rows(skipped, "recording", "reason")[0] == (
        "MSP-PODCAST_0001_0008.wav",
        "there is no such file",
    )
    assert len(skipped) == 3


def test_msp_podcast_names_a_missing_column(tmp_path):
    write(tmp_path / "labels_consensus.csv", "FileName,EmoAct", "a.wav,1")
    with pytest.raises(
        CorpusError, match="lacks the columns EmoVal, SpkrID; it has FileName, EmoAct"
    ):
        scan("msp_podcast", tmp_path)
    with pytest.raises(CorpusError, match="lacks the columns EmoClass, SpkrID"):
        scan("msp_podcast", tmp_path, label="emotion")


def test_msp_podcast_reads_the_older_class_folders(tmp_path):
    make(
        tmp_path,
        "negative/MSP-PODCAST_0127_0001.wav",
        "neutral/MSP-PODCAST_0128_0002_0001.wav",
        "positive/MSP-PODCAST_Unknown_0003.wav",
        "positive/other.wav",
    )
    scanned = scan("msp_podcast", tmp_path)
    assert tuple(scanned.columns) == SCAN_COLUMNS
    assert rows(scanned, "path", "label", "speaker", "reason") == [
        ("negative/MSP-PODCAST_0127_0001.wav", "negative", "0127", ""),
        ("neutral/MSP-PODCAST_0128_0002_0001.wav", "neutral", "0128", ""),
        ("positive/MSP-PODCAST_Unknown_0003.wav", "positive", "", "the speaker is unknown"),
        (
            "positive/other.wav",
            "positive",
            "",
            "its name is not of the form MSP-PODCAST_<speaker>_...",
        ),
    ]
    with pytest.raises(CorpusError, match="it gives valence only, not emotion"):
        scan("msp_podcast", tmp_path, label="emotion")


# ravdess

RAVDESS = (
    "Actor_01/03-01-05-02-01-01-01.wav",
    "Actor_12/03-01-02-01-02-01-12.flac",
    "Actor_12/03-01-03-01-02-02-12.flac",
    "Actor_12/03-01-08-01-02-02-12.flac",
)


@pytest.mark.parametrize("above", ["", "Audio_Speech_Actors_01-24/"])
def test_ravdess_is_read_from_its_names(tmp_path, above):
    make(tmp_path, *(above + path for path in RAVDESS))
    scanned = scan("ravdess", tmp_path)
    assert scanned["path"].tolist() == [above + path for path in RAVDESS]
    own = ("emotion", "gender", "intensity", "statement", "repetition")
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, *own)
    assert rows(scanned, "label", "speaker", "no_label", *own) == [
        ("negative", "01", "", "angry", "male", "strong", "01", "01"),
        ("neutral", "12", "", "calm", "female", "normal", "02", "01"),
        ("positive", "12", "", "happy", "female", "normal", "02", "02"),
        (
            *("", "12", "the emotion 'surprised' has no valence"),
            *("surprised", "female", "normal", "02", "02"),
        ),
    ]


def test_ravdess_gives_emotions(tmp_path):
    scanned = scan("ravdess", make(tmp_path, *RAVDESS), label="emotion")
    assert scanned["label"].tolist() == ["angry", "calm", "happy", "surprised"]
    assert (scanned["no_label"] == "").all()


def test_ravdess_leaves_out_what_is_not_speech_or_not_named_so(tmp_path):
    make(
        tmp_path,
        "Actor_01/03-02-05-02-01-01-01.wav",
        "Actor_01/03-01-09-02-01-01-01.wav",
        "Actor_01/03-01-01-02-01-01-25.wav",
        "Actor_01/take two.wav",
    )
    scanned = scan("ravdess", tmp_path)
    assert scanned["reason"].tolist() == [
        "its name has a code that RAVDESS does not: emotion 01, intensity 02, actor 25",
        "its name has a code that RAVDESS does not: emotion 09, intensity 02, actor 01",
        "not audio-only speech (03-01) but 03-02",
        "its name does not have the seven fields of RAVDESS",
    ]


def test_the_real_ravdess_is_complete():
    scanned = scan("ravdess", real("ravdess"))
    assert len(scanned) == 1440
    assert scanned["speaker"].nunique() == 24
    counts = {"negative": 768, "neutral": 288, "positive": 192, "": 192}
    assert scanned["label"].value_counts().to_dict() == counts
    assert (scanned["reason"] == "").all()


# nemo

HEADER = "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage"


def test_nemo_is_read_from_its_table(tmp_path):
    make(tmp_path, "samples/WR0_surprised_64.flac", "samples/EB0_anger_1.wav", "samples/XX.wav")
    write(
        tmp_path / "data.tsv",
        HEADER,
        'WR0_surprised_64.wav\tsurprised\tMówi: "ucho.\tucho\t        WR0\tmale\t23',
        "EB0_anger_1.wav\tanger\tNie\tnie\t        EB0\tfemale\t27",
        'EB0_neutral_2.wav\tneutral\t"\tnie\tEB0\tfemale\t27',
    )
    scanned = scan("nemo", tmp_path)
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, "emotion", "gender", "age")
    columns = ("path", "label", "speaker", "reason", "no_label", "emotion", "gender", "age")
    surprised = "the emotion 'surprised' has no valence"
    assert rows(scanned, *columns) == [
        ("samples/EB0_anger_1.wav", "negative", "EB0", "", "", "anger", "female", "27"),
        ("samples/EB0_neutral_2.wav", "neutral", "EB0", "", "", "neutral", "female", "27"),
        ("samples/WR0_surprised_64.flac", "", "WR0", "", surprised, "surprised", "male", "23"),
        ("samples/XX.wav", "", "", "not listed in data.tsv", "", "", "", ""),
    ]
    emotions = scan("nemo", tmp_path, label="emotion")
    assert emotions["label"].tolist() == ["anger", "neutral", "surprised", ""]


def test_nemo_names_a_missing_column(tmp_path):
    write(tmp_path / "data.tsv", "file_id\temotion", "a.wav\tanger")
    with pytest.raises(CorpusError, match=r"data\.tsv lacks the columns speaker_id, gender, age"):
        scan("nemo", tmp_path)


def test_the_real_nemo_is_complete():
    scanned = scan("nemo", real("nemo"))
    assert len(scanned) == 4481
    assert scanned["speaker"].nunique() == 9
    counts = {"negative": 2254, "neutral": 809, "positive": 749, "": 669}
    assert scanned["label"].value_counts().to_dict() == counts
    assert scanned["path"].str.endswith(".flac").all()
    assert set(scanned["gender"]) == {"female", "male"}
    assert (scanned["reason"] == "").all()


# emodb


@pytest.mark.parametrize("above", ["wav/", ""])
def test_emodb_is_read_from_its_names(tmp_path, above):
    names = ("03a01Wa.wav", "08b02Ab.wav", "09a05Lb.wav", "11a02Ec.wav", "13b10Tc.wav")
    make(tmp_path, *(above + name for name in (*names, "14a07Fd.wav", "16b03Na.wav", "17x.wav")))
    scanned = scan("emodb", tmp_path)
    own = ("emotion", "gender", "text", "version")
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, *own)
    assert rows(scanned, "path", "label", "speaker", *own) == [
        (f"{above}03a01Wa.wav", "negative", "03", "anger", "male", "a01", "a"),
        (f"{above}08b02Ab.wav", "negative", "08", "fear", "female", "b02", "b"),
        (f"{above}09a05Lb.wav", "negative", "09", "boredom", "female", "a05", "b"),
        (f"{above}11a02Ec.wav", "negative", "11", "disgust", "male", "a02", "c"),
        (f"{above}13b10Tc.wav", "negative", "13", "sadness", "female", "b10", "c"),
        (f"{above}14a07Fd.wav", "positive", "14", "happiness", "female", "a07", "d"),
        (f"{above}16b03Na.wav", "neutral", "16", "neutral", "female", "b03", "a"),
        (f"{above}17x.wav", "", "", "", "", "", ""),
    ]
    assert scanned["reason"].tolist() == [""] * 7 + ["its name is not of the form 03a01Fa"]


def test_emodb_gives_emotions(tmp_path):
    scanned = scan("emodb", make(tmp_path, "wav/03a01Fa.wav"), label="emotion")
    assert scanned["label"].tolist() == ["happiness"]


# crema_d

CREMA_D = (
    "AudioWAV/1001_DFA_ANG_XX.wav",
    "AudioWAV/1001_IEO_HAP_LO.wav",
    "AudioWAV/1002_IEO_NEU_XX.wav",
    "AudioWAV/1040_ITH_SAD_X.wav",
)


def test_crema_d_is_read_from_its_names_and_its_table_of_actors(tmp_path):
    make(tmp_path, *CREMA_D, "AudioWAV/1001_DFA_JOY_XX.wav", "AudioWAV/test.wav")
    write(tmp_path / "VideoDemographics.csv", "ActorID,Age,Sex", "1001,51,Male", "1002,21,Female")
    scanned = scan("crema_d", tmp_path)
    own = ("emotion", "gender", "sentence", "intensity")
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, *own)
    assert rows(scanned, "path", "label", "speaker", "reason", *own) == [
        (CREMA_D[0], "negative", "1001", "", "anger", "male", "DFA", ""),
        (
            *("AudioWAV/1001_DFA_JOY_XX.wav", "", ""),
            *("its name has a code that CREMA-D does not: JOY_XX", "", "", "", ""),
        ),
        (CREMA_D[1], "positive", "1001", "", "happiness", "male", "IEO", "low"),
        (CREMA_D[2], "neutral", "1002", "", "neutral", "female", "IEO", ""),
        (CREMA_D[3], "negative", "1040", "", "sadness", "", "ITH", ""),
        (
            *("AudioWAV/test.wav", "", "", "its name is not of the form 1001_DFA_ANG_XX"),
            *("", "", "", ""),
        ),
    ]


def test_crema_d_needs_no_table_of_actors(tmp_path):
    scanned = scan("crema_d", make(tmp_path, *CREMA_D), label="emotion")
    assert scanned["label"].tolist() == ["anger", "happiness", "neutral", "sadness"]
    assert scanned["gender"].tolist() == [""] * 4


# gtzan


@pytest.mark.parametrize("above", ["", "genres/", "genres_original/", "Data/genres_original/"])
def test_gtzan_is_read_from_its_names(tmp_path, above):
    names = (
        "blues/blues.00000.wav",
        "blues/song.wav",
        "jazz/jazz.00054.au",
        "rock/rock.00001.flac",
    )
    make(tmp_path, *(above + name for name in names))
    scanned = scan("gtzan", tmp_path)
    assert tuple(scanned.columns) == SCAN_COLUMNS
    assert rows(scanned, "path", "label", "speaker", "reason") == [
        (f"{above}blues/blues.00000.wav", "blues", "blues.00000", ""),
        (
            *(f"{above}blues/song.wav", "", ""),
            "its name is not its genre and a number of five digits",
        ),
        (f"{above}jazz/jazz.00054.au", "jazz", "jazz.00054", ""),
        (f"{above}rock/rock.00001.flac", "rock", "rock.00001", ""),
    ]


def test_gtzan_takes_the_genres_that_are_asked_for(tmp_path):
    make(tmp_path, "blues/blues.00000.wav", "jazz/jazz.00054.au", "rock/rock.00001.flac")
    scanned = scan("gtzan", tmp_path, genres=["rock", "blues"])
    assert scanned["label"].tolist() == ["blues", "rock"]
    with pytest.raises(CorpusError, match="has no tracks of pop; it has blues, jazz, rock"):
        scan("gtzan", tmp_path, genres=["pop", "rock"])


def test_the_real_gtzan_sample_is_complete():
    scanned = scan("gtzan", real("gtzan100"))
    assert len(scanned) == scanned["speaker"].nunique() == 100
    assert set(scanned["label"].value_counts()) == {10}
    assert (scanned["reason"] == "").all()


def test_esc50_is_read_from_its_table(tmp_path):
    make(tmp_path, "audio/1-100-A-0.wav", "audio/1-100-B-0.flac", "audio/notes.wav")
    write(
        tmp_path / "meta" / "esc50.csv",
        "filename,fold,target,category,esc10,src_file,take",
        "1-100-A-0.wav,1,0,dog,True,100,A",
        "1-100-B-0.wav,1,0,dog,True,100,B",
        "5-9-A-41.wav,5,41,chainsaw,True,9,A",
    )
    assert rows(scan("esc50", tmp_path), "path", "label", "speaker", "fold", "reason") == [
        ("audio/1-100-A-0.wav", "dog", "100", "1", ""),
        ("audio/1-100-B-0.flac", "dog", "100", "1", ""),
        ("audio/5-9-A-41.wav", "chainsaw", "9", "5", ""),
        ("audio/notes.wav", "", "", "", "not listed in meta/esc50.csv"),
    ]
    groups = scan("esc50", tmp_path, label="group")["label"]
    assert list(groups) == ["animals", "animals", "urban", ""]
    (tmp_path / "meta" / "esc50.csv").rename(tmp_path / "esc50.csv")
    with pytest.raises(CorpusError, match=r"should hold meta/esc50\.csv"):
        scan("esc50", tmp_path)


def test_every_emotion_of_the_corpora_but_surprise_and_contempt_has_a_valence():
    words = {
        word
        for adapter in (ravdess, emodb, crema_d, msp_podcast)
        for word in adapter.EMOTIONS.values()
    }
    assert words - set(VALENCE) == {"surprised", "surprise", "contempt"}


def test_a_corpus_of_several_labels_says_which_it_took(tmp_path, capsys):
    make(tmp_path / "r", *RAVDESS)
    make(tmp_path / "f", "a/1.wav", "b/2.wav")
    ravdess = f'[[corpus]]\nadapter = "ravdess"\nroot = "{tmp_path / "r"}"\n'
    folder = f'[[corpus]]\nadapter = "folder"\nroot = "{tmp_path / "f"}"\n'
    said = 'ravdess: label = "valence", from emotion; label = "emotion" for the '
    for text, times in ((ravdess + folder, 1), (ravdess + 'label = "emotion"\n', 0)):
        write(tmp_path / "study.toml", 'name = "x"', text)
        found = check_draft(read_draft(tmp_path / "study.toml", tmp_path / "files"))
        notes = [problem.text for problem in found.problems if problem.severity == "note"]
        assert len(notes) == times
        assert all(note.startswith(said) for note in notes)
        assert capsys.readouterr().err.count(said) == times
