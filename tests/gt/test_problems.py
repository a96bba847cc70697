"""The problems have the answers that the generator claims: each is solved again, most from its text alone."""
import re
from fractions import Fraction

import pytest


@pytest.fixture(scope="module")
def by_template(judged):
    def find(name):
        found = [item for item in judged if item.template.name == name]
        assert found, f"no template {name}"
        return found
    return find


@pytest.mark.parametrize("seed", [2026, 1, 2, 3])
def test_the_answer_is_among_the_choices_and_siblings_differ_in_it(rooms, seed):
    answers: dict[str, set[str]] = {}
    for item in rooms.bank.judged(seed):
        answer = str(item.values["answer"])
        assert answer not in answers.setdefault(item.template.name, set())
        answers[item.template.name].add(answer)
        if item.template.item_type == "객관식" and item.template.name != "ending-choice":
            options = re.findall(r"[①②③④⑤] (−?\d+)", item.text)
            assert len(options) == len(set(options)) == 5
            assert answer.replace("-", "−") in options


def test_one_fraction_of_five_ends(by_template):
    for item in by_template("ending-choice"):
        fractions = [Fraction(int(n), int(d)) for n, d in re.findall(r"\\frac\{(\d+)\}\{(\d+)\}", item.text)]
        ending = [place for place, fraction in enumerate(fractions, 1) if 10 ** 9 % fraction.denominator == 0]
        assert ending == [item.values["answer"]]


def test_no_smaller_multiplier_makes_the_fraction_end(by_template):
    for item in by_template("ending-multiplier"):
        fraction = Fraction(re.search(r"\d+/\d+", item.text)[0])
        smallest = next(a for a in range(1, 100) if 10 ** 9 % (fraction * a).denominator == 0)
        assert smallest == item.values["answer"]


def test_the_fraction_is_the_repeating_decimal(by_template):
    for item in (*by_template("repeating-fraction"), *by_template("repeating-difference")):
        block = "".join(re.findall(r"\\dot\{(\d)\}", item.text)) or re.search(r"(?:0\.)?(\d\d)", item.text)[1]
        fraction = item.values["fraction"]
        assert str(fraction.numerator * 10 ** 12 // fraction.denominator).zfill(12) == block * 6
    assert all(item.values["answer"] == item.values["fraction"] for item in by_template("repeating-fraction"))
    for item in by_template("repeating-difference"):
        fraction = item.values["fraction"]
        assert item.values["answer"] == fraction.denominator - fraction.numerator


def test_the_solution_satisfies_both_equations(by_template):
    for item in by_template("solve-system"):
        x, y = item.values["answer"]
        for side, total in re.findall(r"([-+0-9xy]+)=(-?\d+)", item.text):
            terms = re.findall(r"([-+]?)(\d*)([xy])", side)
            assert len(terms) == 2
            value = sum(int(f"{sign}{size or 1}") * {"x": x, "y": y}[name] for sign, size, name in terms)
            assert value == int(total)


@pytest.mark.parametrize("name", ["shopping-limit", "shopping-prices"])
def test_one_more_would_be_too_dear(by_template, name):
    for item in by_template(name):
        cheap, dear, budget = (int(item.values[key].replace(",", "")) for key in ("cheap", "dear", "budget"))
        n, most = item.values["n"], item.values["answer"]
        assert dear * most + cheap * (n - most) <= budget < dear * (most + 1) + cheap * (n - most - 1)
        assert 0 < most < n


def test_the_greatest_whole_number_is_the_last_that_satisfies(by_template):
    for item in by_template("greatest-integer"):
        text = item.text.replace("<x", "<1x")
        a, b, c, d = map(int, re.search(r"(\d+)x([-+]\d+)<(\d+)x([-+]\d+)", text).groups())
        holds = [x for x in range(-50, 50) if a * x + b < c * x + d]
        assert max(holds) == item.values["answer"]


@pytest.mark.parametrize("name", ["right-triangle-picture", "right-triangle-latex", "ladder"])
def test_the_three_sides_are_a_right_triangle(by_template, name):
    for item in by_template(name):
        leg, hypotenuse = item.values["leg"], item.values["hypotenuse"]
        assert leg ** 2 + item.values["answer"] ** 2 == hypotenuse ** 2


def test_volumes_stand_as_the_cubes_of_the_lengths(by_template):
    for item in by_template("similar-volumes"):
        m, n, volume = (int(size) for size in re.findall(r"(\d+) (?:cm³|cm|mL)", item.text))
        assert Fraction(item.values["answer"], volume) == Fraction(n, m) ** 3
