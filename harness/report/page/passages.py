"""Passages: an item's text as safe HTML, its formulas as MathML; nothing an item says can become markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

LONGEST = 2_000
"""Characters of one formula; a longer one is shown as its source, for the time to read it grows with its square."""

DEEPEST = 60
"""Elements inside one another; a formula that a person can read needs a dozen."""

# Every alternative ends where its own opening sign comes again, so that a text full of openings and without a
# closing one is still read in one pass.
_FORMULA = re.compile(
    r"""
    \\[\\$]                                                                                # no delimiters
    | \$\$ (?P<dollars> (?: [^$\\] | \\. )++ ) \$\$
    | \\\[ (?P<brackets> (?: [^\\] | \\[^\[\]] )++ ) \\\]
    | \\\( (?P<parens> (?: [^\\] | \\[^()] )++ ) \\\)
    | \$ (?!\s) (?P<dollar> (?: [^$\\\n] | \\. | \n(?!\n) )++ ) (?<!\s) \$ (?!\d)
    """,
    re.DOTALL | re.VERBOSE,
)

_DISPLAYED = frozenset({"dollars", "brackets"})

# Line ends apart, what HTML forbids in a text: control characters, halves of pairs, characters that are none.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_LIBRARY_CHARACTER = re.compile("&#x([0-9A-Fa-f]+);")

# Macros can double at every step: 2,000 characters would keep a machine busy for ever.
_MACRO = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)(?![A-Za-z])")

_BAR, _PERIOD = "&#x02015;", "&#x0002E;"
"""As the library writes them: over the whole of AB the bar has to stretch, which few fonts let it do."""

_LEAVES = frozenset({"mi", "mn", "mo", "mtext", "mspace"})

_CHILDREN: Mapping[str, int | None] = MappingProxyType(
    dict.fromkeys(("mrow", "mstyle", "mpadded", "mphantom", "msqrt", "mtable", "mtr", "mtd"))
    | dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2)
    | dict.fromkeys(("msubsup", "munderover"), 3)
)
"""The elements that hold others, and how many; None where any number may be."""

# Below ten letters' widths: whatever an item says, it moves nothing over another part of the page.
_LENGTH = r"(?:[+-]?(?:\d?(?:\.\d+)?(?:em|ex|width)?|\d\d?(?:px|pt))|(?:negative)?(?:thin|medium|thick)mathspace)"
_LINE = "(?:none|solid|dashed)"

_VALUES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        name: re.compile(pattern)
        for names, pattern in (
            ("accent displaystyle fence largeop movablelimits separator stretchy", "true|false"),
            ("depth height lspace rspace voffset width", _LENGTH),
            ("linethickness mathsize maxsize minsize", _LENGTH),
            ("columnspacing rowspacing", f"{_LENGTH}(?: {_LENGTH})*"),
            ("columnlines rowlines", f"{_LINE}(?: {_LINE})*"),
            ("columnalign", "left|center|right"),
            ("form", "prefix|infix|postfix"),
            ("mathvariant", "normal|bold|italic|bold-italic|monospace|sans-serif"),
            ("class", "box|line"),
            ("scriptlevel", "[0-2]"),
        )
        for name in names.split()
    }
)
"""The attributes that may stand, and what they may say. Colours are not among them: a page may be dark."""

_MENDED = (
    (re.compile(r"(?<!\\)%"), r"\\%"),  # to TeX the rest of the line is a comment; in an item "20%" is a share
    (re.compile(r"\\mathrm\{([A-Za-z])\}"), r"\\mathrm{{\1}}"),  # the library forgets that one letter is upright
    (re.compile(r"\\(begin|end)\{aligned\}"), r"\\\1{split}"),  # and knows this by its other name only
)


def passage(text: str) -> Markup:
    r"""The text with its formulas as MathML, line breaks as <br>, and everything else escaped.

    A formula stands between `$` and `$` or `\(` and `\)`; between `$$` and `$$` or `\[` and `\]` it has lines of
    its own. As in pandoc, a `$` opens one only right before something and closes one only right after something
    and before no digit, so that "$5 and $6" or "US$5-US$6" stays a price; such a `$` is a plain character.
    What cannot be converted safely is shown as its source: <code class="tex">.
    """
    text = _clean(text)
    pieces, end = Markup(), 0
    for found in _FORMULA.finditer(text):
        if found.lastgroup:
            pieces += _plain(text[end : found.start()]) + _formula(found, found.lastgroup)
            end = found.end()
    return pieces + _plain(text[end:])


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def _plain(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def _formula(found: re.Match[str], kind: str) -> Markup:
    """MathML, or else the source with its delimiters."""
    # The library raises IndexError, StopIteration, RecursionError and errors of a dozen names of its own.
    with suppress(Exception):
        return _mathml(found[kind], "block" if kind in _DISPLAYED else "inline")
    return Markup('<code class="tex">{}</code>').format(_plain(found[0]))


def _mathml(tex: str, display: str) -> Markup:
    """<math> with the source as `alttext`. Raises whatever the library raises, ValueError for what is not allowed.

    Only the library's tree is used: its own text of it undoes the escaping, and would hand out an item's tags.
    """
    if len(tex) > LONGEST or _MACRO.search(tex):
        raise ValueError("a formula too long, or one that defines macros")
    tree = convert_to_element(_mended(tex), display=display)
    for element in tree.iter():
        _adapt(element)
    content = _children(tree, DEEPEST)
    return Markup('<math display="{}" alttext="{}">{}</math>').format(display, tex, content)


def _mended(tex: str) -> str:
    for pattern, replacement in _MENDED:
        tex = pattern.sub(replacement, tex)
    return tex


def _adapt(element: Element) -> None:
    """What browsers draw badly or not at all becomes what passages.css draws."""
    if element.tag in {"mover", "munder"} and len(element) == 2 and element[1].text == _BAR:
        element.set("class", "line")
    elif element.tag == "menclose" and element.get("notation") == "box":
        element.tag, element.attrib = "mrow", {"class": "box"}
    elif element.tag == "mo" and element.text == _PERIOD:
        element.attrib |= {"lspace": "0", "rspace": "0"}  # the point of 0.97, not the end of a sentence


def _children(parent: Element, depth: int) -> Markup:
    return Markup().join(_element(child, depth - 1) for child in parent)


def _element(element: Element, depth: int) -> Markup:
    """One element of the short list, with nothing but attributes of the other."""
    tag, text = element.tag, element.text or ""
    if depth < 0 or not (_is_leaf(element, text) or _is_branch(element, text)):
        raise ValueError(f"<{tag}> is not on the list, too deep, or not complete")
    content = _children(element, depth) if tag not in _LEAVES else escape(_characters(text))
    return Markup("<{0}{1}>{2}</{0}>").format(tag, _attributes(element), content)


def _is_leaf(element: Element, text: str) -> bool:
    """A backslash is a command that the library does not know; a brace is one that has no partner."""
    return element.tag in _LEAVES and not len(element) and not any(sign in text for sign in "\\{}")


def _is_branch(element: Element, text: str) -> bool:
    return element.tag in _CHILDREN and not text and _CHILDREN[element.tag] in (None, len(element))


def _attributes(element: Element) -> Markup:
    for name, value in element.attrib.items():
        if name not in _VALUES or not _VALUES[name].fullmatch(value):
            raise ValueError(f"{name}={value!r} is not on the list")
    return Markup().join(Markup(' {}="{}"').format(name, value) for name, value in element.attrib.items())


def _characters(text: str) -> str:
    """The library writes what it knows by name as "&#x02220;". Raises ValueError where there is no such character."""
    return _clean(_LIBRARY_CHARACTER.sub(lambda found: chr(int(found[1], 16)), text))
