"""report.html: one page that needs nothing else, whatever its data says; everyone can read it."""

import io
import random
import re
from base64 import b64encode
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import get_args

import pytest
from PIL import Image

from harness.errors import BadData
from harness.report import html
from harness.report.blocks import (
    Block,
    Box,
    Bullets,
    Chapter,
    Command,
    Examples,
    Field,
    Figure,
    Manuscript,
    Section,
    Text,
)
from harness.report.cases import Case, Cases, Place, Shown
from harness.report.drawing import Struck, Table
from harness.words import TEMPLATES, words

VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
UNSEEN = {"style", "title"}
HOSTILE = (
    "\"'><script>flag()</script><img src=x onerror=flag()></textarea></style></title></pre><!-- <wbr> "
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; %(x)s {0} javascript:flag()"
)
SVG = '<svg class="chart" viewBox="0 0 9 9"><circle r="4"/></svg>'
PICTURE = "p0123456789ab"
WIDE = Table(
    "wide",
    ("system", "role", *(f"recall@{k}" for k in range(20))),
    (("bm25", "candidate", *["0.611 [0.555, 0.664]"] * 20),),
    2,
)


def png(width=4, height=3):
    rng, file = random.Random(width), io.BytesIO()
    image = Image.frombytes("RGB", (width, height), rng.randbytes(width * height * 3))
    image.save(file, "png")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def cases(
    query="Q1", text="text", category="latex", problem="", system="bm25", truth="labels", metric="recall@5",
    item="D1", picture=PICTURE, expected=True, retrieved=True, unlisted=0,
):  # fmt: skip
    case = Case(
        system, truth, 2, metric, 0.25, query,
        (Place(item, None, 3, relevant=True),) if expected else (), unlisted,
        (Place(item, 1, None, relevant=False),) if retrieved else (),
    )  # fmt: skip
    queries = {query: Shown(query, text, category, picture, problem)}
    return Cases((case,), queries, {item: Shown(item, text, category, picture, problem)}, {PICTURE: png()})


def box(system="bm25", decision="GO", word="GO", why="every criterion is met", sentence="it is"):
    return Box(system, decision, word, why, (sentence,))


def table(title="title", header="value", row="bm25", cell="0.5", note="note"):
    return Table(title, ("system", header), ((row, cell),), note=note)


FIELDS = {
    "text": Text,
    "lead": lambda text: Text(text, "lead"),
    "warning": lambda text: Text(text, "warning"),
    "a bullet": lambda text: Bullets((text,)),
    "the title of bullets": lambda text: Bullets(("x",), text),
    "a command": Command,
    "a caption": lambda text: Figure(SVG, text),
    "the label of a field": Field,
    "the value of a field": lambda text: Field("x", text),
    "the system of a box": lambda text: box(system=text),
    "the word of a box": lambda text: box(word=text),
    "why": lambda text: box(why=text),
    "a sentence of a box": lambda text: box(sentence=text),
    "the title of a table": lambda text: table(title=text),
    "the head of a column": lambda text: table(header=text),
    "the name of a row": lambda text: table(row=text),
    "a cell": lambda text: table(cell=text),
    "a struck cell": lambda text: table(cell=Struck(text)),
    "an interval": lambda text: table(cell=f"0.5 [{text}]"),
    "a note": lambda text: table(note=text),
    "a query's id": lambda text: Examples(cases(query=text)),
    "an item's id": lambda text: Examples(cases(item=text)),
    "an item's text": lambda text: Examples(cases(text=text)),
    "a category": lambda text: Examples(cases(category=text)),
    "why there is no picture": lambda text: Examples(cases(problem=text, picture="")),
    "the system of a case": lambda text: Examples(cases(system=text)),
    "the ground truth of a case": lambda text: Examples(cases(truth=text)),
    "the metric of a case": lambda text: Examples(cases(metric=text)),
}


class Page(HTMLParser):
    """What stands in a page; raises where an element is closed that is not open."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open, self.texts, self.comments = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data):
        self.comments.append(data)

    @property
    def text(self):
        return "".join(data for tag, data in self.texts if tag not in UNSEEN)

    def of(self, name):
        return [value for _, known, value in self.attributes if known == name]

    def within(self, tag):
        return [data for known, data in self.texts if known == tag]


def manuscript(*blocks, title="The title", chapter="The chapter", section="The section", language="en"):
    return Manuscript(title, language, (Chapter(chapter, (Section(section, blocks),)),))


def drawn(*blocks, **names):
    return Page(html.page(manuscript(*blocks, **names)))


@pytest.fixture(scope="module")
def whole():
    """All kinds of blocks, twice; the second chapter has an empty section, the third nothing at all."""
    blocks = tuple(make("words") for make in FIELDS.values())
    full = tuple(Section(f"part {n}", blocks) for n in range(2))
    chapters = Chapter("one", full), Chapter("two", (*full, Section("void", ()))), Chapter("three", ())
    return html.page(Manuscript("All of it", "en", chapters))


def test_every_kind_of_block_is_among_them():
    assert {type(make("x")) for make in FIELDS.values()} == set(get_args(Block))


def test_every_element_is_closed_where_it_was_opened_and_ids_are_unique(whole):
    page = Page(whole)
    assert page.open == [] and page.comments == []
    assert [name for name, count in Counter(page.of("id")).items() if count > 1] == []


def test_every_link_leads_somewhere_in_the_page(whole):
    page = Page(whole)
    links = [link for link in page.of("href") if not link.startswith("data:")]
    assert {link.removeprefix("#") for link in links} <= set(page.of("id")) and all(link[0] == "#" for link in links)
    assert links[0] == "#report"


def test_headings_are_in_order_and_the_first_is_the_only_one_of_its_level(whole):
    levels = [int(tag[1]) for tag in Page(whole).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and levels.count(2) == 3
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_are_there_once(whole):
    tags = Counter(Page(whole).tags)
    assert [tags[name] for name in ("header", "nav", "main")] == [1, 1, 1]


def test_the_contents_name_chapters_and_the_sections_that_hold_something(whole):
    contents = Page(whole[whole.index("<nav") : whole.index("</nav>") + 6]).text
    assert " ".join(contents.split()) == "1 one part 0 part 1 2 two part 0 part 1 3 three"


def test_a_chapter_without_anything_says_so(whole):
    assert Page(whole).text.count("Nothing in this run belongs here.") == 1


def test_the_page_asks_for_nothing_and_runs_nothing(whole):
    page = Page(whole)
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert page.of("src") == [] and not re.search(r"url\(|@import|https?:", whole)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert policy in page.of("content")
    assert whole.index("Content-Security-Policy") < whole.index("<style")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_says_its_language_its_width_and_its_title(language):
    page = drawn(language=language, title="A & B")
    assert ("html", "lang", language) in page.attributes
    assert ("meta", "content", "width=device-width, initial-scale=1") in page.attributes
    assert page.within("title") == ["A & B"] and page.within("h1") == ["A & B"]
    assert words(language)("Contents") in page.of("aria-label")


def test_every_sentence_of_the_templates_has_its_korean():
    texts = [path.read_text(encoding="utf-8") for path in (TEMPLATES / "report").rglob("*.jinja")]
    said = {sentence for text in texts for sentence in re.findall(r'say\("([^"]+)"', text)}
    assert len(said) > 15 and sorted(said - set(words("ko").table)) == []


@pytest.mark.parametrize("field", FIELDS)
def test_what_data_says_stays_text(field):
    harmless, page = drawn(FIELDS[field]("x")), drawn(FIELDS[field](HOSTILE))
    assert [tag for tag in page.tags if tag != "wbr"] == harmless.tags and page.open == [] and page.comments == []
    assert {name for _, name, _ in page.attributes} == {name for _, name, _ in harmless.attributes}
    assert HOSTILE in page.text


@pytest.mark.parametrize("name", ["title", "chapter", "section"])
def test_titles_stay_text_too(name):
    page = drawn(Text("x"), **{name: HOSTILE})
    assert page.tags == drawn(Text("x")).tags and HOSTILE in page.text


def test_a_decision_that_nobody_knows_is_no_class_of_its_own():
    page = drawn(box(decision=HOSTILE))
    assert "verdict incomplete" in page.of("class") and page.tags == drawn(box(decision="INCOMPLETE")).tags


@pytest.mark.parametrize("field", FIELDS)
def test_what_no_file_can_hold_is_left_out(field):
    page = html.page(manuscript(FIELDS[field]("a\x00b\x1bc\ud800d\u202ee\x85f")))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", page.encode().decode())


def test_the_same_manuscript_gives_the_same_page():
    one, two = (html.page(manuscript(*(make("words") for make in FIELDS.values()))) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("decision", "kind"),
    [("GO", "go"), ("CONDITIONAL", "conditional"), ("NO-GO", "no-go"), ("INCOMPLETE", "incomplete")],
)
def test_a_decision_is_a_word_and_a_shape_before_it_is_a_colour(decision, kind):
    page = html.page(manuscript(box(decision=decision, word="the word")))
    (shape,) = re.findall(r'<svg class="mark".*?</svg>', page, re.DOTALL)
    others = {"GO", "CONDITIONAL", "NO-GO", "INCOMPLETE"} - {decision}
    assert not any(shape in html.page(manuscript(box(decision=other))) for other in others)
    assert Page(page).text.count("the word") == 1 and f'class="verdict {kind}"' in page


def test_boxes_that_follow_each_other_stand_together():
    assert drawn(box(), box("two"), Text("x"), box("three")).of("class").count("verdicts") == 2


def test_numbers_are_told_from_words_and_rows_have_names():
    page = html.page(manuscript(Table("", ("system", "role", "recall"), (("bm25", "baseline", "0.5"),), 2)))
    assert '<th scope="row">bm25</th>' in page and "<td>baseline</td>" in page
    assert '<td class="figures">0.5</td>' in page and '<th scope="col" class="figures">recall</th>' in page


def test_a_table_can_be_scrolled_with_a_keyboard_under_a_name():
    assert '<div class="scroll" role="region" tabindex="0" aria-label="title">' in html.page(manuscript(table()))
    assert 'tabindex="0" aria-label="The section">' in html.page(manuscript(table(title="")))


def test_an_interval_stands_apart_from_its_value_and_what_is_struck_says_so():
    page = html.page(manuscript(table(cell=Struck("0.993 [0.990, 1.000]"))))
    struck = '<s>0.993 <span class="interval">[0.990, 1.000]</span></s><span class="unseen"> (does not count)</span>'
    assert struck in page and "does not count" not in html.page(manuscript(table()))


def test_a_wide_table_is_there_once_for_the_screen_and_in_sheets_for_paper():
    page = html.page(manuscript(WIDE))
    assert page.count('class="scroll screen"') == 1 and page.count('class="sheet"') > 1
    screen, *sheets = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    columns = [re.findall(r'<th scope="col".*?>(.*?)</th>', part) for part in (screen, *sheets)]
    assert [name for part in columns[1:] for name in part[1:]] == columns[0][1:]
    assert all(part[0] == "system" for part in columns)
    assert "sheet" not in Page(html.page(manuscript(table()))).of("class")


def test_a_line_to_fill_in_has_its_label_around_it():
    page = html.page(manuscript(Field("Name", "Kim <b>")))
    assert re.search(r"<label><span>Name</span><textarea [^>]*>Kim &lt;b&gt;</textarea></label>", page)


def test_commands_are_kept_to_the_letter():
    line = "pytest -k 'a and n = 5 >= 3'\n--x  95 %"
    assert drawn(Command(line)).within("code") == [line]


def test_lines_do_not_break_within_a_number_and_its_sign():
    assert "n\xa0=\xa0100, needs >=\xa00.5, 95\xa0%, 8\xa0GiB, 200\xa0ms, in 5 minutes" in drawn(
        Text("n = 100, needs >= 0.5, 95 %, 8 GiB, 200 ms, in 5 minutes")
    ).text  # fmt: skip


def test_long_names_may_go_on_in_the_next_line():
    assert "bm25+<wbr>lexical" in html.page(manuscript(box(system="bm25+lexical")))


def test_a_chart_is_drawn_and_one_that_could_not_be_is_not_mentioned():
    page = html.page(manuscript(Figure(SVG, "shown"), Figure("", "not shown")))
    assert SVG in page and "not shown" not in page


def test_a_case_shows_the_query_beside_what_was_expected_and_what_came():
    text = " ".join(drawn(Examples(cases(unlisted=3))).text.split())
    assert "Q1 · latex · recall@5 on labels: 0.250" in text
    expected, retrieved = text[text.index("Expected") :].split("Retrieved")
    assert "not found · D1 · grade 3" in expected and "and 3 more" in expected
    assert "rank 1 · D1 · not relevant · not judged" in retrieved


def test_a_query_that_nothing_answered_says_so():
    assert "nothing" in drawn(Examples(cases(retrieved=False))).text
    assert "nothing" not in drawn(Examples(cases())).text


def test_formulas_are_drawn_and_what_an_item_calls_markup_is_not():
    page = drawn(Examples(cases(text=r"$x^2$ <math>")))
    assert page.tags.count("math") == 4 and "<math>" in page.text  # the query is there in short and in full


def test_a_picture_is_in_the_page_once_and_is_shown_wherever_it_belongs():
    page = html.page(manuscript(Examples(cases()), Examples(cases(query="Q2"))))
    assert page.count("data:image/") == 1 and page.count(f'<use href="#{PICTURE}"/>') == 6
    assert page.count('viewBox="0 0 4 3"') == 7 and 'aria-label="the picture of D1"' in page


def test_a_picture_that_is_none_is_refused():
    broken = Cases((), {}, {}, {"p000000000000": "data:image/png;base64,AAAA"})
    with pytest.raises(BadData, match=r"^the picture 'p000000000000' of the error cases cannot be read$"):
        html.page(manuscript(Examples(broken)))


def test_a_large_report_stays_below_three_megabytes():
    cell = "0.611 [0.555, 0.664]"
    header = ("system", "role", *(f"recall@{k}" for k in range(15)))
    rows = tuple((f"char-hashing+hybrid-a0.{n}+lexical", "candidate", *[cell] * 15) for n in range(25))
    tables = [Table(f"accuracy on {n}", header, rows, labels=2) for n in range(12)]
    uris = {f"p{n:012x}": png(100 + n, 150) for n in range(22)}
    assert 1_300_000 < sum(map(len, uris.values())) < 1_600_000
    text = "지수법칙을 이용하여 다음 식을 만족시키는 자연수 $n$의 값을 구하시오. $(x^{5})^n\\times x^{9}=x^{34}$ " * 4
    shown = {name: Shown(name, text, "latex", name) for name in uris}
    places = tuple(Place(name, 1, 2, relevant=True) for name in list(uris)[:5])
    many = tuple(
        Case(f"s{n // 5}", "labels", 2, "recall@5", 0.1, "p000000000000", places, 0, places) for n in range(25)
    )
    page = html.page(manuscript(*tables, Examples(Cases(many, shown, shown, uris))))
    assert 2_000_000 < len(page.encode()) < 3_000_000


def themes():
    """Custom property -> colour, for light and for dark."""
    style = (TEMPLATES / "report" / "page.css").read_text(encoding="utf-8")
    light, dark, *_ = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": colours[0], "dark": colours[0] | colours[1]}


def luminance(colour):
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_letters_can_be_read_on_every_paper_it_stands_on(theme):
    colours = themes()[theme]
    boxes = [
        (ink, f"{tone}-paper") for tone in ("go", "conditional", "no-go", "incomplete") for ink in (tone, "ink", "soft")
    ]
    pairs = [*boxes, *((ink, paper) for ink in ("ink", "soft", "focus") for paper in ("paper", "raised"))]
    for ink, paper in pairs:
        low, high = sorted(luminance(colours[name]) for name in (ink, paper))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)
    assert (luminance(colours["paper"]) > 0.5) == (theme == "light")
