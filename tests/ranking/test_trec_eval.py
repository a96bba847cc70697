"""Every value that trec_eval prints for its own test files, per query and on average, to four decimals."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from harness.ranking.measures import Metric
from harness.ranking.metrics import every, mean
from harness.ranking.relevance import Relevance

GOLDEN = Path(__file__).parent.parent / "golden" / "trec_eval"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text())

# case of expected.json -> relevance level (-l), depth (-M)
CASES = {
    "plain": (1, 1000),
    "level2": (2, 1000),
    "complete": (1, 1000),
    "complete_M": (1, 100),
    "params": (1, 1000),
}

OURS = {
    "map": "map",
    "map_cut": "map",
    "recip_rank": "mrr",
    "P": "precision",
    "recall": "recall",
    "ndcg": "ndcg",
    "ndcg_cut": "ndcg",
    "success": "hit",
}


def metric_for(name: str) -> Metric | None:
    """Our metric of trec_eval's name, None where we have no such measure."""
    match = re.fullmatch(r"([A-Za-z_]+?)(?:_(\d+))?", name)
    if match is None or match[1] not in OURS:
        return None
    return Metric.parse(OURS[match[1]] + (f"@{match[2]}" if match[2] else ""))


def read_qrels(name: str) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for line in (GOLDEN / name).read_text().splitlines():
        query, _, document, grade = line.split()
        qrels.setdefault(query, {})[document] = int(grade)
    return qrels


def read_run(name: str, depth: int) -> dict[str, list[str]]:
    """Documents by descending score as float32, ties by descending id, as trec_eval sorts them."""
    run: dict[str, list[tuple[np.float32, str]]] = {}
    for line in (GOLDEN / name).read_text().splitlines():
        query, _, document, _, score, *_ = line.split()
        run.setdefault(query, []).append((np.float32(score), document))
    return {query: [doc for _, doc in sorted(found, reverse=True)[:depth]] for query, found in run.items()}


def as_index(run: dict[str, list[str]], queries: list[str], positions: dict[str, int]) -> np.ndarray:
    index = np.full((len(queries), max(map(len, run.values()))), -1, np.int32)
    for row, query in enumerate(queries):
        found = run.get(query, [])
        index[row, : len(found)] = [positions[document] for document in found]
    return index


@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_trec_eval(case: str) -> None:
    level, depth = CASES[case]
    qrels = read_qrels(Path(EXPECTED[case]["qrels"]).name)
    run = read_run(Path(EXPECTED[case]["run"]).name, depth)
    queries = sorted(qrels)
    # Only returned documents are in this corpus: most judged ones lie outside and must count all the same.
    positions = {
        document: place for place, document in enumerate(sorted(set().union(*run.values()), reverse=True))
    }
    relevance = Relevance.compile(qrels, queries, positions)
    grades = relevance.grades(as_index(run, queries, positions))

    names = {name: metric for name in EXPECTED[case]["values"]["all"] if (metric := metric_for(name))}
    values = every(names.values(), grades, relevance, level)

    assert len(names) >= (9 if case == "params" else 34)
    for name, metric in names.items():
        got = {query: values[metric][row] for row, query in enumerate(queries)} | {
            "all": mean(values[metric]).value
        }
        wanted = {query: printed[name] for query, printed in EXPECTED[case]["values"].items()}
        assert got == pytest.approx(wanted, abs=5.0001e-5), f"{case}: {name}"


def test_a_query_that_the_run_misses_counts_zero_in_the_average() -> None:
    """The truncated run has nothing for 302: its average over three queries is the point of `complete`."""
    assert "302" not in read_run("results.trunc", 1000)
    assert EXPECTED["complete"]["values"]["302"]["map"] == 0.0
