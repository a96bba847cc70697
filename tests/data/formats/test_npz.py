"""Embeddings from elsewhere: what names are understood, and what is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.data.formats import npz
from harness.errors import BadData

IDS = np.array(["a", "나"])
VECTORS = np.array([[1, 2, 3], [4, 5, 6]], np.float32)


@pytest.mark.parametrize(
    "arrays",
    [
        {"ids": IDS, "embeddings": VECTORS},
        {"item_ids": IDS, "vectors": VECTORS},
        {"doc_ids": IDS, "emb": VECTORS.astype(np.float16)},
        {"ids": np.char.encode(IDS, "utf-8"), "embeddings": VECTORS.astype(np.float64)},
        {"ids": IDS, "embeddings": VECTORS.astype(np.int64), "texts": np.array(["x", "y"]), "other": VECTORS * 2},
        {"names": IDS, "matrix": VECTORS, "norms": np.ones(2), "meta": np.array([{}, {}], dtype=object)},
        {"ids": IDS, "embeddings": np.asfortranarray(VECTORS), "meta": np.array([{}], dtype=object)},
    ],
)
def test_usual_names_and_kinds_are_understood(tmp_path: Path, arrays: dict[str, Any]) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    found = npz.read(tmp_path / "a.npz")
    assert found.ids == ("a", "나")
    assert found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.vectors, VECTORS)


def test_numbers_become_ids(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", ids=np.array([7, 12]), embeddings=VECTORS)
    assert npz.read(tmp_path / "a.npz").ids == ("7", "12")


HINT = (
    "Object arrays cannot be loaded when allow_pickle=False; save ids as np.array(ids, dtype=str), vectors as float32"
)
BAD = [
    ({"ids": IDS.astype(object), "embeddings": VECTORS}, f"'ids' cannot be read: {HINT}"),
    ({"ids": IDS, "embeddings": VECTORS.astype(object)}, f"'embeddings' cannot be read: {HINT}"),
    ({"ids": IDS[:1], "embeddings": VECTORS}, "1 ids and vectors of shape [2, 3] do not go together"),
    ({"ids": IDS[:0], "embeddings": VECTORS[:0]}, "0 ids and vectors of shape [0, 3] do not go together"),
    ({"ids": np.array(["a", "a"]), "embeddings": VECTORS}, "embedding id 'a' stands 2 times"),
    ({"ids": IDS, "embeddings": VECTORS[0]}, "'embeddings' must have 2 dimensions, has shape [3]"),
    ({"ids": IDS[:, None], "embeddings": VECTORS}, "'ids' must have 1 dimension, has shape [2, 1]"),
    ({"ids": np.ones(2), "embeddings": VECTORS}, "ids must be strings or whole numbers, are float64"),
    ({"ids": IDS, "embeddings": VECTORS.astype(str)}, "vectors must be numbers, are <U32"),
    ({"ids": np.array([b"\xb0", b"a"]), "embeddings": VECTORS}, "ids are bytes that are not UTF-8"),
    ({"a": IDS, "b": IDS, "c": VECTORS}, "cannot tell which array holds the ids; name it 'ids'; there are: a, b, c"),
    ({"ids": IDS}, "cannot tell which array holds the vectors; name it 'embeddings'; there are: ids"),
    ({}, "cannot tell which array holds the ids; name it 'ids'; there are: nothing"),
    ({"ids": IDS, "embeddings": VECTORS * [[1], [np.nan]]}, "1 of 2 vectors are not finite, the first that of '나'"),
    ({"ids": IDS, "embeddings": np.array([[1, np.inf, 2], [3, 4, -np.inf]])},
     "2 of 2 vectors are not finite, the first that of 'a'"),
    (
        {"ids": IDS, "embeddings": VECTORS.astype(np.float64) * 1e300},
        "2 of 2 vectors are not finite, the first that of 'a'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arrays", "message"), BAD)
def test_what_is_wrong_is_named(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(BadData) as raised:
        npz.read(path)
    assert str(raised.value) == f"{path}: {message}"


def test_files_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"a\.npz: does not exist$"):
        npz.read(tmp_path / "a.npz")
    np.save(tmp_path / "a.npy", VECTORS)
    with pytest.raises(BadData, match=r"a\.npy: not an archive of arrays, as np\.savez writes it$"):
        npz.read(tmp_path / "a.npy")


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, ids=IDS, embeddings=VECTORS)
    content = bytearray(path.read_bytes())
    middle = content.index(VECTORS.tobytes())
    content[middle] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadData, match=r"a\.npz: broken archive: Bad CRC-32"):
        npz.read(path)


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(names, min_size=1, max_size=5, unique=True), st.integers(1, 4), st.data())
def test_embeddings_come_back(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], width: int, data: st.DataObject
) -> None:
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    vectors = data.draw(hnp.arrays(np.float32, (len(ids), width), elements=numbers))
    path = tmp_path_factory.mktemp("npz") / "without-suffix"
    npz.write(npz.Embeddings(tuple(ids), vectors), path)
    again = npz.read(path)
    assert again.ids == tuple(ids)
    np.testing.assert_array_equal(again.vectors, vectors)
