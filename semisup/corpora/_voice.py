"""Speech-like signals for the generated corpus: a speaker and a valence in, one signal out.

A sawtooth source with an intonation contour and aspiration noise is shaped, frame by frame in the
frequency domain, by vocal-tract resonances and a spectral tilt; syllables set its energy, and
coloured noise is laid under it. Speakers differ; so does the way in which each expresses a valence.
"""

from typing import NamedTuple

import numpy as np
from scipy import fft, signal

from semisup.signals.framing import rolling_windows

#: How valence moves pitch level, pitch range, tempo, energy and spectral tilt, in units of `UNITS`.
PROTOTYPES = {
    "negative": np.array([-0.3, 0.0, 0.1, 1.0, -1.0]),
    "neutral": np.array([-0.6, -1.0, -0.5, -0.8, 0.7]),
    "positive": np.array([0.9, 1.0, 0.4, -0.2, 0.3]),
}
#: The same five as in `Manner`: semitones, log ratio, log ratio, dB, dB per octave.
UNITS = np.array([2.5, 0.45, 0.15, 3.5, 1.6])
#: Standard deviations, in units of `UNITS`, of a speaker's own way of expressing each valence and
#: of one recording. With the prototypes they set the difficulty: tests/test_synthetic.py.
SPEAKER_SPREAD, RECORDING_SPREAD = 0.25, 0.7

#: Formants of i, e, a, o, u in Hz, of an adult male (Peterson and Barney 1952; the fourth is
#: nearly constant). https://doi.org/10.1121/1.1906875
VOWELS = np.array(
    [
        [270, 2290, 3010, 3600],
        [530, 1840, 2480, 3500],
        [730, 1090, 2440, 3400],
        [570, 840, 2410, 3300],
        [300, 870, 2240, 3300],
    ],
    dtype=float,
)
BANDWIDTHS = np.array([70.0, 100.0, 140.0, 200.0])
HOP_SECONDS = 0.008


class Voice(NamedTuple):
    """What stays the same in all recordings of one speaker."""

    pitch_hz: float
    pitch_range: float  # semitones
    tract: float  # factor on the formants of `VOWELS`
    rate: float  # syllables a second
    breath: float  # aspiration noise, relative to the source
    tilt: float  # dB per octave
    noise_db: float  # background noise, relative to speech
    noise_pole: float  # its colour: the pole of a first-order filter
    expression: dict[str, np.ndarray]  # by valence: `PROTOTYPES` as this speaker expresses them


class Manner(NamedTuple):
    """How one recording departs from its speaker's usual way of speaking: `UNITS` in order."""

    pitch: float  # semitones
    pitch_range: float  # log ratio
    tempo: float  # log ratio
    energy: float  # dB
    tilt: float  # dB per octave


class Syllables(NamedTuple):
    """Syllables in the order in which they are spoken, one array element each."""

    start: np.ndarray  # seconds
    seconds: np.ndarray
    level: np.ndarray  # amplitude, 0 for a pause
    accent: np.ndarray  # pitch movement, in units of the pitch range
    formants: np.ndarray  # (n, 4) Hz
    friction: np.ndarray  # 0 to 1, how noisy the onset is


def draw_voice(female: bool, rng: np.random.Generator) -> Voice:
    """Draw a speaker."""
    normal = rng.standard_normal(8)
    expression = {
        valence: prototype * rng.uniform(0.75, 1.25) + SPEAKER_SPREAD * rng.standard_normal(5)
        for valence, prototype in PROTOTYPES.items()
    }
    return Voice(
        pitch_hz=(200.0 if female else 115.0) * 2 ** (1.5 * normal[0] / 12),
        pitch_range=3.0 * np.exp(0.15 * normal[1]),
        tract=(1.16 if female else 1.0) * np.exp(0.04 * normal[2]),
        rate=4.5 * np.exp(0.08 * normal[3]),
        breath=0.08 * np.exp(0.5 * normal[4]),
        tilt=4.0 + 0.7 * normal[5],
        noise_db=-32.0 + 4.0 * normal[6],
        noise_pole=0.6 * np.tanh(normal[7]),
        expression=expression,
    )


def speak(
    voice: Voice, valence: str, seconds: float, sample_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Make one recording.

    Parameters
    ----------
    voice : Voice
        The speaker.
    valence : {"negative", "neutral", "positive"}
        What the speaker expresses.
    seconds : float
        Length of the recording.
    sample_rate : int
        In Hz.
    rng : Generator
        Draws all that differs between two recordings of the same speaker and valence.

    Returns
    -------
    signal : ndarray of shape (round(seconds * sample_rate),), float64
        Mean 0, peak between 0.3 and 0.9.
    """
    manner = draw_manner(voice, valence, rng)
    n_samples, hop = round(seconds * sample_rate), round(HOP_SECONDS * sample_rate)
    # Frames of four hops, from three before the first sample: four cover each sample.
    times = np.arange(-3, n_samples // hop + 1) * HOP_SECONDS
    spoken = _draw_syllables(voice, manner, seconds, rng)
    level, friction = _articulate(spoken, times + 2 * HOP_SECONDS)
    source = _excite(voice, _pitch(voice, manner, spoken, times, rng), friction, sample_rate, rng)
    response = _response(spoken, times, friction, voice.tilt + manner.tilt, hop, sample_rate)
    speech = _shape(source, response * level[:, None], hop)[3 * hop :][:n_samples]
    mixed = speech + speech.std() * _background(voice, manner, n_samples, rng)
    mixed -= mixed.mean()
    return mixed * (rng.uniform(0.3, 0.9) / np.abs(mixed).max())


def draw_manner(voice: Voice, valence: str, rng: np.random.Generator) -> Manner:
    """Draw how a recording departs from its speaker's usual way of speaking."""
    drawn = voice.expression[valence] + RECORDING_SPREAD * rng.standard_normal(5)
    return Manner._make(drawn * UNITS)


def _draw_syllables(
    voice: Voice, manner: Manner, seconds: float, rng: np.random.Generator
) -> Syllables:
    rate = voice.rate * np.exp(manner.tempo)
    # Lengths average 1 / rate, so that this many always reach the end.
    n = int(3 * seconds * rate) + 10
    lengths = np.exp(0.25 * rng.standard_normal(n)) / rate
    start = np.cumsum(lengths) - lengths
    accent = rng.standard_normal(n)
    # Accents are louder, by 3 dB a standard deviation, and more so where the speaker is energetic.
    level = 10 ** ((3.0 + 0.5 * manner.energy) * accent / 20)
    level[(rng.random(n) < 0.12) | (start < 0.1) | (start + lengths > seconds - 0.1)] = 0.0
    if not level.any():  # as may happen within a second; no recording is silent
        level[np.searchsorted(start, seconds / 2) - 1] = 1.0
    formants = VOWELS[rng.integers(len(VOWELS), size=n)] * voice.tract
    formants *= np.exp(0.04 * rng.standard_normal((n, 4)))
    friction = rng.random(n) * (rng.random(n) < 0.4)
    return Syllables(start, lengths, level, accent, formants, friction)


def _articulate(spoken: Syllables, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return level and friction at each time: a syllable swells and fades, its onset is noisy."""
    now = np.maximum(np.searchsorted(spoken.start, times) - 1, 0)
    phase = np.clip((times - spoken.start[now]) / spoken.seconds[now], 0, 1)
    return spoken.level[now] * np.sin(np.pi * phase) ** 0.7, spoken.friction[now] * (phase < 0.3)


def _pitch(
    voice: Voice, manner: Manner, spoken: Syllables, times: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the fundamental frequency in Hz at each time: accents on a falling line."""
    centres = spoken.start + spoken.seconds / 2
    falling = np.linspace(0.6, -0.6, times.size) * rng.uniform(0.3, 1.5)
    contour = falling + np.interp(times, centres, spoken.accent)
    semitones = manner.pitch + voice.pitch_range * np.exp(manner.pitch_range) * contour
    return voice.pitch_hz * 2 ** (semitones / 12)


def _excite(
    voice: Voice,
    pitch_hz: np.ndarray,
    friction: np.ndarray,
    sample_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the sound before the vocal tract: pulses and breath, noise where there is friction."""
    hop = round(HOP_SECONDS * sample_rate)
    pulses = _sawtooth(np.repeat(pitch_hz / sample_rate, hop), rng.random())
    noise = rng.standard_normal(pulses.size, dtype=np.float32)
    voiced = np.repeat(1 - friction, hop)
    return pulses * voiced + noise * (voice.breath + 0.3 * (1 - voiced))


def _sawtooth(step: np.ndarray, first: float) -> np.ndarray:
    """Return a sawtooth of `step` periods a sample, its jumps smoothed against aliasing.

    The smoothing is the two-sample polynomial of Välimäki and Huovilainen (2007),
    https://doi.org/10.1109/MSP.2007.323276.
    """
    phase = (np.cumsum(step) + first) % 1.0
    wave = 2 * phase - 1
    after = np.flatnonzero(phase < step)
    wave[after] += (1 - phase[after] / step[after]) ** 2
    before = np.flatnonzero(phase > 1 - step)
    wave[before] -= (1 - (1 - phase[before]) / step[before]) ** 2
    return wave.astype(np.float32)


def _response(
    spoken: Syllables,
    times: np.ndarray,
    friction: np.ndarray,
    tilt: float,
    hop: int,
    sample_rate: int,
) -> np.ndarray:
    """Return the gain of every frame at every bin: vowels, or a high-pass where there is friction.

    A vowel is a cascade of second-order resonators of gain 1 at 0 Hz.
    """
    hertz = fft.rfftfreq(4 * hop, 1 / sample_rate).astype(np.float32)
    centres = spoken.start + spoken.seconds / 2
    squared = hertz**2
    power = np.ones((times.size, hertz.size), dtype=np.float32)
    for track, bandwidth in zip(spoken.formants.T, BANDWIDTHS, strict=True):
        target = np.interp(times, centres, track).astype(np.float32)[:, None] ** 2
        power *= target**2 / ((target - squared) ** 2 + np.float32(bandwidth**2) * squared)
    share = friction.astype(np.float32)[:, None]
    gain = (1 - share) * np.sqrt(power) + share * np.minimum(hertz / 2000, 1)
    octaves = 0.5 * np.log2(1 + squared / 300.0**2)
    return gain * (10 ** (-tilt * octaves / 20) * np.minimum(hertz / 80, 1)).astype(np.float32)


def _shape(source: np.ndarray, response: np.ndarray, hop: int) -> np.ndarray:
    """Filter with a response that changes from frame to frame: windowed overlap-add."""
    window = signal.windows.hann(4 * hop, sym=False).astype(np.float32) / 2
    padded = np.concatenate([source, np.zeros(3 * hop, dtype=np.float32)])
    frames = rolling_windows(padded, 4 * hop, hop)
    shaped = fft.irfft(fft.rfft(frames * window) * response, 4 * hop)
    out = np.zeros((len(shaped) + 3, hop))
    for quarter in range(4):
        out[quarter : quarter + len(shaped)] += shaped[:, quarter * hop : (quarter + 1) * hop]
    return out.ravel()


def _background(
    voice: Voice, manner: Manner, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the recording's noise, relative to speech of variance 1: energy drowns it."""
    noise = signal.lfilter([1.0], [1.0, -voice.noise_pole], rng.standard_normal(n_samples))
    return noise * (10 ** ((voice.noise_db - manner.energy) / 20) / noise.std())
