"""How well signals were brought together: pairs of signals of one case against pairs of one fault. Pure."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class MergeScore:
    """`precision`: of the pairs in one case, those of one fault; `recall`: of these, those in one case.

    `signals` of `faults` are in `cases`; a signal that is in none counts as one by itself.
    """

    precision: float
    recall: float
    cases: int
    faults: int
    signals: int


def score(truth: Mapping[str, Hashable], found: Mapping[str, Hashable]) -> MergeScore:
    """Compare the fault of each signal with its case, by the signals' identities."""
    placed = {name: found.get(name, ("alone", name)) for name in truth}
    both: Counter[Hashable] = Counter((truth[name], placed[name]) for name in truth)
    together = _pairs(both)
    merged, meant = _pairs(Counter(placed.values())), _pairs(Counter(truth.values()))
    return MergeScore(
        precision=together / merged if merged else 1.0,
        recall=together / meant if meant else 1.0,
        cases=len({case for name, case in placed.items() if name in found}),
        faults=len(set(truth.values())),
        signals=len(truth),
    )


def _pairs(groups: Mapping[Hashable, int]) -> int:
    return sum(comb(count, 2) for count in groups.values())
