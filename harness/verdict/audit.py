"""Whether a ground truth can say anything about a system: what was picked from its own results cannot."""

from __future__ import annotations

from collections.abc import Container

from harness.data.model import Provenance


def declared(provenance: Provenance, names: Container[str]) -> str:
    """Why no metric of a system under any of these names counts, as the provenance itself declares; "" where it may.

    `names` are the system's own and that of its first stage, which chose what a reranker may put in order. At or
    beyond the pool's depth recall and hit are constant by construction, below it they are inflated.
    """
    for pool in provenance.pools:
        if pool.system in names:
            return f"by construction: its candidates were picked from the first {pool.depth:,} of {pool.system} itself"
    return ""
