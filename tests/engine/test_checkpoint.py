"""A folder is a model where it is whole; weights.py tells what is missing, so what is tested there is not repeated."""

import pytest

from harness.engine.checkpoint import lacks, refuse_bare, unread
from harness.errors import BadConfig


def test_a_folder_without_modules_must_name_its_pooling(tmp_path):
    with pytest.raises(BadConfig) as caught:
        refuse_bare(tmp_path, "a/b")
    assert str(caught.value) == (
        "a/b has no modules.json, so sentence-transformers would average its tokens without a word; "
        'say pooling = "cls", "mean" or "last"'
    )
    (tmp_path / "modules.json").write_text("[]")
    refuse_bare(tmp_path, "a/b")


def test_a_link_to_nothing_is_no_tokenizer(tmp_path):
    (tmp_path / "config.json").write_text('{"vocab_size": 9}')
    (tmp_path / "model.safetensors").write_text("1")
    (tmp_path / "tokenizer.json").symlink_to(tmp_path / "gone")
    assert (lacks(tmp_path), unread(tmp_path)) == ("", "it has no tokenizer")
    (tmp_path / "gone").write_text("{}")
    assert unread(tmp_path) == ""
