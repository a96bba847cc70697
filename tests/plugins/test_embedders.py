"""char-hashing, random and npz: what they promise of their vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from harness.data.formats import npz
from harness.errors import BadData
from harness.plugging import shelf

Plugin = Callable[[str], ModuleType]
HASHED = """
import sys
from pathlib import Path
from harness.plugging import shelf
module = shelf.load(Path(sys.argv[1]))
sys.stdout.buffer.write(module.build().encode_document(["이차방정식 x^2=4", "가나다"]).tobytes())
"""


@pytest.mark.parametrize("name", ["char_hashing", "random"])
def test_vectors_are_the_same_in_another_process(plugin: Plugin, name: str) -> None:
    file = shelf.built_in() / "embedders" / f"{name}.py"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", HASHED, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(shelf.built_in().parent)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = plugin(f"embedders/{name}").build().encode_document(["이차방정식 x^2=4", "가나다"]).tobytes()
    assert outputs == {here}


def test_char_hashing_is_a_cosine_of_shared_grams(plugin: Plugin) -> None:
    """Against counts kept in a dictionary, which never collide; with 2^20 buckets hardly any do."""
    texts = ["삼각형의 넓이", "삼각형의  둘레", "확률", "aaa", ""]
    vectors = plugin("embedders/char_hashing").build(dimensions=2**20).encode_document(texts)
    counted = [counts(text) for text in texts]
    expected = [[cosine(a, b) for b in counted] for a in counted]
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-5)


def counts(text: str) -> dict[str, float]:
    folded = " ".join(text.split())
    grams = [folded[at : at + n] for n in (1, 2, 3, 4) for at in range(len(folded) - n + 1)]
    return {gram: 1 + float(np.log(grams.count(gram))) for gram in grams}


def cosine(a: dict[str, float], b: dict[str, float]) -> float:
    lengths = [sum(value**2 for value in one.values()) ** 0.5 for one in (a, b)]
    shared = sum(a[gram] * b[gram] for gram in a.keys() & b.keys())
    return shared / (lengths[0] * lengths[1]) if all(lengths) else 0.0


def test_char_hashing_gives_a_text_one_vector_in_any_company(plugin: Plugin) -> None:
    embedder = plugin("embedders/char_hashing").build(dimensions=64)
    texts = [f"문제 {number}: x+{number}=7" for number in range(600)]
    together = embedder.encode_document(texts)
    alone = np.concatenate([embedder.encode_query([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)
    assert embedder.encode_document([]).shape == (0, 64)
    assert not embedder.encode_document([""]).any()


def test_random_depends_on_seed_and_content(plugin: Plugin) -> None:
    build = plugin("embedders/random").build
    one = build().encode_document(["가", "나", "가"])
    np.testing.assert_array_equal(one[0], one[2])
    np.testing.assert_array_equal(one, build().encode_document(["가", "나", "가"]))
    assert abs(one[0] @ one[1]) < 0.5
    assert abs(one[0] @ build(seed=1).encode_document(["가"])[0]) < 0.5
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, rtol=1e-5)


def test_random_does_not_find_the_copy_of_a_query(plugin: Plugin) -> None:
    embedder = plugin("embedders/random").build()
    texts = [f"문제 {number}" for number in range(200)]
    similar = embedder.encode_query(texts) @ embedder.encode_document(texts).T
    assert (similar.argmax(axis=1) == np.arange(200)).sum() < 8  # one is expected


def test_random_sees_pictures(plugin: Plugin) -> None:
    embedder = plugin("embedders/random").build()
    black, white = ({"image": Image.new("RGB", (2, 2), colour), "text": ""} for colour in ("black", "white"))
    shown = embedder.encode_document([black, white, dict(black)])
    np.testing.assert_array_equal(shown[0], shown[2])
    assert abs(shown[0] @ shown[1]) < 0.5


def test_npz_looks_ids_up(plugin: Plugin, tmp_path: Path) -> None:
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    npz.write(npz.Embeddings(("a", "b", "c"), vectors), tmp_path / "e.npz")
    embedder = plugin("embedders/npz").build(path=str(tmp_path / "e.npz"))
    np.testing.assert_array_equal(embedder.encode_query(["c", "a"]), vectors[[2, 0]])
    with pytest.raises(BadData, match=r"e\.npz: holds no embedding of 'x'; 2 of the 3 ids asked for are missing"):
        embedder.encode_document(["a", "x", "y"])
