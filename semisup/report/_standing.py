"""How one representation stands against another, as sentences in the names that figures have.

In: who is ahead by classifier and label budget. Out: sentences of all classifiers, and of each.
"""

import numpy as np

from semisup.comparison import MEAN
from semisup.comparison.standing import Standing
from semisup.comparison.told import AHEAD, BEHIND, GUESSING
from semisup.features.speakers import USES_OTHERS
from semisup.report._budgets import elsewhere, where
from semisup.report._words import in_sentence, is_plural, labels_used, listed, short
from semisup.study.wholes import WHOLE

#: Classifiers that a sentence names; of more it gives the number.
MOST_NAMED = 3
SIDES = (AHEAD, BEHIND)


def sentence(one: Standing, transductive: list[str]) -> str:
    """Say who is ahead, where, and with which classifiers.

    Parameters
    ----------
    one : Standing
    transductive : list of str
        Representations that use a speaker's other test recordings.
    """
    text = "; ".join(filter(None, [*_clauses(one), uses_more(one, transductive)]))
    return f"{text[0].upper()}{text[1:]}."


def leads(one: Standing, side: str) -> str:
    """Say that one side is ahead of the other."""
    leader, other = (one.first, one.second) if side == AHEAD else (one.second, one.first)
    verb = "are" if is_plural(leader) else "is"
    return f"{in_sentence(leader)} {verb} ahead of {in_sentence(other)}"


def rest(words: np.ndarray, budgets: np.ndarray, *, after_others: bool = False) -> str:
    """Say what holds of the budgets where neither is ahead; empty where there are none.

    `after_others` says that other budgets than those of `words` were named last.
    """
    unresolved = ~np.isin(words, SIDES)
    if not unresolved.any():
        return ""
    both = set(SIDES) <= set(words)
    place = "elsewhere" if both or after_others else elsewhere(~unresolved)
    return f"{place} the data do not tell{guessing(words, budgets)}"


def guessing(words: np.ndarray, budgets: np.ndarray) -> str:
    """Say where a difference is resolved of which neither is resolved from chance."""
    if not (words == GUESSING).any():
        return ""
    return f", and {where(words == GUESSING, budgets)} the higher one is not resolved from chance"


def uses_more(one: Standing, transductive: list[str]) -> str:
    """Say that one of the two uses more than the other; empty where they are alike."""
    first, second = one.first, one.second
    if (first in transductive) == (second in transductive):
        return ""
    user, other = (first, second) if first in transductive else (second, first)
    uses = USES_OTHERS.replace("uses", "use", 1) if is_plural(user) else USES_OTHERS
    does = "do" if is_plural(other) else "does"
    return f"{in_sentence(user)} {uses}, and {in_sentence(other)} {does} not"


def last_band(one: Standing, classifier: str) -> str:
    """Give the difference at the last budget with its band."""
    value, low, high = one.bands.loc[classifier].iloc[-1]
    used = labels_used(one.budgets[-1])
    return f"with {used} they differ by {short(value)} [{short(low)}, {short(high)}]"


def _clauses(one: Standing) -> list[str]:
    a, b = in_sentence(one.first), in_sentence(one.second)
    if not one.has_bands:
        return [
            f"one order of the labelled recordings can't tell {a} from {b}: another may turn the "
            "difference round"
        ]
    by_main = [_ahead(one, side) for side in SIDES if (one.main == side).any()]
    alone = [text for side in SIDES if (text := _alone(one, side))]
    if by_main:
        return [*by_main, *alone, rest(one.main, one.budgets, after_others=bool(alone))]
    if alone:
        more = guessing(one.main, one.budgets)
        return [*alone, f"on the whole the data do not tell {a} from {b}{more}"]
    with_any = "" if len(one.classifiers) == 1 else " with any classifier"
    begin = "at no label budget do the data" if len(one.budgets) > 1 else "the data do not"
    band = last_band(one, MEAN if MEAN in one.told else one.classifiers[0])
    return [f"{begin} tell {a} from {b}{with_any}: {band}{guessing(one.main, one.budgets)}"]


def _ahead(one: Standing, side: str) -> str:
    """Say where one side is ahead on the whole, and by which classifiers."""
    mask = one.main == side
    return f"{where(mask, one.budgets)}, {leads(one, side)}{_how(one, side, mask)}"


def _how(one: Standing, side: str, mask: np.ndarray) -> str:
    """Say by which classifiers, a space before it; nothing of systems that are wholes."""
    names = one.classifiers
    if len(names) == 1:
        return "" if names[0] == WHOLE else f" with {in_sentence(names[0])}"
    if all((one.told[name][mask] == side).all() for name in names):
        return " with every classifier"
    alone = [name for name in names if (one.told[name][mask] == side).any()]
    if MEAN not in one.told:
        return f" with {_some(alone, len(names))}"
    return f" on the mean of the classifiers ({_by_themselves(one, side, mask, alone)})"


def _by_themselves(one: Standing, side: str, mask: np.ndarray, alone: list[str]) -> str:
    if not alone:
        return "with none by itself"
    throughout = all((one.told[name][mask] == side).all() for name in alone)
    each = "each of them" if len(alone) == len(one.classifiers) else _listed(alone)
    return f"{'' if throughout else 'at some of these budgets '}also with {each} alone"


def _alone(one: Standing, side: str) -> str:
    """Say with which classifiers a side is ahead that is nowhere ahead on the whole."""
    names = one.classifiers_of(side)
    if not names or (one.main == side).any():
        return ""
    mask = np.any([one.told[name] == side for name in names], axis=0)
    some = _some(names, len(one.classifiers))
    return f"{where(mask, one.budgets)}, {leads(one, side)} with {some}"


def _some(names: list[str], n: int) -> str:
    """Name some of n classifiers."""
    text = f"{len(names)} of {n} classifiers"
    return f"{text} ({_listed(names)})" if len(names) <= MOST_NAMED else text


def _listed(names: list[str]) -> str:
    return listed(map(in_sentence, names)) if len(names) <= MOST_NAMED else f"{len(names)} of them"
