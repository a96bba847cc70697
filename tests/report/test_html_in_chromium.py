"""report.html in a real Chromium: on a phone, on paper, with a keyboard, and with an item that would run a script."""

import base64
import fcntl
import io
import json
import os
import select
import shutil
import signal
from collections import Counter
from contextlib import suppress

import pytest
from PIL import Image
from pypdf import PdfReader

from harness.report import html
from harness.report.blocks import Box, Bullets, Chapter, Command, Examples, Field, Figure, Manuscript, Section, Text
from harness.report.cases import Case, Cases, Place, Shown
from harness.report.drawing import Struck, Table
from harness.words import words

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--remote-debugging-pipe")  # fmt: skip
PATIENCE = 60
WIDTHS = (360, 768, 1280)
HOSTILE = "<script>flag = 1</script><img src=x onerror='flag = 2'><svg onload='flag = 3'></svg> $<img src=x onerror='flag=4'>$"
LONG = "qwen3-vl-2b-meanpool+hybrid-a0.5+qwen3-vl-reranker-2b-text"
UNBROKEN = "W" * 150

OVER = """[...document.querySelectorAll('body *')].filter(one => !one.closest('{}.passage > *, .chart > *, .album'))
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => one.outerHTML.slice(0, 90))"""
"""What reaches over the right edge."""


class Chromium:
    """A page of a browser that is spoken to through a pipe: https://chromedevtools.github.io/devtools-protocol/"""

    def __init__(self, program, profile):
        (theirs, self._in), (out, answers) = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in (theirs, answers)]
        moved = [(os.POSIX_SPAWN_DUP2, end, place) for place, end in enumerate(ends, start=3)]
        silent = [(os.POSIX_SPAWN_OPEN, place, os.devnull, os.O_WRONLY, 0) for place in (1, 2)]
        arguments = [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self._pid = os.posix_spawn(program, arguments, os.environ, file_actions=[*moved, *silent], setpgroup=0)
        for end in (theirs, answers, *ends):
            os.close(end)
        self._out, self._rest, self._count, self._session, self.events = out, b"", 0, {}, []
        page = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]}
        for domain in ("Page", "Network", "Log", "Runtime"):
            self(f"{domain}.enable")

    def __call__(self, method, **params):
        self._count += 1
        message = {"id": self._count, "method": method, "params": params, **self._session}
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while (answer := self._answer()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _answer(self):
        while b"\0" not in self._rest:
            assert select.select([self._out], [], [], PATIENCE)[0], "the browser does not answer"
            read = os.read(self._out, 1 << 20)
            assert read, "the browser is gone"
            self._rest += read
        answer, _, self._rest = self._rest.partition(b"\0")
        return json.loads(answer)

    def show(self, file, width=1280, scheme="light"):
        self("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
        self("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self("Page.navigate", url=file.as_uri())
        while not self.happened("Page.loadEventFired"):
            self.events.append(self._answer())

    def happened(self, *methods):
        return [event["params"] for event in self.events if event.get("method") in methods]

    def tell(self, expression):
        answer = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode={"Tab": 9, "Enter": 13}[key],
            )

    def printed(self):
        return PdfReader(io.BytesIO(base64.b64decode(self("Page.printToPDF", preferCSSPageSize=True)["data"])))

    def close(self):
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._in)
        os.close(self._out)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no Chromium on this machine")
    browser = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def example(text):
    file = io.BytesIO()
    Image.new("RGB", (320, 90), "red").save(file, "png")
    picture = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    shown = Shown("Q1", text, "latex", "p0123456789ab")
    place = Place("Q1", 1, 3, relevant=True)
    case = Case(LONG, "labels", 2, "recall@5", 0.0, "Q1", (place,) * 3, 2, (place,) * 3)
    return Examples(Cases((case, case), {"Q1": shown}, {"Q1": shown}, {"p0123456789ab": picture}))


def manuscript(language, item="지수법칙을 이용하여 $(x^{5})^n\\times x^{9}=x^{34}$을 푸시오."):
    """A report with everything that could be too wide, in the words of the language."""
    say = words(language)
    wide = (
        ("system", "role", *(f"recall@{k}" for k in range(15))),
        (LONG, "candidate", *[Struck("0.611 [0.555, 0.664]")] * 15),
    )
    decisions = ("GO", "CONDITIONAL", "NO-GO", "INCOMPLETE")
    boxes = tuple(Box(LONG, name, say(name), item, (item, UNBROKEN)) for name in decisions)
    chart = '<svg class="chart" viewBox="0 0 480 90" role="img"><text x="0" y="40">recall@5</text></svg>'
    blocks = (
        Text(say("Summary"), "lead"),
        Text(f"{item} {UNBROKEN}", "warning"),
        *boxes,
        Bullets((item, UNBROKEN), UNBROKEN),
        Command(f"pytest benchmarks -k '{UNBROKEN}'"),
        Figure(chart, UNBROKEN),
        Figure(chart, item),
        Table(UNBROKEN, wide[0], (wide[1],) * 70, labels=2, note=UNBROKEN),
        Table("", (LONG, UNBROKEN), ((UNBROKEN, f"{item} {UNBROKEN}"),), labels=2),
        example(item),
        example(f"${UNBROKEN}$ {UNBROKEN} $${'x+' * 60}x$$"),
        Field(say("Name"), item),
        Field(UNBROKEN),
    )
    chapters = ("Summary", blocks), ("Accuracy", blocks[-3:]), ("Appendix", blocks[:1])
    told = tuple(Chapter(say(name), (Section(say(name), held),)) for name, held in chapters)
    return Manuscript(f"{say('Summary')} {UNBROKEN}", language, told)


@pytest.fixture(scope="module", params=["ko", "en"])
def report(request, tmp_path_factory):
    file = tmp_path_factory.mktemp(request.param) / "report.html"
    file.write_text(html.page(manuscript(request.param)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def sheets(chromium, report):
    """The text of each page on paper, without spaces, printed from a dark screen."""
    chromium.show(report, scheme="dark")
    return ["".join(page.extract_text().split()) for page in chromium.printed().pages]


def said(report, sentence):
    """As `sheets` has it."""
    return "".join(words(report.parent.name[:2])(sentence).split())


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_never_wider_than_the_screen(chromium, report, width):
    chromium.show(report, width)
    assert chromium.tell("document.documentElement.scrollWidth") <= width
    assert chromium.tell("document.querySelector('.scroll').scrollWidth") > 800  # the wide table is, in its own frame


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_but_what_scrolls_reaches_over_the_edge(chromium, report, width):
    chromium.show(report, width)
    assert chromium.tell(OVER.format(".scroll > *, ")) == []


def test_the_browser_has_nothing_to_say_and_asks_for_nothing(chromium, report):
    chromium.show(report)
    assert chromium.happened("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown") == []
    asked = [event["request"]["url"] for event in chromium.happened("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]


def test_what_an_item_says_does_not_run_even_where_no_policy_forbids_it(chromium, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(html.page(manuscript("en", HOSTILE)), encoding="utf-8")
    chromium("Page.setBypassCSP", enabled=True)
    chromium.show(file)
    assert chromium.tell("typeof flag") == "undefined"
    assert chromium.tell("document.querySelectorAll('script, img').length") == 0
    assert "<script>flag = 1</script>" in chromium.tell("document.body.innerText")
    naked = file.with_name("naked.html")
    naked.write_text(
        html.page(manuscript("en", HOSTILE))
        .replace("&lt;script&gt;", "<script>")
        .replace("&lt;/script&gt;", "</script>")
    )
    chromium.show(naked)
    assert chromium.tell("typeof flag") == "number"  # this test can fail
    chromium("Page.setBypassCSP", enabled=False)
    chromium.show(naked)
    assert chromium.tell("typeof flag") == "undefined"  # the policy alone holds too


def test_korean_is_drawn_in_letters_of_its_own(chromium, report):
    """A machine without a Korean font draws the same empty box for every letter."""
    chromium.show(report)
    drawn = """[...'가힣읽값\\u{10fffd}'].map(letter => {
        const canvas = Object.assign(document.createElement('canvas'), {width: 60, height: 60})
        const context = canvas.getContext('2d')
        context.font = '40px ' + getComputedStyle(document.body).fontFamily
        context.fillText(letter, 5, 45)
        return canvas.toDataURL()
    })"""
    assert len(set(chromium.tell(drawn))) == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_as_light_as_it_is_asked_to_be(chromium, report, scheme):
    chromium.show(report, scheme=scheme)
    paper, ink = (
        sum(map(int, chromium.tell(f"getComputedStyle(document.body).{name}.match(/\\d+/g)")[:3]))
        for name in ("backgroundColor", "color")
    )
    assert (paper > ink) == (scheme == "light")


def test_tab_comes_to_the_skip_link_first_then_to_everything_that_can_be_used(chromium, report):
    chromium.show(report)
    chromium.press("Tab")
    assert chromium.tell("document.activeElement.className") == "skip"
    assert chromium.tell("document.activeElement.getBoundingClientRect().top") >= 0
    visited = Counter()
    while chromium.tell("document.activeElement !== document.body") and visited.total() < 100:
        visited[chromium.tell("document.activeElement.className || document.activeElement.localName")] += 1
        assert chromium.tell("getComputedStyle(document.activeElement).outlineStyle") != "none"
        chromium.press("Tab")
    del visited["passage"]  # a formula that is wider than its column
    assert visited == {"skip": 1, "a": 6, "scroll screen": 1, "scroll": 1, "summary": 6, "textarea": 4}


def test_the_skip_link_leads_past_the_contents(chromium, report):
    chromium.show(report)
    chromium.press("Tab")
    chromium.press("Enter")
    assert chromium.tell("document.activeElement.id") == "report"


def test_readers_hear_names_of_regions_lines_and_the_decision(chromium, report):
    chromium.show(report)
    chromium("Accessibility.enable")
    nodes = chromium("Accessibility.getFullAXTree")["nodes"]
    told = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if "role" in node]
    roles = Counter(role for role, _ in told)
    assert roles["main"] == roles["navigation"] == roles["banner"] == 1
    assert all(name for role, name in told if role in {"region", "textbox", "link", "article", "navigation"})
    say = words(report.parent.name[:2])
    assert ("article", f"{LONG}: {say('NO-GO')}") in told


def test_paper_has_several_pages_and_the_decisions_are_on_the_first(report, sheets):
    assert len(sheets) > 3
    assert all(said(report, name) in sheets[0] + sheets[1] for name in ("GO", "CONDITIONAL", "NO-GO", "INCOMPLETE"))


def test_chapters_begin_pages(report, sheets):
    """The number of the page is read before its text."""
    begun = [
        place
        for place, text in enumerate(sheets, 1)
        if text.startswith(f"{place}/{len(sheets)}3{said(report, 'Appendix')}")
    ]
    assert len(begun) == 1


def test_the_head_of_a_long_table_comes_again(sheets):
    assert sum("recall@0" in text for text in sheets) > 1


def test_what_is_folded_on_the_screen_is_there_on_paper(report, sheets):
    assert sum(text.count(said(report, "Retrieved")) for text in sheets) == 6


def test_paper_is_light_even_from_a_dark_screen(chromium, report):
    chromium.show(report)
    chromium("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert chromium.tell("getComputedStyle(document.body).color") == "rgb(27, 28, 30)"
    assert chromium.tell("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_is_a4_and_nothing_is_cut_off_at_the_right(chromium, report):
    chromium.show(report)
    printed = chromium.printed()
    assert [round(side) for side in printed.pages[0].mediabox[2:]] == [595, 842]
    chromium.show(report, 688)  # 182 mm between the margins, at 96 dots to the inch
    chromium("Emulation.setEmulatedMedia", media="print")
    assert chromium.tell(OVER.format("")) == []
