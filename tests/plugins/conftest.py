"""What the shelf's tests share: plugin files loaded as the harness loads them, and a bank in which something recurs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from harness.config import Config, load_config
from harness.data.model import Corpus, Dataset, Item, Queries, Query
from harness.plugging import shelf
from harness.plugging.registry import Registry, collect

TEXTS = (
    "삼각형 ABC의 넓이를 구하시오.",
    "직사각형의 넓이가 24 cm²일 때 둘레를 구하여라.",
    "정삼각형의 둘레는 얼마인가?",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    r"이차방정식 $x^2-3x+2=0$을 푸시오.",
    r"$\frac{1}{2}+\frac{1}{3}$을 계산하여라.",
    r"$\frac{1}{2}\times\frac{3}{4}$의 값은?",
    "주사위 한 개를 던질 때 짝수가 나올 확률",
    "동전 두 개를 던질 때 모두 앞면일 확률",
    "연필 3자루와 공책 2권의 값은 2,500원이다.",
    "함수 y=2x+1의 그래프의 기울기",
    "함수 y=-x+3의 그래프의 절편",
    "삼각형 ABC의 넓이를 구하시오.",
    "자료의 평균과 분산을 구하시오.",
    "",
    "두 수의 최대공약수를 구하시오.",
)


@functools.cache
def _load(path: str) -> ModuleType:
    return shelf.load(shelf.built_in() / f"{path}.py")


@pytest.fixture(scope="session")
def plugin() -> Callable[[str], ModuleType]:
    """`plugin("retrievers/bm25")`: a built-in's file, loaded by path."""
    return _load


def bank(texts: tuple[str, ...] = TEXTS) -> Corpus:
    return Corpus(Item(f"d{number:02d}", text) for number, text in enumerate(texts))


def items_as_queries(corpus: Corpus) -> Queries:
    return Queries.against(corpus, [Query(f"q-{item.id}", item.text, source=item.id) for item in corpus.items])


@pytest.fixture
def corpus() -> Corpus:
    """Texts that share words, two of them equal and one empty; vectors of any length, one of them zero."""
    documents = bank()
    vectors = np.random.default_rng(5).normal(size=(len(documents), 6)).astype(np.float32)
    vectors[3] = 0
    return documents.with_vectors(vectors)


@pytest.fixture
def queries(corpus: Corpus) -> Queries:
    """Every item as a query, and two strangers."""
    strangers = [Query("s1", "정삼각형의 넓이는?"), Query("s2", "zzz")]
    asked = Queries.against(corpus, [*items_as_queries(corpus).queries, *strangers])
    return asked.with_vectors(np.random.default_rng(6).normal(size=(len(asked), 6)).astype(np.float32))


@pytest.fixture
def dataset(corpus: Corpus) -> Dataset:
    return Dataset("tiny", Path("tiny"), corpus, items_as_queries(corpus), {}, "0")


def configured(folder: Path, grid: str = "", tables: str = "", dataset: Path | None = None) -> Config:
    """The Config of a harness.toml in `folder`."""
    path = folder / "harness.toml"
    named = dataset or folder / "bank"
    lines = [f'dataset = "{named}"', 'criteria = "go.toml"', "[grid]", grid or 'retrievers = ["*"]', tables]
    path.write_text("\n".join(lines), encoding="utf-8")
    return load_config(path)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Everything on the shelf."""
    return collect(configured(tmp_path))


@pytest.fixture
def config_of(tmp_path: Path) -> Callable[..., Config]:
    return functools.partial(configured, tmp_path)
