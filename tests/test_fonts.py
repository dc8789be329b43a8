"""Letters that the default font lacks come from another font or are written as codes, said once."""

import matplotlib.font_manager as manager
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.text import Text

from semisup.figures import fonts
from semisup.figures.style import label_text, new_figure, plain, save

#: Labels of a script, whether matplotlib's own font has it, and what a figure has without a font.
SCRIPTS = {
    "Chinese": ("\u9ad8\u5174", r"\u9ad8\u5174", "CJK", "Noto Sans CJK SC"),
    "Japanese": ("\u3042\u3044", r"\u3042\u3044", "HIRAGANA", "Noto Sans CJK JP"),
    "Korean": ("\uae30\uc068", r"\uae30\uc068", "HANGUL", "Noto Sans CJK KR"),
    "Hindi": ("\u0916\u0941\u0936", r"\u0916\u0941\u0936", "DEVANAGARI", "Noto Sans Devanagari"),
    "Tamil": ("\u0b85\u0bb4", r"\u0b85\u0bb4", "TAMIL", "Noto Sans Tamil"),
    "emoji": ("\U0001f9e8", r"\U0001f9e8", "symbols", "Noto Emoji"),
}
#: DejaVu Sans, which comes with matplotlib, has them.
KNOWN = [
    *("\u0633\u0639\u064a\u062f", "\u05e9\u05de\u05d7", "\u0440\u0430\u0434", "\u03c7\u03b1\u03c1"),
    *("\u017al\u00f3\u015b\u0107", "\U0001f600", "\u2764\ufe0f", "na\u00efve"),
]


@pytest.fixture(autouse=True)
def only_matplotlibs_fonts(monkeypatch):
    """Hide what this machine has."""
    own = [font for font in manager.fontManager.ttflist if "mpl-data" in font.fname]
    monkeypatch.setattr(manager.fontManager, "ttflist", own)
    monkeypatch.setattr(manager, "findSystemFonts", list)
    _forget()
    yield
    _forget()


def _forget():
    for cached in (fonts._font_of, fonts._installed, fonts._letters, fonts._tell):
        cached.cache_clear()
    manager.fontManager._findfont_cached.cache_clear()


def make_font(path, letters: str, family: str = "Made Sans"):
    """Make a font in which every letter is a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 600), (700, 600), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = {ord(letter): f"g{number}" for number, letter in enumerate(letters)}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys(order, square))
    builder.setupHorizontalMetrics(dict.fromkeys(order, (800, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    builder.save(path)
    return path


def labelled(labels):
    """Draw labels wherever a figure may have some."""
    figure = new_figure(4, 3)
    ax = figure.subplots()
    texts = [label_text(label) for label in labels]
    ax.set_xticks(range(len(texts)), texts)
    ax.set_yticks(range(len(texts)), texts)
    ax.plot(range(len(texts)), label=texts[0])
    ax.set_title(texts[-1])
    figure.suptitle(texts[0])
    ax.legend()
    return figure


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_letters_that_no_font_has_are_codes_and_one_sentence(tmp_path, capsys, script, suffix):
    label, codes, name, font = SCRIPTS[script]
    assert label_text(label) == codes
    save(labelled([label, label * 2]), tmp_path / f"x.{suffix}")
    (line,) = capsys.readouterr().err.splitlines()
    assert f"No installed font has the letters of some names ({name})" in line
    assert f"install a font such as {font}, then: semisup run --force plot" in line


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
@pytest.mark.parametrize("label", KNOWN)
def test_letters_of_the_own_font_are_drawn_as_they_are(tmp_path, capsys, label, suffix):
    assert label_text(label) == label
    figure = labelled([label, "plain"])
    save(figure, tmp_path / f"x.{suffix}")
    assert {text.get_text() for text in figure.findobj(Text)} >= {label}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_an_installed_font_is_found(tmp_path, monkeypatch, capsys, script, suffix):
    label = SCRIPTS[script][0]
    path = make_font(tmp_path / "made.ttf", label)
    # as of a font that was installed after matplotlib made its list
    monkeypatch.setattr(manager, "findSystemFonts", lambda: [str(path)])
    assert label_text(label) == label
    figure = labelled([label, f"plain {label}"])
    save(figure, tmp_path / f"x.{suffix}")
    families = {
        family
        for text in figure.findobj(Text)
        if label in text.get_text()
        for family in text.get_fontfamily()
    }
    assert families == {"sans-serif", "Made Sans"}
    assert capsys.readouterr().err == ""


def test_two_scripts_of_two_fonts_are_in_one_label(tmp_path, monkeypatch):
    one = make_font(tmp_path / "one.ttf", "\u9ad8", "One Sans")
    other = make_font(tmp_path / "other.ttf", "\u0916", "Other Sans")
    monkeypatch.setattr(manager, "findSystemFonts", lambda: [str(one), str(other)])
    assert label_text("a\u9ad8\u0916\uae30") == "a\u9ad8\u0916\\uae30"
    save(labelled(["\u9ad8\u0916", "\u0916"]), tmp_path / "x.png")


@pytest.mark.parametrize("content", [b"", b"no font", b"\0" * 1000])
def test_a_file_that_is_no_font_is_left(tmp_path, monkeypatch, content):
    (tmp_path / "x.ttf").write_bytes(content)
    monkeypatch.setattr(manager, "findSystemFonts", lambda: [str(tmp_path / "x.ttf")])
    assert label_text("\u9ad8") == r"\u9ad8"


def test_letters_of_colour_only_are_codes(tmp_path, monkeypatch):
    path = make_font(tmp_path / "x.ttf", "\U0001f9e8", "Made Color Emoji")
    monkeypatch.setattr(manager, "findSystemFonts", lambda: [str(path)])
    assert label_text("\U0001f9e8") == r"\U0001f9e8"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a\nb", "a b"),
        ("a\tb", "a b"),
        ("a\r\nb", "a b"),
        ("  a  b ", "a b"),
        ("a\x01b", r"a\x01b"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("$x$", r"\$x\$"),
        ("a\U000e0001b", "ab"),
        ("", ""),
    ],
)
def test_a_label_is_one_line(name, text):
    assert label_text(name) == text


@pytest.mark.parametrize("length", [24, 25, 300, 10_000])
def test_a_long_label_is_shortened_in_the_middle(length):
    text = label_text("".join(str(i % 10) for i in range(length)))
    assert len(text) == 24
    assert text.startswith("01234567890123")
    assert text.endswith(str((length - 1) % 10))
    assert ("..." in text) == (length > 24)


def test_a_title_keeps_its_lines():
    assert plain("a\nb") == "a\nb"
    assert plain("a\tb") == r"a\tb"
