"""The charts of the report, out of its rows: of systems with a role, because a picture of twenty says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.grid.families import Family
from harness.policy import Criterion
from harness.ranking.measures import Metric
from harness.report.blocks import Figure
from harness.report.lines import Graded, accurate, role
from harness.report.page.axes import Axis
from harness.report.page.bars import Bar, Group, bars
from harness.report.page.curves import Curve, Point, Span, curves
from harness.report.page.latencies import Timings, latencies
from harness.report.page.pareto import Dot, pareto
from harness.report.page.plot import Rule
from harness.report.results import Results
from harness.verdict.comparison import Chosen, front
from harness.verdict.measurement import Measurement
from harness.words import Words

MOST = 8
"""Series in one chart: more colours than that nobody can tell apart."""


def drawn(svg: str, caption: str) -> Iterator[Figure]:
    """The figure, if there is anything to see."""
    if svg:
        yield Figure(svg, caption)


def recall(results: Results, graded: Graded, words: Words) -> Iterator[Figure]:
    """recall@k of each system over k, with 95 % bands."""
    rows = [row for row in _of(results, graded) if _measure(row) == "recall" and row.stratum == "all"]
    systems = _systems(results)
    several = [Curve(name, _points([row for row in rows if row.system == name])) for name in systems]
    title = words("recall@k on {truth}", truth=graded.told(results, words))
    about = _all(
        results, words("The share of all relevant items among the first k; the bands are 95 % intervals."), words
    )
    x, y = Axis(words("first k places"), "steps", digits=0), Axis("recall@k", low=0.0, high=1.0)
    yield from drawn(curves(several, x, y, title, about), about)


def categories(results: Results, graded: Graded, metric: str, words: Words) -> Iterator[Figure]:
    """One metric by category of query."""
    rows = [row for row in _of(results, graded) if row.metric == metric and row.stratum.startswith("category=")]
    systems = _systems(results)
    groups = [
        Group(stratum.partition("=")[2], tuple(_bar(name, stratum, rows) for name in systems))
        for stratum in dict.fromkeys(row.stratum for row in rows)
    ]
    title = words("{metric} by category on {truth}", metric=metric, truth=graded.told(results, words))
    about = _all(results, words("A bar per system, its 95 % interval as a whisker."), words)
    yield from drawn(bars(groups, Axis(metric, low=0.0, high=1.0), title, about), about)


def latency(results: Results, words: Words) -> Iterator[Figure]:
    """The whole distribution of each timed system, beside the threshold of the policy."""
    timed = {samples.system: samples.milliseconds for samples in results.samples if samples.stage == "total"}
    several = [Timings(name, timed.get(name, [])) for name in _systems(results)]
    limits = [c.go_value for c in results.policy.criterion if c.metric == "latency-p95" and not c.baseline]
    threshold = Rule(limits[0], words("threshold")) if limits else None
    title = words("latency of one query")
    about = words("The share of queries that are answered within a time; the line across is the 95th percentile.")
    about = _all(results, about, words)
    x, y = Axis(words("milliseconds"), "auto", digits=1), Axis(words("share of queries"), percent=True)
    svg = latencies(several, x, y, title, about, threshold, (Rule(0.95, "p95"),))
    yield from drawn(svg, about)


def trade_off(results: Results, graded: Graded, metric: str, words: Words) -> Iterator[Figure]:
    """Accuracy against latency, and the front of those that no other system beats in both."""
    fast = {row.system: row.value for row in results.measurements if _is_p95(row) and row.value is not None}
    found = {row.system: row for row in _of(results, graded) if row.metric == metric and row.stratum == "all"}
    nowhere = float("nan")  # keeps its colour, and is not drawn
    dots = [
        Dot(name, fast.get(name, nowhere), found[name].value or 0.0, *_ends(found[name]))
        for name in _systems(results)
        if name in found
    ]
    title = words("{metric} on {truth} against latency", metric=metric, truth=graded.told(results, words))
    best = front({dot.name: (dot.y, dot.x) for dot in dots})
    names = ", ".join(dot.name for dot in dots if dot.name in best)
    about = words("Filled: no other system is both faster and better. The step line is what can be had for a time.")
    about = _all(results, f"{about} {words('On the front: {names}.', names=names)}", words)
    x, y = Axis(words("p95 latency in ms"), "auto", digits=1), Axis(metric)
    yield from drawn(pareto(dots, x, y, title, about), about)


def sweep(results: Results, family: Family, choice: Chosen, criterion: Criterion, words: Words) -> Iterator[Figure]:
    """One metric over the settings of a family, with the chosen one and the range of those that may be the best."""
    rows = filter(Graded.of(criterion, results).holds, accurate(results))
    found = {row.system: row for row in rows if (row.metric, row.stratum) == (criterion.metric, "all")}
    numbers = {name: float(setting) for name, setting in family.members.items() if not isinstance(setting, str)}
    points = tuple(Point(numbers[name], found[name].value or 0.0, *_ends(found[name])) for name in numbers)
    tied = [numbers[name] for name in numbers if name in choice.tied]
    if len(points) < 2:
        return
    title = words("{family}: {metric} by {option}", family=family.base, metric=criterion.metric, option=family.option)
    about = words("The dashed line is the best setting of those tried; in the shaded range any may be the best.")
    rule = Rule(numbers[choice.variant], words("best"))
    span = Span(min(tied), max(tied), words("may be the best")) if len(tied) > 1 else None
    x, y = Axis(family.option, digits=1), Axis(criterion.metric)
    yield from drawn(curves([Curve(family.base, points)], x, y, title, about, rule, span), about)


def _of(results: Results, graded: Graded) -> list[Measurement]:
    """What was judged on one ground truth, of systems with a role; what does not count cannot be drawn struck."""
    known = (row for row in accurate(results) if graded.holds(row) and not row.struck)
    return [row for row in known if role(results, row.system) not in ("other", "")]


def _all(results: Results, about: str, words: Words) -> str:
    """The caption, and that not all systems are drawn where they are not."""
    n = len(_named(results))
    if n <= MOST:
        return about
    return f"{about} {words('Drawn are the first {most} of {n} systems.', most=MOST, n=n)}"


def _systems(results: Results) -> list[str]:
    return _named(results)[:MOST]


def _named(results: Results) -> list[str]:
    """Those of which anything was measured, in the grid's order: the same place is the same colour in every chart."""
    known = {row.system for row in accurate(results)}
    named = (name for name in results.systems if role(results, name) != "other")
    return [name for name in named if name in known]


def _measure(row: Measurement) -> str:
    return Metric.parse(row.metric).measure.name


def _is_p95(row: Measurement) -> bool:
    return row.metric == "latency-p95" and row.stratum == "all"


def _points(rows: Sequence[Measurement]) -> tuple[Point, ...]:
    by_cutoff = sorted(rows, key=lambda row: Metric.parse(row.metric).cutoff or 0)
    return tuple(
        Point(Metric.parse(row.metric).cutoff or 0, row.value, *_ends(row))
        for row in by_cutoff
        if row.value is not None
    )


def _bar(name: str, stratum: str, rows: Sequence[Measurement]) -> Bar:
    found = next((row for row in rows if (row.system, row.stratum) == (name, stratum)), None)
    return Bar(name, found.value, *_ends(found)) if found else Bar(name, None)


def _ends(row: Measurement) -> tuple[float | None, float | None]:
    return (row.bounds.low, row.bounds.high) if row.bounds else (None, None)
