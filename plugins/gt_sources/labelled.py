"""The judgements that came with the item bank: one ground truth for each of its files."""

from __future__ import annotations

from functools import partial

from harness import GTSourceSpec, hookimpl
from harness.config import Config
from harness.data.catalogue import truth_names
from harness.data.model import Dataset, GroundTruth
from harness.errors import UnknownName


class Labelled:
    """One labelled file, already read with its bank."""

    def __init__(self, name: str) -> None:
        self.name = name

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises UnknownName for a bank without this file."""
        if self.name not in dataset.truths:
            raise UnknownName(f"ground truth of {dataset.name}", self.name, dataset.truths)
        return dataset.truths[self.name]


@hookimpl
def harness_register_gt_sources(config: Config) -> list[GTSourceSpec]:
    folder = config.dataset
    return [
        GTSourceSpec(name, partial(Labelled, name), about=f"labelled file of {folder.name}")
        for name in truth_names(folder)
    ]
