"""Where a model's weights are, and what fetching them costs; the network is asked only where the user allows it."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants

from harness.config import Models
from harness.engine.checkpoint import SAFE, lacks, unread
from harness.errors import BadConfig, HarnessError, NotMeasured, one_line

_NEEDED = ["*.safetensors", "*.bin", "*.json", "*.jinja", "*.txt", "*.model", "*.py"]
_FOREIGN = ["onnx/*", "openvino/*", "coreml/*", "original/*", "consolidated*", "tf_model*", "flax_model*"]
_OLDER = [*_FOREIGN, "pytorch_model*"]
"""The same weights again, wherever there are safetensors; those of small parts (2_Dense/) are not meant."""

_REPOSITORY = re.compile(r"(?!.*(?:--|\.\.))\w[\w.-]*/\w(?:[\w.-]*\w)?", re.ASCII)


@dataclass(frozen=True)
class Weights:
    """A model by name: a folder ("./x", "/x", "~/x", or any that exists), or "owner/name" on the Hugging Face hub.

    `revision` is the pinned commit, branch or tag; empty is the main branch. `download` is the size in bytes.
    """

    model: str
    revision: str = ""
    download: int = 0

    def folder(self, models: Models) -> Path:
        """The folder with the configuration and all weights; fetched first where `models.download` allows it.

        Raises NotMeasured where the pinned revision is not wholly in the Hugging Face cache, or cannot be fetched,
        and BadConfig for a folder of the user's that is no whole model. Dummy weights never fetch real ones.
        """
        if self.model.startswith(("/", ".", "~")) or Path(self.model).is_dir():
            return self._own_folder()
        if not _REPOSITORY.fullmatch(self.model):
            raise BadConfig(f"model {self.model!r} is neither a folder nor a repository such as 'nlpai-lab/KURE-v1'")
        try:
            return self._cached()
        except NotMeasured as absent:
            if models.dummy or not models.download:
                size = amount(self.download) if self.download else "them"
                raise NotMeasured(f"{absent}; `--download` fetches {size}") from None
        return self._fetched()

    def if_needed(self, models: Models) -> Path | None:
        """The same, or None where random weights serve without any file."""
        try:
            return self.folder(models)
        except NotMeasured:
            if not models.dummy:
                raise
            return None

    def refuse_absent(self, models: Models) -> None:
        """Raises what `if_needed` would, but fetches nothing.

        What else may be amiss, a library or a device, can so be found before a download, and is told after absent
        weights, which are the more useful news.
        """
        if not models.download:
            self.if_needed(models)

    def _own_folder(self) -> Path:
        folder = Path(self.model).expanduser()
        if not folder.is_dir():
            what = "is a file, not a folder" if folder.exists() else "does not exist"
            raise BadConfig(f"model {self.model!r} {what}")
        if self.revision:
            what = f"a folder, which has no revision {_short(self.revision)!r}"
            raise BadConfig(f'model {self.model!r} is {what}; leave it out, or say revision = ""')
        if missing := lacks(folder):
            raise BadConfig(f"model {self.model!r} is not whole: {missing}")
        return folder

    def _cached(self) -> Path:
        known = ""
        try:
            found = huggingface_hub.snapshot_download(
                self.model, revision=self._wanted, local_files_only=True, allow_patterns=_NEEDED, ignore_patterns=_OLDER
            )
        except FileNotFoundError as error:  # the base of all that this library raises for what its cache lacks
            found, known = getattr(error, "snapshot_path", ""), "smaller files are missing"
        if not found:
            raise NotMeasured(f"weights of {self.model} are {self._instead()}")
        if missing := lacks(Path(found)) or known or unread(Path(found)):
            raise NotMeasured(f"weights of {self.model} are incomplete on this machine: {missing}")
        return Path(found)

    def _instead(self) -> str:
        others = sorted(_short(path.name) for path in self._snapshots.glob("*"))
        if not others:
            return "not on this machine"
        return f"on this machine at revision {', '.join(others)}, not at the pinned {_short(self._wanted)}"

    def _fetched(self) -> Path:
        try:
            ignored = self._afford()
            huggingface_hub.snapshot_download(
                self.model, revision=self._wanted, allow_patterns=_NEEDED, ignore_patterns=ignored
            )
        except HarnessError:
            raise
        except Exception as error:  # anything may go wrong between here and a server
            raise NotMeasured(
                f"weights of {self.model} could not be fetched from {constants.ENDPOINT}: {one_line(error)}"
            ) from error
        return self._cached()

    def _afford(self) -> list[str]:
        """Tells what will be fetched; the patterns of what will not. Raises NotMeasured where the disk is too full."""
        info = huggingface_hub.HfApi().model_info(
            self.model, revision=self._wanted, files_metadata=True, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
        )
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        ignored = _OLDER if sizes.keys() & {*SAFE} else _FOREIGN
        here = self._snapshots / (info.sha or "")
        missing = [name for name in sizes if _is_needed(name, ignored) and not (here / name).exists()]
        self._refuse_full_disk(needed := sum(sizes[name] for name in missing))
        sys.stderr.write(f"fetching {amount(needed)} of {self.model} into {constants.HF_HUB_CACHE}\n")
        return ignored

    def _refuse_full_disk(self, needed: int) -> None:
        cache = Path(constants.HF_HUB_CACHE).absolute()
        standing = next(folder for folder in (cache, *cache.parents) if folder.exists())
        free = shutil.disk_usage(standing).free
        if needed > free:
            what = f"weights of {self.model} need {amount(needed)}, but {cache} has {amount(free)} free"
            raise NotMeasured(f"{what}; HF_HOME names another place")

    @property
    def _wanted(self) -> str:
        return self.revision or constants.DEFAULT_REVISION

    @property
    def _snapshots(self) -> Path:
        """One folder per revision, as the cache of the hub has it."""
        return Path(constants.HF_HUB_CACHE) / f"models--{self.model.replace('/', '--')}" / "snapshots"


def amount(size: int) -> str:
    """Bytes for a reader, in decimal units as the hub shows them: "4.3 GB"."""
    power = min(max((len(str(size)) - 1) // 3, 1), 3)
    return f"{size / 1000**power:.1f} {'kMG'[power - 1]}B"


def _is_needed(name: str, ignored: list[str]) -> bool:
    wanted = any(fnmatchcase(name, pattern) for pattern in _NEEDED)
    return wanted and not any(fnmatchcase(name, pattern) for pattern in ignored)


def _short(revision: str) -> str:
    return revision[:7] if re.fullmatch(r"[0-9a-f]{40}", revision) else revision
