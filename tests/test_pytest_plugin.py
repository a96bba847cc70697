"""The door to pytest, from outside: real sessions in a folder of a user's."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from toys import Project

from harness.report import folder, stored
from harness.words import words

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "NO_COLOR": "1"}


class Session:
    """A project with suites, and what pytest said of it."""

    def __init__(self, project: Project) -> None:
        self.project, self.folder = project, project.folder
        project.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "benchmarks", self.folder / "benchmarks")
        (self.folder / "conftest.py").write_text('pytest_plugins = ("harness.pytest_plugin",)\n')
        (self.folder / "pytest.ini").write_text("[pytest]\n")

    def run(self, *args: str, status: int = 0) -> str:
        """The output of `pytest benchmarks/ ARGS`, which must end with `status`."""
        self.project.write()
        done = subprocess.run(self.command(*args), cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "pytest", "benchmarks/", "-p", "no:cacheprovider", *args]

    @property
    def report(self) -> Path:
        return self.folder / "reports" / "latest"

    def systems(self, name: str = "accuracy.csv", column: str = "system") -> set[str]:
        with (self.report / name).open(encoding="utf-8") as lines:
            return {row[column] for row in csv.DictReader(lines)}


@pytest.fixture
def session(project: Project) -> Iterator[Session]:
    project.toml += '\n[[reranker]]\nname = "deep"\nuses = "longest"\ndepth = 5\n'
    return Session(project)


def test_a_plain_run_measures_judges_and_leaves_its_reports(session: Session) -> None:
    out = session.run()
    assert "letters+dot+longest" in out
    verdicts = json.loads((session.report / "verdicts.json").read_text(encoding="utf-8"))
    assert {verdict["decision"] for verdict in verdicts["verdicts"]} <= {"GO", "CONDITIONAL", "NO-GO", "INCOMPLETE"}
    assert session.systems() == {"words", "words+longest", "letters+dot", "letters+dot+longest"}
    assert (session.report / "runs").is_dir()
    assert str(ROOT) not in (session.report / "report.md").read_text(encoding="utf-8")


def test_k_selects_by_system_name(session: Session) -> None:
    session.run("-k", "dot and not longest")
    assert session.systems() == {"letters+dot"}


def test_any_single_test_runs_alone_and_pulls_what_it_needs(session: Session) -> None:
    session.project.policy += (
        '\n[[criterion]]\nid = "against"\nmetric = "recall@3"\nground_truth = "labels"\n'
        'baseline = "letters+dot"\ngo = "-100 %"\n'
    )
    out = session.run("-k", "go_nogo and words/against")
    assert "1 passed" in out


def test_collecting_imports_nothing_heavy(session: Session) -> None:
    (session.folder / "conftest.py").write_text(
        'import sys\npytest_plugins = ("harness.pytest_plugin",)\n'
        "def pytest_unconfigure():\n"
        "    heavy = {'torch', 'sklearn', 'scipy.stats', 'bm25s', 'mecab_ko', 'transformers'} & set(sys.modules)\n"
        "    print('HEAVY', sorted(heavy))\n"
    )
    out = session.run("--collect-only", "-q")
    assert "HEAVY []" in out
    assert not (session.folder / "reports").exists()


GATE = [
    ("20 %", [], 0, "2 passed"),
    ("20 %", ["--gate"], 0, "2 passed"),
    ("50 %", [], 0, "1 passed, "),
    ("50 %", ["--gate"], 1, "mrr on labels is 0.500 (n = 4, at least 0.205): unproven, needs >= 0.500"),
    ("50 %", ["--gate=go"], 1, "gate: not GO: words+longest (CONDITIONAL)"),
    ("50 %", ["--gate=unproven"], 0, "1 xfailed"),
    ("50 %", ["--gate", "--point-estimates"], 0, "2 passed"),
    ("99 %", [], 0, "1 xfailed"),
    ("99 %", ["--gate"], 1, "mrr on labels is 0.500"),
    ("99 %", ["--gate", "unproven"], 1, "gate: not GO or merely unproven: words+longest (CONDITIONAL)"),
    ("99 %", ["--gate", "--point-estimates"], 1, "mrr on labels is 0.500 (n = 4): unmet, needs >= 0.990"),
]


def _harder(session: Session, go: str) -> None:
    """The longest of the shared words is not the most alike: words+longest has an MRR of 0.5 from grade 2 on."""
    session.project.policy = session.project.policy.replace(
        'metric = "recall@3"\nground_truth = "labels"\ngo = "50 %"',
        f'metric = "mrr"\nground_truth = "labels"\nrelevance = 2\ngo = "{go}"',
    )


JUDGING = "go_nogo and words+longest"


@pytest.mark.parametrize(("go", "args", "status", "said"), GATE)
def test_only_the_gate_turns_what_is_not_met_red(
    session: Session, go: str, args: list[str], status: int, said: str
) -> None:
    _harder(session, go)
    out = session.run(*args, "-k", JUDGING, status=status)
    assert said in out


def test_a_gate_before_a_path_is_one_clear_line(session: Session) -> None:
    session.project.write()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--gate", "benchmarks/"]
    done = subprocess.run(command, cwd=session.folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    told = "'benchmarks/' is no gate: write --gate last, --gate=go or --gate=unproven"
    assert [line for line in (done.stdout + done.stderr).splitlines() if told in line]
    assert "Traceback" not in done.stdout + done.stderr


WAIVER = """
[[waiver]]
id = "W-1"
criterion = "recall"
system = "words+longest"
owner = "kim"
reason = "for the pilot only"
expires = 2999-01-31
"""


def _decisions(session: Session) -> dict[str, str]:
    told = json.loads((session.report / "verdicts.json").read_text(encoding="utf-8"))
    return {verdict["system"]: verdict["decision"] for verdict in told["verdicts"]}


@pytest.mark.parametrize("go", ["50 %", "99 %"])
def test_a_waiver_opens_the_gate_and_never_changes_the_verdict(session: Session, go: str) -> None:
    _harder(session, go)
    session.run("-k", JUDGING)
    before = _decisions(session)
    session.project.toml += WAIVER
    out = session.run("--gate", "-k", JUDGING)
    assert "1 passed" in out and "1 xfailed" in out
    assert "waived: recall of words+longest, for which kim answers until 2999-01-31" in " ".join(out.split())
    assert "gate: open" in out
    assert before == _decisions(session) == {"words+longest": "CONDITIONAL"}
    report = (session.report / "report.md").read_text(encoding="utf-8")
    assert "for the pilot only" in report and "2999-01-31" in report


FAULTY_WAIVERS = [
    ("50 %", ("2999-01-31", "2020-01-31"), "gate: waiver 'W-1' of kim expired on 2020-01-31"),
    ("20 %", ("", ""), "gate: waiver 'W-1' of kim is not used: recall of words+longest is met"),
    ("20 %", ('"words+longest"', '"words+long"'), "gate: waiver 'W-1' of kim is not used: words+long is no candidate"),
    ("20 %", ('"recall"', '"recal"'), "gate: waiver 'W-1' of kim is not used: the policy has no criterion recal"),
]


@pytest.mark.parametrize(("go", "change", "said"), FAULTY_WAIVERS)
def test_an_expired_or_unused_waiver_closes_the_gate(
    session: Session, go: str, change: tuple[str, str], said: str
) -> None:
    _harder(session, go)
    session.project.toml += WAIVER.replace(*change)
    assert said in session.run("--gate", "-k", JUDGING, status=1)
    assert said.partition("of kim ")[2] in (session.report / "report.md").read_text(encoding="utf-8")
    session.run("-k", JUDGING)  # without a gate there is nothing to close


def test_a_waiver_that_nobody_owns_is_a_users_mistake(session: Session) -> None:
    session.project.toml += WAIVER.replace('owner = "kim"\n', "")
    out = session.run("--gate", status=4)
    assert out.count("waiver[1].owner: is missing") == 1
    assert "Traceback" not in out


def test_point_estimates_are_judged_and_every_report_says_so(session: Session) -> None:
    _harder(session, "50 %")
    session.run("-k", JUDGING)
    pages = [path for path in session.report.glob("report.*") if path.suffix in (".md", ".html")]
    assert not [page for page in pages if "Judged by point estimates" in page.read_text(encoding="utf-8")]
    assert _decisions(session) == {"words+longest": "CONDITIONAL"}
    out = session.run("-k", JUDGING, "--point-estimates")
    assert "verdicts by point estimates alone under policy letters" in out
    assert _decisions(session) == {"words+longest": "GO"}
    pages = [path for path in session.report.glob("report.*") if path.suffix in (".md", ".html")]
    assert pages
    assert all("Judged by point estimates" in page.read_text(encoding="utf-8") for page in pages)


def test_a_report_may_be_asked_for_in_korean(session: Session) -> None:
    session.run("-k", JUDGING, "--report-language", "ko")
    assert (
        (session.report / "report.md").read_text(encoding="utf-8").startswith(f"# {korean_title('bank', 'letters')}\n")
    )


def korean_title(dataset: str, policy: str) -> str:
    return words("ko")("Go, or No-Go? {dataset} under policy {policy}", dataset=dataset, policy=policy)


def test_what_a_run_left_is_read_back_and_its_pages_are_the_same_again(session: Session) -> None:
    session.run("-k", "words")
    kept = stored.read(session.report)
    assert {row.system for row in kept.results.measurements} == {"words", "words+longest"}
    assert any(row.bounds and row.bounds.at_most == inf for row in kept.results.measurements), (
        "twenty calls bound no p95"
    )
    for name, text in folder.pages(kept).items():
        assert (session.report / name).read_bytes() == text.encode(), name


def test_a_red_gate_stands_in_junit_with_its_reason(session: Session) -> None:
    _harder(session, "99 %")
    session.run("--gate", "-k", "words+longest", "--junitxml", "out.xml", status=1)
    failures = ET.parse(session.folder / "out.xml").findall(".//failure")
    assert len(failures) == 1
    assert "needs >= 0.990" in failures[0].get("message", "")


def test_a_gate_without_a_judged_candidate_is_red(session: Session) -> None:
    out = session.run("--gate", "-k", "test_accuracy", status=1)
    assert "gate: no candidate was judged, so nothing can be GO" in out


def test_a_gate_over_a_part_of_the_criteria_is_red(session: Session) -> None:
    out = session.run("--gate", "-k", "words/stability", status=1)
    assert "gate: not GO: words (INCOMPLETE)" in out
    assert "not measured: recall@3: not asked in this run" in out


def test_what_is_not_measured_never_passes(session: Session) -> None:
    session.project.policy += '\n[[criterion]]\nid = "vram"\nmetric = "vram-device"\ngo = "8 GiB"\n'
    out = session.run("--gate", "-k", "words and not longest", status=1)
    assert "INCOMPLETE" in out
    assert "vram-device:" in out


BAD_INPUT = [
    ("toml", 'retrievers = ["words", "dot"]', 'retrievers = ["word", "dot"]', "unknown retriever 'word'. Did you mean 'words'?"),
    ("toml", "[grid]", "[grid]\nembeders = []", "unknown key 'embeders'. Did you mean 'embedders'?"),
    ("toml", 'dataset = "bank"', 'dataset = "bnak"', "unknown item bank 'bnak'. Did you mean 'bank'?"),
    ("toml", 'criteria = "criteria.toml"', 'criteria = "critera.toml"', "unknown criteria file 'critera.toml'"),
    ("policy", 'metric = "stability"', 'metric = "stabilty"', "Did you mean 'stability'?"),
    ("policy", 'metric = "stability"\ngo = "100 %"', 'metric = "latency-p95"\ngo = 200', "'200' has no unit"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "bad", "said"), BAD_INPUT)
def test_a_users_mistake_is_one_line_and_a_usage_error(
    session: Session, file: str, good: str, bad: str, said: str
) -> None:
    text = getattr(session.project, file)
    assert good in text
    setattr(session.project, file, text.replace(good, bad))
    out = session.run(status=4)
    assert out.count(said) == 1
    assert "Traceback" not in out
    assert "Error" not in out.replace("ERROR:", "")


def test_a_missing_configuration_says_how_to_get_one(session: Session) -> None:
    out = session.run("--harness-toml", "absent.toml", status=4)
    assert "absent.toml does not exist; `python -m harness init` writes one" in out


def test_broken_data_is_one_line_with_its_place(session: Session) -> None:
    session.project.write()
    elsewhere = session.folder / "broken"
    shutil.copytree(session.folder / "bank", elsewhere)
    with (elsewhere / "corpus.jsonl").open("a") as lines:
        lines.write('{"_id": "d0", "text": "again"}\n')
    out = session.run("--dataset", "broken", status=4)
    assert "'d0'" in out
    assert "Traceback" not in out


BROKEN = [
    ("import", "raise RuntimeError('no licence')\n"),
    ("registration", "from harness import hookimpl\n@hookimpl\ndef harness_register_embeders():\n    return []\n"),
]


@pytest.mark.parametrize(("moment", "source"), BROKEN)
def test_a_broken_plugin_costs_one_line_and_the_exit_status(session: Session, moment: str, source: str) -> None:
    session.project.plugins["broken.py"] = source
    out = session.run("-k", "words and not longest", status=1)
    assert f"plugin plugins/broken.py failed at {moment}" in out or f"broken.py failed at {moment}" in out
    assert session.systems() == {"words"}


FAULTS = [
    ("build", "def build():\n    raise RuntimeError('no weights')\n", "failed at build: RuntimeError: no weights"),
    ("encode", "class build(Letters):\n    def encode_document(self, inputs):\n        raise RuntimeError('out of luck')\n", "failed at encode_document: RuntimeError: out of luck"),
    ("nan", "class build(Letters):\n    def encode_document(self, inputs):\n        return super().encode_document(inputs) * float('nan')\n", "returned NaN or infinity for 'd7'"),
    ("shape", "class build(Letters):\n    def encode_document(self, inputs):\n        return super().encode_document(inputs)[:-1]\n", "returned shape [7, 8] for 8 inputs"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "said"), FAULTS)
def test_a_faulty_embedder_fails_its_own_systems_only(session: Session, name: str, source: str, said: str) -> None:
    session.project.plugins["faulty.py"] = (
        f"from harness import EmbedderSpec, hookimpl\nfrom toys import Letters\n{source}\n"
        "@hookimpl\ndef harness_register_embedders():\n"
        "    return [EmbedderSpec('faulty', build, on_device=False)]\n"
    )
    session.project.toml = session.project.toml.replace('["letters"]', '["letters", "faulty"]')
    out = session.run("-k", "dot and not longest", status=1)
    assert said in out
    assert "Traceback" not in out
    assert session.systems() == {"letters+dot"}
    decisions = json.loads((session.report / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    assert {v["system"]: v["decision"] for v in decisions}["faulty+dot"] == "INCOMPLETE"
    if "failed at" in said:
        assert "(faulty.py:" in out, "the author's own line"
        assert "Traceback" in session.run("-k", "faulty+dot and accuracy and not longest", "--tb", "native", status=1)


def test_a_reranked_run_says_nothing_beyond_its_depth(session: Session) -> None:
    session.run("-k", "words")
    with (session.report / "accuracy.csv").open(encoding="utf-8") as lines:
        values = {
            (row["system"], row["metric"]): row["value"] for row in csv.DictReader(lines) if row["stratum"] == "all"
        }
    assert values["words+longest", "recall@3"] != ""
    assert values.get(("words+longest", "recall@5"), "") == ""
    assert values["words", "recall@5"] != ""


def test_under_xdist_accuracy_is_the_same_and_timing_is_refused(session: Session) -> None:
    pytest.importorskip("xdist")
    session.run("-k", "test_accuracy or test_scenarios")
    alone = (session.report / "accuracy.csv").read_text(encoding="utf-8")
    out = session.run("-n", "2")
    assert sorted(alone.splitlines()) == sorted(
        (session.report / "accuracy.csv").read_text(encoding="utf-8").splitlines()
    )
    assert "timing under xdist" in session.run("-n", "2", "-rs", "-k", "test_latency")
    assert "Go, or No-Go?" in out


def test_after_ctrl_c_what_was_measured_is_reported(session: Session) -> None:
    session.project.plugins["slow.py"] = (
        "import time\nfrom harness import EmbedderSpec, hookimpl\nfrom toys import Letters\n"
        "class Slow(Letters):\n    def encode_document(self, inputs):\n"
        "        print('SLOW', flush=True)\n        time.sleep(60)\n"
        "@hookimpl\ndef harness_register_embedders():\n    return [EmbedderSpec('slow', Slow, on_device=False)]\n"
    )
    session.project.toml = session.project.toml.replace('["letters"]', '["letters", "slow"]')
    session.project.write()
    process = subprocess.Popen(
        session.command("-s", "-k", "test_accuracy"), cwd=session.folder, env=ENVIRONMENT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "SLOW" in line:
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, "".join(seen) + rest
    assert {"words", "letters+dot"} <= session.systems()
    assert "INTERRUPTED: what this run did not reach" in (session.report / "report.md").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_loses_nothing(session: Session) -> None:
    (session.folder / "file").parent.mkdir(exist_ok=True)
    (session.folder / "file").write_text("not a folder")
    out = session.run("--reports-dir", "file/reports", "-k", "words and not longest", status=1)
    assert "reports were not written" in out
    assert "recall@5" in out or "recall@3" in out


def test_other_peoples_tests_are_left_alone(session: Session) -> None:
    (session.folder / "benchmarks" / "test_other.py").write_text("def test_mine():\n    assert True\n")
    out = session.run("-k", "test_mine", "--harness-toml", "harness.toml")
    assert "1 passed" in out
    assert not (session.folder / "reports").exists()


def test_without_the_suites_the_plugin_is_silent(session: Session) -> None:
    (session.folder / "test_own.py").write_text("def test_mine():\n    assert True\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "test_own.py", "-p", "no:cacheprovider"],
        cwd=session.folder, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "Go, or No-Go" not in done.stdout


def test_our_options_stand_in_one_group_of_the_help(session: Session) -> None:
    out = session.run("--help")
    group = out[out.index("retrieval benchmark: Go, or No-Go?") :]
    for option in ("--gate", "--dataset", "--criteria", "--plugins-dir", "--harness-toml", "--reports-dir"):
        assert option in group


def test_without_candidates_everything_is_shown_and_nobody_is_judged(session: Session) -> None:
    session.project.toml = session.project.toml.replace("[grid]", "[grid]\ncandidates = []")
    out = session.run()
    assert "no verdict: no criterion was judged in this run (there is no candidate" in out
    assert "letters+dot" in session.systems()


def test_a_selection_that_leaves_nothing_says_what_there_would_have_been(session: Session) -> None:
    out = session.run("-k", "lettres", status=5)
    assert "nothing was measured. Systems in the grid: words, " in out


def test_the_canary_is_heard_in_every_report(session: Session) -> None:
    session.project.toml = session.project.toml.replace('["words", "dot"]', '["bm25-whitespace", "dot"]')
    session.run("-k", "bm25-whitespace and throughput")
    assert "cannot read Korean and formulas" in (session.report / "report.md").read_text(encoding="utf-8")


def test_without_pytest_benchmark_latency_is_measured_all_the_same(session: Session) -> None:
    out = session.run("-k", "test_latency and words", "-p", "no:benchmark")
    assert "2 passed" in out


def test_a_secret_in_an_error_reaches_no_artefact(session: Session) -> None:
    session.project.plugins["leaky.py"] = (
        "from harness import EmbedderSpec, hookimpl\n"
        "def build():\n    raise RuntimeError('401 from https://me:hunter22@host/ with token=hf_abcdefghijklmnopqrstuv')\n"
        "@hookimpl\ndef harness_register_embedders():\n    return [EmbedderSpec('leaky', build, on_device=False)]\n"
    )
    session.project.toml = session.project.toml.replace('["letters"]', '["letters", "leaky"]')
    out = session.run("-k", "dot and accuracy and not longest", status=1)
    written = "".join(p.read_text("utf-8") for p in session.report.rglob("*") if p.is_file())
    assert "401 from https://***@host/" in written
    assert not {word for word in ("hunter22", "hf_abcdef") if word in out + written}
