"""What an embedder returns is finite float32 of one width, or it is said what is wrong with it, and for which item."""

import weakref

import numpy as np
import pytest
from PIL import Image
from toys import Letters

from harness.data.images import open_image
from harness.data.model import Item, Query
from harness.engine import contents
from harness.engine.building import build
from harness.engine.embedding import BATCH, embed
from harness.errors import BadData, BadOutput, NotFinite, PluginFailed
from harness.plugging.specs import EmbedderSpec, RetrieverSpec

ITEMS = [Item(f"i{n}", text) for n, text in enumerate(("a", "ab", "abc"))]


class Returns:
    """An embedder that returns what it is told to, whatever it is asked."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def encode_query(self, inputs):
        self.seen.append(("query", inputs))
        return self.answer(inputs) if callable(self.answer) else self.answer

    def encode_document(self, inputs):
        self.seen.append(("document", inputs))
        return self.answer(inputs) if callable(self.answer) else self.answer


def embedded(answer, rows=ITEMS, side="document", **facts):
    return embed(Returns(answer), EmbedderSpec("e", dict, origin="e.py", **facts), rows, side)


def test_vectors_come_back_as_contiguous_float32_in_order():
    vectors = embed(Letters(), EmbedderSpec("letters", Letters), ITEMS, "document")
    assert vectors.tolist() == [[1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64])
def test_other_numbers_become_float32(dtype):
    vectors = embedded(np.asfortranarray(np.arange(6).reshape(3, 2), dtype))
    assert (vectors.dtype, vectors.flags.c_contiguous) == (np.float32, True)
    assert vectors.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_lists_of_floats_are_vectors_too():
    assert embedded([[1.0, 2.0]] * 3).shape == (3, 2)


@pytest.mark.parametrize(
    ("answer", "facts", "sentence"),
    [
        (np.zeros(3), {}, "embedder 'e' returned shape [3] for 3 inputs; needs [3, dimensions]"),
        (np.zeros((3, 2, 1)), {}, "embedder 'e' returned shape [3, 2, 1] for 3 inputs; needs [3, dimensions]"),
        (np.zeros((2, 4)), {}, "embedder 'e' returned shape [2, 4] for 3 inputs; needs [3, dimensions]"),
        (np.zeros((3, 4)), {"dimensions": 8}, "embedder 'e' returned 4 dimensions; its spec promises 8"),
        ([["a", "b"]] * 3, {}, "embedder 'e' returned an array of <U1, not of numbers"),
        (None, {}, "embedder 'e' returned an array of object, not of numbers"),
        (np.zeros((3, 2), complex), {}, "embedder 'e' returned an array of complex128, not of numbers"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(answer, facts, sentence):
    with pytest.raises(BadOutput) as caught:
        embedded(answer, **facts)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_none_are_named_by_item(number):
    vectors = np.ones((3, 2))
    vectors[1, 1] = vectors[2, 0] = number
    with pytest.raises(NotFinite) as caught:
        embedded(vectors)
    assert str(caught.value) == "embedder 'e' returned NaN or infinity for 'i1' (2 of 3 inputs)"


def test_widths_that_change_between_blocks_are_refused():
    rows = [Item(f"i{n:04}", "x") for n in range(BATCH + 1)]
    with pytest.raises(BadOutput, match="^embedder 'e' returned vectors of 1 and 256 dimensions$"):
        embedded(lambda inputs: np.ones((len(inputs), len(inputs))), rows)


def test_rows_are_handed_over_in_blocks_and_none_is_lost():
    rows = [Item(f"i{n:04}", str(n)) for n in range(2 * BATCH + 3)]
    vectors = embedded(lambda inputs: [[float(text)] for text in inputs], rows)
    assert vectors[:, 0].tolist() == list(range(2 * BATCH + 3))


def test_nothing_to_embed_is_an_empty_matrix():
    assert embedded(np.zeros((0, 4)), [], dimensions=4).shape == (0, 4)


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), SystemExit("bye")])
def test_an_embedder_that_raises_is_named_with_its_file(error):
    def raises(_):
        raise error

    with pytest.raises(PluginFailed, match=rf"^embedder 'e' \(e.py\) failed at encode_query: {type(error).__name__}: "):
        embedded(raises, [Query("q", "x")], "query")


def test_what_is_no_embedder_is_named_too():
    with pytest.raises(PluginFailed, match=r"^embedder 'e' \(e.py\) failed at encode_query: AttributeError: "):
        embed(object(), EmbedderSpec("e", dict, origin="e.py"), [Query("q", "x")], "query")


def test_a_picture_is_shown_only_to_who_can_see_it(tmp_path):
    Image.new("RGB", (3, 2), "red").save(tmp_path / "red.png")
    rows = [Item("i", "text", image=tmp_path / "red.png")]
    blind, seeing = Returns(np.ones((1, 1))), Returns(np.ones((1, 1)))
    embed(blind, EmbedderSpec("e", dict), rows, "document")
    embed(seeing, EmbedderSpec("e", dict, modalities=("text", "image")), rows, "document")
    assert blind.seen == [("document", ["text"])]
    ((_, (shown,)),) = seeing.seen
    assert list(shown) == ["image", "text"]
    assert (shown["image"].size, shown["text"]) == ((3, 2), "text")


def test_stored_embeddings_are_asked_by_id_and_a_query_by_that_of_its_item():
    stored = Returns(np.ones((2, 1)))
    rows = [Query("q0", "a", source="i7"), Query("q1", "b")]
    embed(stored, EmbedderSpec("e", dict, takes="ids"), rows, "query")
    assert stored.seen == [("query", ["i7", "q1"])]


def test_building_names_spec_and_origin():
    with pytest.raises(PluginFailed, match=r"^embedder 'e' \(e.py\) failed at build: ZeroDivisionError: division by zero$"):
        build(EmbedderSpec("e", lambda: 1 / 0, origin="e.py"))


def test_parts_are_handed_to_what_has_them():
    assert build(RetrieverSpec("two", dict, parts=("a",)), {"a": 1}) == {"a": 1}
    assert build(RetrieverSpec("one", dict), {}) == {}


# Pictures that cannot be opened; test_contents.py follows them to the rankings.

SEEING = {"modalities": ("text", "image")}


def ones(inputs):
    return np.ones((len(inputs), 2))


def test_a_row_that_cannot_be_shown_is_a_zero_vector_and_stands_among_the_lost(tmp_path):
    rows, lost = [ITEMS[0], Item("bad", "x", tmp_path / "none.png"), ITEMS[1]], {}
    vectors = embed(Returns(ones), EmbedderSpec("e", dict, **SEEING), rows, "document", lost)
    assert vectors.tolist() == [[1, 1], [0, 0], [1, 1]]
    assert lost == {"bad": f"{tmp_path / 'none.png'}: picture does not exist"}


def test_without_a_place_for_the_lost_the_first_of_them_is_raised(tmp_path):
    rows = [Item("good", "x"), Item("bad", "x", tmp_path / "none.png"), Item("worse", "x", tmp_path / "nor.png")]
    with pytest.raises(BadData, match=r"none\.png: picture does not exist$"):
        embedded(ones, rows, **SEEING)


def test_a_finding_about_numbers_names_the_item_that_was_shown_and_not_its_neighbour(tmp_path):
    rows = [Item("bad", "x", tmp_path / "none.png"), Item("fine", "x"), Item("nan", "x")]
    with pytest.raises(NotFinite, match=r"for 'nan' \(1 of 2 inputs\)$"):
        embed(Returns([[1.0], [np.nan]]), EmbedderSpec("e", dict, **SEEING), rows, "document", {})


def test_where_nothing_can_be_shown_the_model_is_not_asked_and_the_reason_is_said(tmp_path):
    model, rows = Returns(ones), [Item(f"i{n}", "x", tmp_path / "none.png") for n in range(3)]
    with pytest.raises(BadData) as caught:
        embed(model, EmbedderSpec("e", dict, **SEEING), rows, "document", {})
    assert str(caught.value) == f"nothing could be shown to embedder 'e': {tmp_path / 'none.png'}: picture does not exist"
    assert model.seen == []


class Reads:
    """The number in the text and the shade of the picture, and keeps neither."""

    def encode_document(self, inputs):
        return [[float(shown["text"]), shown["image"].getpixel((0, 0))[0]] for shown in inputs]


def test_pictures_stay_beside_their_texts_over_many_blocks_and_are_not_all_open_at_once(tmp_path, monkeypatch):
    for shade in (0, 1):
        Image.new("L", (1, 1), shade).save(tmp_path / f"{shade}.png")
    opened, most = weakref.WeakValueDictionary(), []

    def counting(path):
        image = open_image(path)
        opened[len(most)] = image
        most.append(len(opened))
        return image

    monkeypatch.setattr(contents, "open_image", counting)
    rows = [Item(f"i{n:04}", str(n), tmp_path / f"{n * 7 % 3 % 2}.png") for n in range(4 * BATCH + 3)]
    vectors = embed(Reads(), EmbedderSpec("e", dict, **SEEING), rows, "document")
    assert vectors.tolist() == [[n, n * 7 % 3 % 2] for n in range(len(rows))]
    assert len(most) == len(rows)
    assert max(most) < 3 * BATCH  # two blocks, and what of the next is opened before the first of them is let go
