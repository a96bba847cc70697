"""What cannot be: figures of a results file that contradict each other or their own definition, whoever wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, combinations, pairwise, permutations, product
from math import ceil, floor, inf, isfinite
from operator import attrgetter
from typing import Any

from harness.ranking.measures import Metric
from harness.ranking.units import shown_apart
from harness.verdict.measurement import Measurement

TOLERANCE = 0.0005  # half of the last digit of 0.896, or of 89.6 %
FAR_APART = 3.0  # times: two speeds of one system that differ by more are not one speed
EXACT = 1e-9  # what adding binary fractions may cost


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rows that cannot all be true, and the sentence that says why."""

    system: str
    ground_truth: str
    sentence: str
    rows: tuple[Measurement, ...]


def impossible(rows: Iterable[Measurement], tolerance: float = TOLERANCE) -> list[Contradiction]:
    """Every contradiction among the rows, of any number of systems and runs; a row without a value says nothing.

    A value is right within half a unit of its own last digit: 23.2 ms is 23.15 to 23.25. A share loses last zeros
    as a number (0.830), so it is right within `tolerance` at the worst; 0 means none was rounded. Raises HarnessError.
    """
    return list(_broken(_RULES, rows, tolerance))


def notes(rows: Iterable[Measurement]) -> list[Contradiction]:
    """What arithmetic allows, but hardly under this name: speeds of one system that do not go together."""
    return list(_broken(_NOTES, rows, TOLERANCE))


@dataclass(frozen=True, slots=True)
class _Figure:
    """A row whose true value lies between `low` and `high`."""

    row: Measurement
    name: str
    cutoff: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.row.metric} {self.row.shown}"


_Broken = Iterator[tuple[str, Sequence[_Figure]]]
_Rule = Callable[[Sequence[_Figure]], _Broken]
_Table = tuple[tuple[Callable[[Measurement], Any], tuple[_Rule, ...]], ...]


def _broken(table: _Table, rows: Iterable[Measurement], tolerance: float) -> Iterator[Contradiction]:
    known = [figure for row in dict.fromkeys(rows) if (figure := _figure(row, tolerance))]
    for key, rules in table:
        groups: dict[Any, list[_Figure]] = defaultdict(list)
        for figure in known:
            groups[key(figure.row)].append(figure)
        for group, rule in product(groups.values(), rules):
            for sentence, figures in rule(group):
                first, involved = figures[0].row, tuple(figure.row for figure in figures)
                yield Contradiction(first.system, first.ground_truth, sentence, involved)


def _figure(row: Measurement, tolerance: float) -> _Figure | None:
    if row.value is None or not isfinite(row.value):
        return None
    metric = Metric.parse(row.metric)
    digit = float(Decimal(1).scaleb(int(Decimal(str(row.value)).as_tuple().exponent)))
    slack = max(digit / 2 if row.unit else min(digit / 2, tolerance), EXACT * max(1.0, abs(row.value)))
    return _Figure(row, metric.measure.name, metric.cutoff or inf, row.value - slack, row.value + slack)


def _called(figures: Sequence[_Figure], *names: str) -> list[_Figure]:
    return [figure for figure in figures if figure.name in names]


def _outside(figures: Sequence[_Figure]) -> _Broken:
    """Values that nothing can have, or on this ground truth not even a perfect ranking."""
    for figure in figures:
        measure = Metric.parse(figure.row.metric).measure
        best = measure.high if figure.row.ceiling is None else figure.row.ceiling
        if figure.high < measure.low or figure.low > best + EXACT:
            yield f"{figure} is outside {measure.low:g} to {best:g}", [figure]


def _no_count(figures: Sequence[_Figure]) -> _Broken:
    """Shares of queries or calls, each of which counts wholly or not at all."""
    for figure in _called(figures, "hit", "stability", "canary", "reorders"):
        n = figure.row.n
        if ceil(n * figure.low) > floor(n * figure.high):
            whole = floor(n * figure.low)
            yield f"{figure} of {n:,} lies between {whole:,} and {whole + 1:,} of them", [figure]


@dataclass(frozen=True, slots=True)
class _Limit:
    """At one cutoff `lesser` is at most `times` (of the figure) `greater`."""

    lesser: str
    greater: str
    why: str
    times: Callable[[_Figure], float] = lambda _: 1.0


_LIMITS = (
    *(_Limit(found, "hit", "a query with a relevant item found is a hit") for found in ("recall", "precision")),
    _Limit("hit", "precision", "a hit fills at least one of the places", lambda figure: figure.cutoff),
    _Limit("map", "recall", "a relevant item that is found adds at most its share"),
    # From level 2 on, items below the level have a gain and are no hit.
    _Limit("ndcg", "hit", "without a hit there is no gain", lambda figure: 1.0 if figure.row.level == 1 else inf),
    *(_Limit(f"latency-p{p}", f"latency-p{q}", "percentiles grow") for p, q in combinations((50, 95, 99), 2)),
    *(_Limit(f"{stage}-p95", "latency-p95", "a part of the whole") for stage in ("encode", "search", "rerank")),
    _Limit("vram-allocated", "vram-reserved", "what is allocated was reserved first"),
)


def _over_limit(figures: Sequence[_Figure]) -> _Broken:
    for limit in _LIMITS:
        for lesser, greater in product(_called(figures, limit.lesser), _called(figures, limit.greater)):
            if lesser.cutoff == greater.cutoff:
                yield from _above(lesser, greater, limit.why, limit.times(lesser))


def _shrinking(figures: Sequence[_Figure]) -> _Broken:
    """What a longer list cannot lose: precision may fall, but not what it counts."""
    for name in ("hit", "recall", "mrr", "map", "precision"):
        for short, long in permutations(_called(figures, name), 2):
            if short.cutoff < long.cutoff:
                times = long.cutoff / short.cutoff if name == "precision" else 1.0
                yield from _above(short, long, "a longer list finds no less", times)


def _above(lesser: _Figure, greater: _Figure, why: str, times: float) -> _Broken:
    if lesser.low > times * greater.high:
        here, there = shown_apart(lesser.row.value or 0.0, greater.row.value or 0.0, lesser.row.unit)
        often = "" if times == 1.0 else f"{times:.4g} times "
        yield f"{lesser.row.metric} {here} is above {often}{greater.row.metric} {there}: {why}", [lesser, greater]


def _no_such_ranks(figures: Sequence[_Figure]) -> _Broken:
    """An MRR outside what hits allow: a first hit between rank a + 1 and rank b is worth 1 / b to 1 / (a + 1)."""
    for mrr in _called(figures, "mrr"):
        hits = sorted(_called(figures, "hit"), key=attrgetter("cutoff"))
        hits = [hit for hit in hits if hit.cutoff <= mrr.cutoff]
        # Of two values of one hit rate nobody knows which one the MRR belongs to.
        if hits and len(hits) == len({hit.cutoff for hit in hits}):
            least, most = _least(hits), _most(hits, mrr.cutoff)
            bound, word = (most, "above {}, the most") if mrr.low > most else (least, "below {}, the least")
            if mrr.low > most or mrr.high < least:
                here, there = shown_apart(mrr.row.value or 0.0, bound, "")
                told = " and ".join(map(str, hits))
                yield f"{mrr.row.metric} {here} is {word.format(there)} that can be with {told}", [mrr, *hits]


def _most(hits: Sequence[_Figure], deepest: float) -> float:
    """Every first hit stands as early as it can; one beyond the last known cutoff stands right behind it."""
    reached = [*accumulate((hit.high for hit in reversed(hits)), min)][::-1]
    ranks = [1.0, *(hit.cutoff + 1 for hit in hits if hit.cutoff < deepest)]
    return sum((more - less) / rank for (less, more), rank in zip(pairwise([0.0, *reached, 1.0]), ranks, strict=False))


def _least(hits: Sequence[_Figure]) -> float:
    """Every first hit stands as late as it can; one beyond the last known cutoff is worth nothing."""
    reached = accumulate((hit.low for hit in hits), max, initial=0.0)
    return sum((more - less) / hit.cutoff for (less, more), hit in zip(pairwise(reached), hits, strict=True))


def _two_values(figures: Sequence[_Figure]) -> _Broken:
    for metric in dict.fromkeys(figure.row.metric for figure in figures):
        same = sorted((figure for figure in figures if figure.row.metric == metric), key=attrgetter("row.value"))
        if max(figure.low for figure in same) > min(figure.high for figure in same):
            values = " and ".join(dict.fromkeys(f"{figure.row.value:.9g}" for figure in same))
            yield f"{metric} is {values}: one cell has one value", same


def _batch_of_one(figures: Sequence[_Figure]) -> _Broken:
    """Real batches are not, to the last digit, as fast as one query at a time."""
    for speed, mean in product(_called(figures, "throughput"), _called(figures, "latency-mean")):
        if 1000 / mean.high <= speed.high and speed.low <= 1000 / mean.low:
            yield f"{speed} is one over {mean}: a batch of one", [speed, mean]


def _two_speeds(figures: Sequence[_Figure]) -> _Broken:
    for fast, slow in permutations(_called(figures, "throughput"), 2):
        if fast.row.stratum == slow.row.stratum and fast.low > FAR_APART * slow.high:
            here, there = (f"{figure.row.shown} on {figure.row.dataset}" for figure in (fast, slow))
            yield f"throughput is {here} and {there}: not one speed", [fast, slow]


_CELL = ("system", "dataset", "ground_truth", "level", "scenario", "stratum")
_RULES: _Table = (
    # The same n: values over different queries bound each other in no way.
    (attrgetter(*_CELL, "n"), (_outside, _no_count, _over_limit, _shrinking, _no_such_ranks)),
    (attrgetter(*_CELL), (_two_values,)),
)
_NOTES: _Table = ((attrgetter("system", "dataset"), (_batch_of_one,)), (attrgetter("system"), (_two_speeds,)))
