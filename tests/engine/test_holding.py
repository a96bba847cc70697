"""One embedder and one reranker at a time; parts are shared; what was let go is really gone, only its remarks stay."""

import gc
import weakref

import numpy as np
import pytest
from toys import Letters, Longest, bank, registry

from harness.engine.holding import Holding
from harness.engine.pipeline import Pipeline
from harness.errors import HarnessError, NotMeasured, PluginFailed
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec


class Model(Letters):
    """An embedder that knows what it is called and what it is made of."""

    def __init__(self, name, parts=None):
        self.name, self.parts = name, parts or {}


class Shelf:
    """Specs of models, the order in which they were built, and which of them are still there."""

    def __init__(self):
        self.built, self.alive = [], weakref.WeakSet()

    def embedder(self, name, parts=()):
        return EmbedderSpec(name, lambda given=None: self._made(Model(name, given)), parts=tuple(parts))

    def reranker(self, name):
        def build():
            model = Longest()
            model.name = name
            return self._made(model)

        return RerankerSpec(name, build)

    def _made(self, model):
        self.built.append(model.name)
        self.alive.add(model)
        return model

    @property
    def there(self):
        gc.collect()
        return sorted(model.name for model in self.alive)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def holding(shelf):
    pair = [shelf.embedder("pair", ["a", "b"]), shelf.embedder("nest", ["pair", "c"]), shelf.embedder("other", ["b", "c"])]
    return Holding(
        registry(
            embedders=[*(shelf.embedder(name) for name in "abc"), *pair], rerankers=[shelf.reranker(name) for name in "rs"]
        )
    )


def test_a_model_is_built_when_it_is_asked_for_and_once(holding, shelf):
    assert shelf.built == []
    assert holding.embedder("a") is holding.embedder("a")
    assert holding.reranker("r") is holding.reranker("r")
    assert shelf.built == ["a", "r"]


def test_parts_are_built_before_what_is_made_of_them_and_handed_over_by_name(holding, shelf):
    nest = holding.embedder("nest")
    assert shelf.built == ["a", "b", "pair", "c", "nest"]
    assert list(nest.parts) == ["pair", "c"]
    assert {name: part.name for name, part in nest.parts["pair"].parts.items()} == {"a": "a", "b": "b"}


def test_parts_are_shared_with_the_next_model_and_not_built_again(holding, shelf):
    pair = holding.embedder("pair")
    assert holding.embedder("a") is pair.parts["a"]
    assert shelf.built == ["a", "b", "pair"]
    other = Holding(holding.registry)
    shared = other.embedder("pair").parts["b"]
    assert other.embedder("other").parts["b"] is shared


def test_one_embedder_with_its_parts_is_there_at_a_time(holding, shelf):
    for name, there in (("a", ["a"]), ("pair", ["a", "b", "pair"]), ("other", ["b", "c", "other"]), ("c", ["c"]), ("a", ["a"])):
        holding.embedder(name)
        assert shelf.there == there


def test_one_reranker_is_there_at_a_time_beside_the_embedder(holding, shelf):
    for embedder, reranker in (("a", "r"), ("a", "s"), ("b", "s")):
        holding.embedder(embedder)
        holding.reranker(reranker)
        assert shelf.there == [embedder, reranker]


@pytest.mark.parametrize(
    ("embedder", "reranker", "there"),
    [("pair", "r", ["a", "b", "pair", "r"]), ("a", None, ["a"]), (None, "r", ["r"]), (None, None, []), ("c", "s", [])],
)
def test_only_what_a_system_needs_stays(holding, shelf, embedder, reranker, there):
    holding.embedder("pair")
    holding.reranker("r")
    holding.only(embedder, reranker)
    assert shelf.there == there


def test_what_is_released_is_gone_and_built_anew_when_asked_for(holding, shelf):
    holding.embedder("pair")
    holding.reranker("r")
    holding.release()
    assert shelf.there == []
    holding.embedder("a")
    assert shelf.built == ["a", "b", "pair", "r", "a"]


def test_a_tensor_of_a_released_model_is_gone():
    torch = pytest.importorskip("torch")
    tensors = []

    class Heavy(Letters):
        def __init__(self):
            self.weight, self.itself = torch.zeros(1000), self
            tensors.append(weakref.ref(self.weight))

    holding = Holding(registry(embedders=[EmbedderSpec("heavy", Heavy)]))
    holding.embedder("heavy")
    assert tensors[0]() is not None
    holding.release()
    assert tensors[0]() is None


def test_after_a_model_is_dropped_the_allocator_is_back_where_it_was():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")

    class Heavy(Letters):
        def __init__(self):
            self.weight, self.itself = torch.ones(16 * 2**20, device="cuda"), self

        def encode_document(self, inputs):
            _work = self.weight * 2
            raise RuntimeError("in the middle of its work")

    torch.zeros(1, device="cuda")
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    engine = Pipeline(registry(embedders=[EmbedderSpec("heavy", Heavy)]), bank(), 10)
    with pytest.raises(PluginFailed, match="in the middle of its work"):
        engine.run(System("dot", "heavy"))
    assert torch.cuda.memory_allocated() >= before[0] + 64 * 2**20
    engine.release()
    assert (torch.cuda.memory_allocated(), torch.cuda.memory_reserved()) == before


# What a model has to say.


class Talks(Letters):
    """Remarks on every batch of documents."""

    def __init__(self):
        self.remarks = []

    def encode_document(self, inputs):
        self.remarks.append(f"a batch of {len(inputs)} did not fit")
        return super().encode_document(inputs)


class Mumbles(Longest):
    def __init__(self):
        self.remarks = ["cut a pair"]


@pytest.fixture
def talking():
    pair = EmbedderSpec("pair", lambda parts: Letters(), parts=("talks", "letters"))
    return Holding(registry(embedders=[EmbedderSpec("talks", Talks), pair], rerankers=[RerankerSpec("mumbles", Mumbles)]))


def test_remarks_are_those_made_so_far_and_survive_letting_go(talking):
    assert talking.remarks("embedder", "talks") == []
    talking.embedder("talks").encode_document(["x"])
    assert talking.remarks("embedder", "talks") == ["a batch of 1 did not fit"]
    talking.reranker("mumbles")
    talking.release()
    assert talking.remarks("embedder", "talks") == ["a batch of 1 did not fit"]
    assert talking.remarks("reranker", "mumbles") == ["cut a pair"]


def test_a_model_repeats_what_its_parts_remarked(talking):
    talking.embedder("pair")
    talking.embedder("talks").encode_document(["x", "y"])
    assert talking.remarks("embedder", "pair") == ["a batch of 2 did not fit"]


def test_remarks_of_one_kind_are_not_those_of_another(talking):
    talking.embedder("talks").encode_document(["x"])
    assert talking.remarks("embedder", "letters") == talking.remarks("reranker", "mumbles") == []


def test_remarks_survive_that_the_model_is_built_again(talking):
    """Accuracy, latency and memory each may build a model anew; what the first one said is still true of the run."""
    talking.embedder("talks").encode_document(["x"])
    talking.release()
    talking.embedder("talks")
    assert talking.remarks("embedder", "talks") == ["a batch of 1 did not fit"]


# Failures.


class Fails(Letters):
    """Fails inside its work, in one of the ways in which libraries fail."""

    def __init__(self, way):
        self.way, self.itself = way, self

    def encode_document(self, inputs):
        getattr(self, self.way)()

    def plainly(self):
        raise RuntimeError("deep inside")

    def chained(self):
        try:
            self.plainly()
        except RuntimeError as error:
            raise ValueError("wrapped") from error

    def handling(self):
        try:
            self.plainly()
        except RuntimeError:
            raise ValueError("while handling another")  # noqa: B904 (that is the point)

    def elsewhere(self):
        try:
            self.plainly()
        except RuntimeError:
            raise ValueError("of another cause") from KeyError("not this one")

    def politely(self):
        try:
            self.plainly()
        except RuntimeError:
            raise NotMeasured("not on this machine") from None


def failure(engine):
    try:
        engine.run(System("dot", "fails"))
    except HarnessError as error:
        return error
    return None


@pytest.mark.parametrize("way", ["plainly", "chained", "handling", "elsewhere", "politely"])
def test_a_model_that_failed_is_gone_once_it_is_let_go_though_its_error_is_remembered(way):
    built, alive = [], weakref.WeakSet()

    def build():
        model = Fails(way)
        built.append(way)
        alive.add(model)
        return model

    engine = Pipeline(registry(embedders=[EmbedderSpec("fails", build)]), bank(), 10)
    first = failure(engine)
    assert isinstance(first, HarnessError)
    engine.embedder("letters")
    gc.collect()
    assert len(alive) == 0
    assert failure(engine) is first
    assert built == [way]


def test_what_a_failed_answer_was_made_of_is_gone_too():
    alive = weakref.WeakSet()

    class NaNs(Letters):
        def __init__(self):
            alive.add(self)

        def encode_document(self, inputs):
            return super().encode_document(inputs) * np.nan

    engine = Pipeline(registry(embedders=[EmbedderSpec("fails", NaNs)]), bank(), 10)
    error = failure(engine)
    engine.release()
    gc.collect()
    assert (len(alive), str(error)) == (0, "embedder 'fails' returned NaN or infinity for 'd7' (8 of 8 inputs)")
