"""What every registered component must keep, whoever wrote it: a new plugin is tested by being there.

Where released weights are asked for, tiny ones of the same architecture stand in; families get the options of OPTIONS.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from PIL import Image
from servers import ModelServer

from harness.config import Grid, load_config
from harness.data.catalogue import open_dataset
from harness.data.formats import npz, trec
from harness.data.model import Corpus, Dataset, Item, Queries, Query
from harness.data.run import Run
from harness.engine.building import build
from harness.engine.embedding import embed
from harness.engine.judging import Judgements
from harness.engine.pipeline import Pipeline
from harness.errors import NotMeasured, PluginFailed
from harness.grid.systems import System, cross
from harness.plugging import shelf
from harness.plugging.components import Scorer
from harness.plugging.registry import Registry, collect
from harness.plugging.specs import EmbedderSpec, Spec
from harness.verdict.evaluation import evaluate

UNITS = ("확률", "함수", "도형")
TEXTS = [
    *(f"동전 {number}개를 던질 때 모두 앞면일 확률을 구하시오." for number in range(2, 10)),
    *(f"함수 $y={number}x+1$의 그래프를 그리시오." for number in range(2, 10)),
    *(f"넓이가 {number} cm²인 정사각형의 둘레를 구하여라." for number in range(2, 10)),
]


def write_bank(folder: Path) -> Path:
    """24 items of three units, a quarter of them judged."""
    folder.mkdir()
    items = [
        {"id": f"M{n:02d}", "text": text, "unit": UNITS[n // 8], "metadata": {"curriculum_code": f"9-{n // 4}"}}
        for n, text in enumerate(TEXTS)
    ]
    judged = [
        {
            "query_id": f"Q{n}",
            "source_item_id": f"M{n:02d}",
            "relevant_items": [{"id": f"M{n + 1:02d}", "relevance": 2}],
        }
        for n in range(0, 24, 4)
    ]
    (folder / "items.json").write_text(json.dumps({"items": items}), encoding="utf-8")
    (folder / "ground_truth.json").write_text(json.dumps({"queries": judged}), encoding="utf-8")
    return folder


def collected(folder: Path, plugins: list[Path] = []) -> Registry:  # noqa: B006
    (folder / "harness.toml").write_text('dataset = "bank"\ncriteria = "go.toml"\n[grid]\nretrievers = ["*"]\n')
    return collect(load_config(folder / "harness.toml"), plugins)


with tempfile.TemporaryDirectory() as _folder:
    write_bank(Path(_folder) / "bank")
    REGISTRY = collected(Path(_folder))

OPTIONS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "npz": lambda folder: {"path": str(stored(folder))},
    "concat": lambda _: {"parts": ["kure-v1", "siglip-base"]},
    "sentence-transformers": lambda _: small(tiny.kure),
    "openai": lambda _: {"model": "m", "url": f"{server().url}/v1"},
    "tei": lambda _: {"url": server().url},
    "vllm-chat": lambda _: {"model": "m", "url": server().url},
    "cross-encoder": lambda _: small(tiny.cross_encoder),
    "rerank-server": lambda _: {"url": server().url},
    "rerank-server-vl": lambda _: {"model": "m", "url": server().url},
    "trec-run": lambda folder: {"path": str(stored_run(folder))},
    "trec-qrels": lambda folder: {"path": str(stored_qrels(folder))},
}
"""Family -> the options it cannot be built without."""

STAND_INS = {
    "qwen3-vl-reranker-": tiny.qwen3_vl_reranker,
    "qwen3-vl-": tiny.qwen3_vl_embedding,
    "kure-": tiny.kure,
    "siglip-": tiny.siglip,
}
"""How the name of a component with released weights begins -> what makes tiny ones; the first that fits."""

WEIGHTS = tempfile.TemporaryDirectory(prefix="tiny-weights-")


@cache
def made(make: Callable[[Path], Path]) -> Path:
    for library in ("torch", "transformers", "sentence_transformers", "sentencepiece", "google.protobuf"):
        pytest.importorskip(library)
    return make(Path(WEIGHTS.name) / make.__name__)


def small(make: Callable[[Path], Path]) -> dict[str, Any]:
    """The options by which a table has tiny weights, and texts cut short of what would take long."""
    return {"model": str(made(make)), "max_length": 200, "device": "cpu"}


@cache
def server() -> ModelServer:
    """One for all tests; its threads end with the process."""
    return ModelServer().__enter__()


def stood_in(spec: Spec) -> Spec:
    """A component with released weights on tiny ones; skipped where nobody has said which."""
    name = spec.name.removeprefix("copy-")
    make = next((make for start, make in STAND_INS.items() if name.startswith(start)), None)
    if make is None:
        pytest.skip(f"{name} needs weights, and no tiny ones stand in for them in STAND_INS")
    options = {key: value for key, value in small(make).items() if key in spec.options}
    if spec.chosen.get("dimensions"):  # more than the tiny ones have
        options["dimensions"] = 32
    return spec.variant(spec.name, options)


def stored(folder: Path) -> Path:
    ids = ("a", "b", "c", "d", "q")
    npz.write(npz.Embeddings(ids, np.eye(5, 3, dtype=np.float32) + 1), folder / "stored.npz")
    return folder / "stored.npz"


def stored_run(folder: Path) -> Path:
    """Every item of CORPUS as a query that found all of them."""
    scores = np.random.default_rng(3).normal(size=(len(CORPUS), len(CORPUS)))
    ranked = {asked: dict(zip(CORPUS.ids, row, strict=True)) for asked, row in zip(ITEMS.ids, scores, strict=True)}
    trec.write_run(Run.from_dict(ranked, CORPUS.ids), folder / "stored.trec", "stored")
    return folder / "stored.trec"


def stored_qrels(folder: Path) -> Path:
    trec.write_qrels({"Q0": {"M02": 1, "M03": 2}, "Q4": {"M05": 1, "M06": 0}}, folder / "stored.qrels")
    return folder / "stored.qrels"


def each(names: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [spec.name for spec in names])


def usable(spec: Spec, folder: Path) -> Spec:
    """The spec, complete; the test is skipped where it needs what a lean machine lacks."""
    if getattr(spec, "download", 0):
        return stood_in(spec)
    if spec.kind == "embedder" and spec.parts:
        return replace(spec, dimensions=None)  # its promise is about the released parts
    if not spec.required:
        return spec
    family = spec.name.removeprefix("copy-")
    if family not in OPTIONS:
        pytest.skip(f"{spec.name} is a family without options in OPTIONS")
    return spec.variant(spec.name, OPTIONS[family](folder))


def built(spec: Spec, parts: dict[str, Any] | None = None) -> Any:
    try:
        return build(spec, parts)
    except NotMeasured as reason:
        pytest.skip(str(reason))
    except PluginFailed as error:
        if isinstance(error.__cause__, ImportError):
            pytest.skip(str(error))
        raise


# Specs


@pytest.mark.parametrize("spec", list(REGISTRY.all()), ids=lambda spec: f"{spec.kind}-{spec.name}".replace(" ", "-"))
def test_a_spec_says_what_it_is(spec: Spec) -> None:
    assert spec.about
    assert spec.origin
    assert json.loads(json.dumps(spec.facts()))["name"] == spec.name


def test_nothing_on_the_shelf_is_broken() -> None:
    assert REGISTRY.broken == []
    assert {"char-hashing", "random", "npz"} <= set(REGISTRY.embedders.specs)
    assert {"dense", "bm25", "bm25-whitespace", "bm25-okapi", "hybrid-a0.5", "rrf"} <= set(REGISTRY.retrievers.specs)
    assert "trec-run" in REGISTRY.retrievers
    assert {"none", "lexical"} <= set(REGISTRY.rerankers.specs)
    assert {"labels", "curriculum", "tfidf", "hybrid", "trec-qrels"} <= set(REGISTRY.gt_sources.specs)


def test_nothing_on_the_shelf_is_left_out() -> None:
    for spec in REGISTRY.all():
        assert not spec.required or spec.name in OPTIONS, spec.name
        assert not getattr(spec, "download", 0) or spec.name.startswith(tuple(STAND_INS)), spec.name


# Embedders

ROWS = [Item("d", TEXTS[0]), Item("c", r"$\frac{1}{2}$ 😀"), Item("b", ""), Item("a", "가" * 5000)]


def embedder(name: str, folder: Path, registry: Registry = REGISTRY) -> Callable[..., np.ndarray]:
    """Built, its parts before it: `embedder(...)(rows, side="document")` is what the engine makes of its vectors."""
    spec = usable(registry.embedders[name], folder)
    return partial(embed, whole(spec, folder, registry), spec, side="document")


def whole(spec: EmbedderSpec, folder: Path, registry: Registry) -> Any:
    parts = {part: whole(usable(registry.embedders[part], folder), folder, registry) for part in spec.parts}
    return built(spec, parts)


@each(REGISTRY.embedders)
def test_an_embedder_gives_one_finite_vector_for_each_row(name: str, tmp_path: Path) -> None:
    spec, encoded = REGISTRY.embedders[name], embedder(name, tmp_path)
    vectors = encoded(ROWS)
    assert vectors.shape == (4, usable(spec, tmp_path).dimensions or vectors.shape[1])
    assert encoded([Query("q", "확률")], side="query").shape == (1, vectors.shape[1])


@each(REGISTRY.embedders)
def test_an_embedder_repeats_itself_alone_and_in_company(name: str, tmp_path: Path) -> None:
    encoded = embedder(name, tmp_path)
    together = encoded(ROWS)
    np.testing.assert_array_equal(together, embedder(name, tmp_path)(ROWS))
    alone = np.concatenate([encoded([row]) for row in reversed(ROWS)])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)


@each(spec for spec in REGISTRY.embedders if "image" in spec.modalities)
def test_an_embedder_sees_the_pictures_it_promises_to_see(name: str, tmp_path: Path) -> None:
    for colour in ("red", "blue"):
        Image.new("RGB", (4, 4), colour).save(tmp_path / f"{colour}.png")
    rows = [
        Item("c", "색", tmp_path / "red.png"),
        Item("b", "색", tmp_path / "blue.png"),
        Item("a", "", tmp_path / "red.png"),
    ]
    vectors = embedder(name, tmp_path)(rows)
    assert len(vectors) == 3
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-4


# Retrievers


def bank(texts: list[str]) -> Corpus:
    return Corpus(Item(f"{number:03d}", text) for number, text in enumerate(texts)).with_vectors(vectors(texts[::-1]))


def vectors(texts: list[str]) -> np.ndarray:
    return np.asarray(build(REGISTRY.embedders["char-hashing"]).encode_document(texts), np.float32)


def asking(corpus: Corpus, queries: list[Query]) -> Queries:
    return Queries.against(corpus, queries).with_vectors(vectors([query.text for query in queries]))


def indexed(name: str, corpus: Corpus, folder: Path, registry: Registry = REGISTRY) -> Any:
    spec = usable(registry.retrievers[name], folder)
    parts = {part: indexed(part, corpus, folder, registry) for part in registry.retrievers[name].parts}
    retriever = built(spec, parts)
    retriever.index(corpus)
    return retriever


def searched(name: str, corpus: Corpus, queries: Queries, top_k: int, folder: Path) -> Run:
    run = indexed(name, corpus, folder).search(queries, top_k)
    assert run.query_ids == queries.ids
    assert run.doc_ids == corpus.ids
    return Run.of(queries.ids, run.doc_ids, run.index, run.scores)


CORPUS = bank(TEXTS)
ITEMS = asking(CORPUS, [Query(f"q{item.id}", item.text, source=item.id) for item in CORPUS.items])

COMPUTING = [spec for spec in REGISTRY.retrievers if not spec.stored]
"""Those that can be shown any corpus: a stored run is about one."""


@each(REGISTRY.retrievers)
@pytest.mark.parametrize("top_k", [1, 5, 24])
def test_a_retriever_honours_top_k(name: str, top_k: int, tmp_path: Path) -> None:
    run = searched(name, CORPUS, ITEMS, top_k, tmp_path)
    assert run.index.shape[1] <= top_k
    assert (run.index[:, 0] >= 0).all()
    deeper = searched(name, CORPUS, ITEMS, 24, tmp_path)
    np.testing.assert_array_equal(run.index, deeper.index[:, : run.index.shape[1]])


@each(REGISTRY.retrievers)
def test_a_retriever_that_loses_the_own_item_still_fills_the_list(name: str, tmp_path: Path) -> None:
    run = searched(name, CORPUS, ITEMS, 6, tmp_path).without(ITEMS.exclude).top(5)
    assert ((run.index >= 0).sum(axis=1) == 5).all()
    assert not (run.index == ITEMS.exclude[:, None]).any()


@each(REGISTRY.retrievers)
def test_a_retriever_bears_more_than_there_is(name: str, tmp_path: Path) -> None:
    run = searched(name, CORPUS, ITEMS, 1000, tmp_path)
    assert run.index.shape[1] <= 1000
    assert ((run.index >= 0).sum(axis=1) <= 24).all()


@each(REGISTRY.retrievers)
def test_a_retriever_repeats_itself_alone_and_in_company(name: str, tmp_path: Path) -> None:
    run = searched(name, CORPUS, ITEMS, 5, tmp_path)
    np.testing.assert_array_equal(run.index, searched(name, CORPUS, ITEMS, 5, tmp_path).index)
    retriever = indexed(name, CORPUS, tmp_path)
    for row in (0, 11, 23):
        alone = retriever.search(ITEMS.rows(slice(row, row + 1)), 5)
        np.testing.assert_allclose(alone.scores[0], run.scores[row], atol=1e-5)


@each(COMPUTING)
def test_equal_documents_stand_in_descending_order_of_ids(name: str, tmp_path: Path) -> None:
    corpus = bank(["삼각형의 넓이를 구하시오."] * 6 + ["확률"] * 7)
    run = searched(name, corpus, asking(corpus, [Query("q", "삼각형의 넓이는?")]), 3, tmp_path)
    assert [doc_id for doc_id, _ in run.documents(0)] == ["005", "004", "003"]


@each(COMPUTING)
def test_a_retriever_bears_empty_texts(name: str, tmp_path: Path) -> None:
    corpus = bank(["", "삼각형의 넓이", "확률의 덧셈", " ", "함수의 그래프", "원의 둘레"])
    run = searched(name, corpus, asking(corpus, [Query("q1", ""), Query("q2", "삼각형의 둘레")]), 3, tmp_path)
    assert "001" in dict(run.documents(1))


@each(COMPUTING)
@pytest.mark.filterwarnings("ignore:bm25-okapi")
def test_a_retriever_bears_a_single_document(name: str, tmp_path: Path) -> None:
    corpus = bank(["삼각형의 넓이"])
    queries = asking(corpus, [Query("q", "삼각형의 넓이"), Query("own", "삼각형의 넓이", source="000")])
    run = searched(name, corpus, queries, 5, tmp_path).without(queries.exclude)
    assert not (run.index[1] >= 0).any()


@each(REGISTRY.retrievers)
def test_a_scorer_scores_every_document_and_in_its_own_order(name: str, tmp_path: Path) -> None:
    retriever = indexed(name, CORPUS, tmp_path)
    if not isinstance(retriever, Scorer):
        pytest.skip(f"{name} only ranks")
    scores, run = retriever.score(ITEMS), retriever.search(ITEMS, 24)
    assert (scores.shape, scores.dtype) == ((24, 24), np.float32)
    assert np.isfinite(scores).all()
    there = run.index >= 0
    by_rank = np.take_along_axis(scores, np.where(there, run.index, 0), axis=1)
    np.testing.assert_allclose(by_rank[there], run.scores[there], atol=1e-5)


# Rerankers


@each(REGISTRY.rerankers)
@pytest.mark.parametrize("documents", [TEXTS, ["", "가", ""], ["하나"], ["같다", "같다"]])
def test_a_reranker_gives_every_document_a_finite_score(name: str, documents: list[str], tmp_path: Path) -> None:
    reranker = built(usable(REGISTRY.rerankers[name], tmp_path))
    for query in (TEXTS[0], ""):
        scores = np.asarray(reranker.rerank(query, documents), float)
        assert scores.shape == (len(documents),)
        assert np.isfinite(scores).all()
        np.testing.assert_array_equal(scores, np.asarray(reranker.rerank(query, documents), float))


@each(spec for spec in REGISTRY.rerankers if spec.depth)
def test_a_reranker_reorders(name: str, tmp_path: Path) -> None:
    """One that never does is a fault, not a finding. What is nearest only trained weights, or none, can tell."""
    spec = usable(REGISTRY.rerankers[name], tmp_path)
    reranker, documents = built(spec), [TEXTS[0], TEXTS[16], TEXTS[8]]
    scores = list(reranker.rerank(TEXTS[9], documents))
    assert len(set(scores)) == 3
    assert list(reranker.rerank(TEXTS[9], documents[::-1])) == pytest.approx(scores[::-1], abs=1e-5)
    if "model" not in spec.options or "url" in spec.options:
        assert max(range(3), key=scores.__getitem__) == 2


# Sources of ground truth


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return open_dataset(write_bank(tmp_path / "bank"))


@each(REGISTRY.gt_sources)
def test_a_source_judges_queries_and_items_that_exist(name: str, dataset: Dataset) -> None:
    truth = judged(REGISTRY, name, dataset)
    known = {query.id: query for query in dataset.queries.queries}
    assert truth.qrels.keys() <= known.keys()
    assert truth.pairs > 0
    assert truth.provenance.method
    for query_id, grades in truth.qrels.items():
        assert grades.keys() <= set(dataset.corpus.ids) - {known[query_id].source}
        assert all(type(grade) is int for grade in grades.values())
    assert judged(REGISTRY, name, dataset).qrels == truth.qrels


def judged(registry: Registry, name: str, dataset: Dataset) -> Any:
    """What a source says, complete; the files of a family lie beside the bank."""
    complete = Registry()
    for spec in registry.gt_sources:
        complete.gt_sources.add(usable(spec, dataset.path.parent) if spec.name == name else spec)
    try:
        return Judgements(complete, dataset).truth(name)
    except NotMeasured as reason:
        pytest.skip(str(reason))


# A built-in has no privilege: copied into a user's folder under another name it does the same.

SPEC_NAME = re.compile(r'(Spec\(\s*f?")')


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The shelf beside a copy of itself, in which every name begins with `copy-`."""
    folder = tmp_path_factory.mktemp("user")
    write_bank(folder / "bank")
    for file in shelf.built_in().glob("*/*.py"):
        renamed, count = SPEC_NAME.subn(r"\1copy-", file.read_text(encoding="utf-8"))
        if count:
            copy = folder / "mine" / file.parent.name / f"renamed_{file.name}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(renamed, encoding="utf-8")
    registry = collected(folder, [folder / "mine"])
    assert registry.broken == []
    return registry


def test_every_kind_is_copied(copies: Registry) -> None:
    ours = {f"copy-{spec.name}" for spec in REGISTRY.all() if spec.name != "labels"}  # named by a file, not by a plugin
    assert ours <= {spec.name for spec in copies.all()}


@each(REGISTRY.embedders)
def test_a_copied_embedder_is_the_same(name: str, copies: Registry, tmp_path: Path) -> None:
    both = [embedder(prefix + name, tmp_path, copies)(ROWS) for prefix in ("", "copy-")]
    np.testing.assert_array_equal(*both)


@each(REGISTRY.retrievers)
def test_a_copied_retriever_is_the_same(name: str, copies: Registry, tmp_path: Path) -> None:
    retrieve = partial(indexed, corpus=CORPUS, folder=tmp_path, registry=copies)
    both = [retrieve(prefix + name).search(ITEMS, 9) for prefix in ("", "copy-")]
    np.testing.assert_array_equal(both[0].index, both[1].index)
    np.testing.assert_array_equal(both[0].scores, both[1].scores)


@each(REGISTRY.rerankers)
def test_a_copied_reranker_is_the_same(name: str, copies: Registry, tmp_path: Path) -> None:
    both = [built(usable(copies.rerankers[prefix + name], tmp_path)) for prefix in ("", "copy-")]
    assert both[0].rerank(TEXTS[0], TEXTS) == both[1].rerank(TEXTS[0], TEXTS)


@each(spec for spec in REGISTRY.gt_sources if spec.name != "labels")
def test_a_copied_source_is_the_same(name: str, copies: Registry, dataset: Dataset) -> None:
    both = [judged(copies, prefix + name, dataset) for prefix in ("", "copy-")]
    assert both[0].qrels == both[1].qrels


METRICS = ["recall@5", "ndcg@10", "mrr", "map"]


def scored(registry: Registry, dataset: Dataset, system: System, truth: str) -> dict[str, Any]:
    """Every metric of one system, by query and as the mean."""
    run = Pipeline(registry, dataset, 20).run(system)
    scores = evaluate(system.name, run, dataset, Judgements(registry, dataset).truth(truth), METRICS)
    assert list(scores.values) == METRICS
    means = {metric: scores.measurement(metric).value for metric in METRICS}
    assert None not in means.values()
    return {"means": means, "queries": {metric: values.tolist() for metric, values in scores.values.items()}}


def crossed(registry: Registry, prefix: str) -> list[System]:
    """Every lean system of the shelf's components, or of their copies."""
    lean = {
        names.kind: [
            prefix + spec.name for spec in own if not (spec.required or spec.on_device or getattr(spec, "download", 0))
        ]
        for names, own in zip(kinds(registry), kinds(REGISTRY), strict=True)
    }
    grid = Grid(embedders=lean["embedder"], retrievers=lean["retriever"], rerankers=lean["reranker"])
    return cross(grid, registry)


def kinds(registry: Registry) -> tuple[Any, ...]:
    return registry.embedders, registry.retrievers, registry.rerankers


def test_copies_of_all_kinds_are_crossed_alike(copies: Registry) -> None:
    ours, theirs = ([system.name for system in crossed(copies, prefix)] for prefix in ("", "copy-"))
    assert [name.replace("copy-", "") for name in theirs] == ours
    assert {"copy-bm25", "copy-bm25+copy-lexical"} <= set(theirs)


def test_systems_of_copies_reach_the_same_scores(copies: Registry, dataset: Dataset) -> None:
    pairs = [
        (ours, theirs)
        for ours, theirs in zip(crossed(copies, ""), crossed(copies, "copy-"), strict=True)
        if runs(copies, dataset, ours)
    ]
    assert len(pairs) > 10
    for ours, theirs in pairs:
        for truth in ("curriculum", "tfidf", "hybrid"):
            both = scored(copies, dataset, ours, truth), scored(copies, dataset, theirs, f"copy-{truth}")
            assert both[0] == both[1], theirs.name


def runs(registry: Registry, dataset: Dataset, system: System) -> bool:
    """Whether this machine has what a system needs."""
    try:
        Pipeline(registry, dataset, 20).run(system)
    except (NotMeasured, PluginFailed):
        return False
    return True
