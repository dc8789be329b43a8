"""The population that intervals and verdicts are about, in one sentence.

In: what a study sampled: orders of its labels, test speakers, trainings. Out: what its intervals
speak of, and what not.
"""

from collections.abc import Collection


def population(
    draws: int,
    speakers: Collection[str] | None,
    trainings: int = 1,
    has_folds: bool = False,
) -> str:
    r"""Say what the intervals of a study are about.

    Parameters
    ----------
    draws : int
        Orders of the labelled recordings.
    speakers : collection of str, optional
        Of every test recording; empty text where nobody knows, None where recordings are not known
        either.
    trainings : int
        Of every encoder.
    has_folds : bool
        Whether every speaker is tested: each fold has pools, an order and encoders of its own.

    Examples
    --------
    >>> print(population(20, ["s1", "s2", "s2"]).replace("; ", ";\n"))
    Intervals and verdicts are about new speakers and new orders of this labelled pool;
    another pool, another training of an encoder or another corpus may differ by more.
    """
    if speakers is None:
        return (
            f"Intervals and verdicts are about {_orders(draws, has_folds)} and these test "
            "recordings; other test recordings or speakers, another pool, another training of an "
            "encoder or another corpus may differ by more."
        )
    sampled, fixed = [_speakers(speakers), _orders(draws, has_folds)], []
    if has_folds:
        sampled.append("new pools")
    else:
        fixed.append("another pool")
    if trainings > 1 or has_folds:
        sampled.append("new trainings of the encoders")
    else:
        fixed.append("another training of an encoder")
    *others, last = [*fixed, "another corpus"]
    rest = f"{', '.join(others)} or {last}" if others else last
    return (
        f"Intervals and verdicts are about {', '.join(sampled[:-1])} and {sampled[-1]}; {rest} may "
        "differ by more."
    )


def _speakers(speakers: Collection[str]) -> str:
    # each recording of an unknown speaker counts as one of its own
    if not any(speakers):
        return "new recordings, whose speakers are unknown,"
    return "this one test speaker" if len(set(speakers)) == 1 else "new speakers"


def _orders(draws: int, has_folds: bool) -> str:
    if has_folds:
        return "new orders of the labels"
    if draws == 1:
        return "this one order of the labelled pool"
    return "new orders of this labelled pool"
