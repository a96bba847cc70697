r"""The tokeniser canary: phrases in which Korean mathematics is easily misread, and whether a search finds them.

Whoever splits at spaces takes 삼각형의 and 삼각형을 for two words, and `$\frac{1}{2}$인` for one. Each case asks for
its document in other particles, endings, spacing or notation, beside a decoy that differs in just what may be misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

from harness.data.model import Corpus, Item, Queries, Query
from harness.data.run import Run
from harness.engine.building import build
from harness.errors import NotMeasured, blame
from harness.grid.systems import lexical
from harness.plugging.registry import Registry


class Case(NamedTuple):
    """The decoy is like the document in all that a misreading leaves, so that only a reading tells them apart."""

    document: str
    query: str
    decoy: str


CASES: Mapping[str, Case] = MappingProxyType({
    "words-unchanged": Case("두 원의 위치 관계", "두 원의 위치 관계", "두 직선의 위치 관계"),
    "particle": Case(
        "마름모의 대각선은 서로 수직이다.", "마름모는 대각선이 서로 수직인가?", "사다리꼴은 대각선이 서로 다른가?"
    ),
    "particle-after-short-word": Case("밑변이 6이고 높이가 5인 도형", "밑변은 6, 높이는 5", "한 변은 6, 둘레는 5"),
    "ending-of-verb": Case("다음 식을 인수분해하시오.", "식을 인수분해하여라.", "다음 식을 전개하여라."),
    "ending-with-changed-stem": Case("원의 접선을 그려라.", "접선을 그리시오.", "원의 접선을 지워라."),
    "compound-apart-in-query": Case("최대공약수를 구하시오.", "최대 공약수를 구하시오.", "최소공배수를 구하시오."),
    "compound-apart-in-document": Case("연립 방정식의 해", "연립방정식의 해", "이차 방정식의 해"),
    "number-with-counter": Case("구슬 7개를 꺼낸다.", "구슬을 7개 꺼낼 때", "구슬 4개를 꺼낸다."),
    "number-with-unit": Case("높이가 15cm인 원기둥", "높이 15 cm인 원기둥", "높이가 12cm인 원기둥"),
    "number-with-comma": Case("원금이 35,000원이다.", "원금은 35000원", "원금이 42,000원이다."),
    "fraction": Case(r"확률이 $\frac{3}{8}$인 사건", r"$\frac{3}{8}$의 확률", r"확률이 $\frac{8}{3}$인 사건"),
    "fraction-in-two-notations": Case(
        r"기울기가 $\dfrac{2}{5}$인 직선", "기울기 2/5인 직선", r"기울기가 $\dfrac{5}{2}$인 직선"
    ),
    "power": Case("$x^2$의 계수", "$x^{2}$의 계수", "$x+2$의 계수"),
    "power-in-two-notations": Case("$a^3$으로 나눈 몫", "a³으로 나눈 몫", "$a+3$으로 나눈 몫"),
    "area-unit": Case("넓이 64 cm²인 색종이", r"$64\,\mathrm{cm}^2$인 색종이", "64 cm인 색종이 2장"),
    "root": Case(r"$\sqrt{7}$의 정수 부분", "√7의 정수 부분", "$7$의 정수 부분"),
    "system-of-equations": Case(
        r"$\begin{cases}2x+y=5\\x-3y=6\end{cases}$의 근", "2x + y = 5, x - 3y = 6의 근",
        r"$\begin{cases}4x+y=5\\x-7y=6\end{cases}$의 근",
    ),
    "inequality": Case(r"$x\geq 9$를 나타낸 수직선", "x ≥ 9를 나타낸 수직선", r"$x\leq 9$를 나타낸 수직선"),
    "formula-joined-to-prose": Case("함수$y=4x^2$의그래프", "함수 y=4x²의 그래프", "함수 $y=3x^2$의 그래프"),
    "difference-without-spaces": Case(r"$8-13=\\$의 값", "8 - 13의 값", r"$8-12=\\$의 값"),
    "angle": Case(r"$\angle B=70^\circ$인 삼각형", "∠B = 70°인 삼각형", r"$\angle B=40^\circ$인 삼각형"),
})  # fmt: skip


class Searches(Protocol):
    """What the canary asks of a retriever."""

    def index(self, corpus: Corpus, /) -> None: ...

    def search(self, queries: Queries, top_k: int, /) -> Run: ...


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """`share` of the cases found, 0..1; `missed` names the others."""

    share: float
    missed: tuple[str, ...]

    @property
    def phrases(self) -> int:
        """How many were asked for."""
        return len(CASES)


def run(retriever: Searches) -> CanaryResult:
    """Indexes all phrases into a fresh retriever that reads texts; found is what stands above every other document."""
    documents = {name: case.document for name, case in CASES.items()}
    decoys = {f"{name}-decoy": case.decoy for name, case in CASES.items()}
    corpus = Corpus(Item(name, text) for name, text in {**documents, **decoys}.items())
    queries = Queries.against(corpus, [Query(name, case.query) for name, case in CASES.items()])
    retriever.index(corpus)
    found = retriever.search(queries, 2)
    missed = tuple(name for row, name in enumerate(found.query_ids) if not _alone_on_top(found.documents(row), name))
    return CanaryResult(1 - len(missed) / len(CASES), missed)


def sing(registry: Registry, retriever: str) -> CanaryResult:
    """Of a lexical retriever, on a fresh copy of it; of one with parts, the worst result of any of them.

    Raises NotMeasured for what matches no words.
    """
    spec = registry.retrievers[retriever]
    if spec.lexical:
        singer = build(spec)
        with blame("canary", f"retriever {spec.name!r} ({spec.origin})"):
            return run(singer)
    results = [sing(registry, part) for part in spec.parts if lexical(registry, part)]
    if not results:
        raise NotMeasured(f"retriever {retriever!r} matches no words, so the canary has nothing to sing")
    return min(results, key=lambda result: result.share)


def _alone_on_top(ranked: list[tuple[str, float]], wanted: str) -> bool:
    """A tie is won by the order of ids, not by reading."""
    return bool(ranked) and ranked[0][0] == wanted and (len(ranked) == 1 or ranked[0][1] > ranked[1][1])
