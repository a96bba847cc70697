"""Go, or No-Go? A benchmark harness for retrieval models, driven by pytest. This face is what plugins import."""

from harness.plugging.hookspecs import hookimpl
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec

__all__ = ["EmbedderSpec", "GTSourceSpec", "RerankerSpec", "RetrieverSpec", "hookimpl"]
__version__ = "0.1.0"
