"""Memory measured in a process of its own: what other systems left behind in this one cannot be told apart from it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.errors import HarnessError, NotMeasured, PluginFailed
from harness.masking import masked_text
from harness.probes.memory import Memory

HOURS = 3600.0
LONGEST = 2 * HOURS


def ask(words: Sequence[str]) -> Memory:
    """What `python -m harness vram` with these words tells. Raises NotMeasured or PluginFailed in its words."""
    try:
        command = [sys.executable, "-m", "harness", "vram", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"the process that measured VRAM gave no answer within {LONGEST / HOURS:g} hours") from None
    return read(done.stdout, done.stderr, done.returncode)


def read(told: str, complaint: str, status: int) -> Memory:
    """The last line is the answer; a process that died without one (killed, say) is told by its last words."""
    lines = told.strip().splitlines()
    try:
        answer = json.loads(lines[-1])
        kind, content = answer["kind"], answer["content"]
        return _understood(kind, content)
    except (IndexError, KeyError, TypeError, ValueError):
        last = masked_text((complaint.strip().splitlines() or ["it said nothing"])[-1])
        raise PluginFailed(f"the process that measured VRAM ended with status {status}: {last}") from None


def _understood(kind: str, content: Any) -> Memory:
    if kind == "not measured":
        raise NotMeasured(str(content))
    if kind == "failed":
        raise PluginFailed(str(content))
    return Memory(**content)


def told(memory: Memory | HarnessError) -> str:
    """One line for `read`."""
    if isinstance(memory, HarnessError):
        kind = "not measured" if isinstance(memory, NotMeasured) else "failed"
        return json.dumps({"kind": kind, "content": str(memory)})
    return json.dumps({"kind": "measured", "content": asdict(memory)})
