"""The door to pytest: options, axes, fixtures, summary, exit status. No other room imports pytest."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError, NotMeasured
from harness.probes.latency import Drive, plain_loop
from harness.report.closing import Closing, close
from harness.report.gate import lets_through
from harness.report.recording import canary_rows
from harness.report.rows import Row, failure_row
from harness.session.memo import Memo
from harness.session.opening import NEIGHBOURS, Session, resolve
from harness.session.wishes import JUDGING, OPTIONS, Wishes
from harness.verdict.outcomes import Outcome

SESSION = pytest.StashKey[Session]()
PROBLEM = pytest.StashKey[HarnessError]()
MEMO = pytest.StashKey[Memo]()
ROWS = pytest.StashKey[list[Row]]()
AXES = {"system": "system", "timed_system": "timed_system", "candidate": "candidate, criterion",
        "player": "player, scenario"}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "retrieval benchmark: Go, or No-Go?")
    for flag, settings in {**OPTIONS, **JUDGING}.items():
        group.addoption(flag, **settings)
    group.addoption("--reports-dir", type=Path, metavar="DIR", help="where runs leave their reports (default: reports)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for the memo and an axis is a suite's; others may call their arguments as they like.

    Axes are strings only, resolved once: collecting imports no model, and a bad name is one line.
    """
    axis = next((name for name in AXES if {name, "memo"} <= set(metafunc.fixturenames)), None)
    if axis:
        session = _session(metafunc.config)
        values = list(session.values(axis)) if session else []
        metafunc.parametrize(AXES[axis].split(", "), values, ids=["/".join(value) for value in values])


def _session(config: pytest.Config) -> Session | None:
    """Resolved at the first suite collected; what is wrong is kept and raised once, when collection ends."""
    if SESSION not in config.stash and PROBLEM not in config.stash:
        try:
            wishes = Wishes.of(config.getoption, config.invocation_params.dir, config.rootpath)
            config.stash[SESSION] = resolve(wishes.judging(config.getoption))
        except HarnessError as error:
            config.stash[PROBLEM] = error
    return config.stash.get(SESSION, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One embedder after the other, so that one model at a time is enough; other people's tests keep their places."""
    if PROBLEM in config.stash:
        raise pytest.UsageError(str(config.stash[PROBLEM]))
    if (session := config.stash.get(SESSION, None)) is None:
        return
    places = [place for place, item in enumerate(items) if _system_of(item)]
    order = sorted((items[place] for place in places), key=lambda item: session.turn(_system_of(item), item.path.stem))
    for place, item in zip(places, order, strict=True):
        items[place] = item


def _system_of(item: pytest.Item) -> str:
    """The system an item is about; empty for tests that are not the harness's."""
    asked, call = set(getattr(item, "fixturenames", ())), getattr(item, "callspec", None)
    found = next((call.params[axis] for axis in AXES if call and {axis, "memo"} <= asked), "")
    return found if isinstance(found, str) else ""  # pytest marks an empty axis with an object of its own


def pytest_collection_finish(session: pytest.Session) -> None:
    """The dataset is read once, after selection: what is wrong with it is one line, not one per test."""
    config = session.config
    if SESSION not in config.stash or config.option.collectonly or not any(_system_of(item) for item in session.items):
        return
    try:
        config.stash[MEMO] = config.stash[SESSION].memo(NEIGHBOURS if hasattr(config, "workerinput") else "")
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def memo(pytestconfig: pytest.Config) -> Memo:
    """Everything measured in this session; ask, and it is measured."""
    return pytestconfig.stash[MEMO]


@pytest.fixture
def ground_truths(pytestconfig: pytest.Config) -> tuple[str, ...]:
    """The names of the ground truths in the grid."""
    return pytestconfig.stash[SESSION].ground_truths


@pytest.fixture
def record(request: pytest.FixtureRequest, memo: Memo) -> Any:
    """`record(rows)` keeps what the test found out for the reports; what the canary says stands in each of them."""
    rows = request.node.stash.setdefault(ROWS, list(canary_rows(memo, _system_of(request.node))))
    return rows.extend


@pytest.fixture
def drive(request: pytest.FixtureRequest) -> Drive:
    """Lets pytest-benchmark time each query as one round, so that its JSON, histogram and compare work."""
    if not request.config.pluginmanager.hasplugin("benchmark"):
        return plain_loop
    benchmark = request.getfixturevalue("benchmark")

    def through_benchmark(call: Any, queries: Any) -> None:
        waiting = iter(queries)
        benchmark.pedantic(call, setup=lambda: ((next(waiting),), {}), rounds=len(queries))

    return through_benchmark if benchmark.enabled else plain_loop  # disabled, it makes one call, which is no latency


@pytest.fixture
def gate(pytestconfig: pytest.Config) -> Callable[[Outcome], bool]:
    """Whether a criterion keeps the gate shut; without `--gate` there is none to keep."""
    asked, waivers = pytestconfig.getoption("--gate"), pytestconfig.stash[SESSION].config.waiver
    return lambda outcome: bool(asked) and not lets_through(asked, outcome, waivers, datetime.now(UTC).date())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """What is fetched tells its size and progress while it comes: in silence a download looks like a hang."""
    capture = item.config.pluginmanager.getplugin("capturemanager")
    aloud = capture and _system_of(item) and item.config.getoption("--download")
    with capture.global_and_fixture_disabled() if aloud else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield  # rows travel on it, as plain data, from whatever process ran the test
    error = call.excinfo.value if call.excinfo and _system_of(item) else None
    if isinstance(error, HarnessError):
        _say_in_one_line(report, item, error)
    if report.when == "call":
        report.harness_rows = item.stash.get(ROWS, [])
        if isinstance(error, HarnessError):
            report.harness_rows = [*report.harness_rows, failure_row(_system_of(item), error)]
    return report


def _say_in_one_line(report: Any, item: pytest.Item, error: HarnessError) -> None:
    """A user's mistake is no traceback, unless --tb asks for one; what cannot be measured is skipped, and says why."""
    if isinstance(error, NotMeasured):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"not measured: {error}")
    elif item.config.option.tbstyle not in ("long", "native"):
        report.longrepr = f"{error} ({place})" if (place := getattr(error, "place", "")) else str(error)


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Python 3.11 may stop where there is no line; pytest would fail to show it, and exit with 1 instead of 2."""
    excinfo.traceback = excinfo.traceback.filter(lambda entry: entry._rawentry.tb_lineno is not None)  # noqa: SLF001 (no other way)


class Ledger:
    """Collects the rows of all processes; at the end writes the reports, prints them, and sets the exit status."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: list[Row] = []
        self.closing: Closing | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.rows.extend(getattr(report, "harness_rows", []))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Also after Ctrl-C: what was measured is reported."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        asked = _session(self.config) if self.rows else self.config.stash.get(SESSION, None)
        if asked is None or hasattr(self.config, "workerinput") or self.config.option.collectonly:
            return
        command, here = ["pytest", *map(str, self.config.invocation_params.args)], self.config.invocation_params.dir
        reports = here / (self.config.getoption("--reports-dir") or self.config.rootpath / "reports")
        stopped = exitstatus == pytest.ExitCode.INTERRUPTED
        self.closing = close(asked, self.rows, reports, command, self.config.getoption("--gate"), stopped)
        if self.closing.broken and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.closing and self.closing.text:
            terminalreporter.section("Go, or No-Go?")
            terminalreporter.write_line(self.closing.text)
        for line in self.closing.broken if self.closing else ():
            terminalreporter.write_line(line, red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Ledger(config), "harness-ledger")
    # What cannot be timed is skipped, and says why.
    config.addinivalue_line("filterwarnings", "ignore:Benchmark fixture was not used")
    if not any(str(argument).startswith("--benchmark") for argument in config.invocation_params.args):
        config.option.benchmark_quiet = True  # our tables say the same in half the width; its JSON works as ever
