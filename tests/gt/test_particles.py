"""Korean particles: which one follows is decided by what is read aloud."""
import pytest


@pytest.mark.parametrize(("text", "pair", "expected"), [
    ("민준이", "은/는", "민준이는"),
    ("은채", "을/를", "은채를"),
    ("연필", "이/가", "연필이"),
    ("서울", "으로/로", "서울로"),
    ("집", "으로/로", "집으로"),
    ("1", "으로/로", "1로"),
    ("2", "을/를", "2를"),
    ("3", "으로/로", "3으로"),
    ("6", "이/가", "6이"),
    ("10", "과/와", "10과"),
    ("A", "을/를", "A를"),
    ("점 L", "은/는", "점 L은"),
    ("M", "이/가", "M이"),
    ("R", "으로/로", "R로"),
    ("5 cm", "이/가", "5 cm가"),
    ("5 kg", "이/가", "5 kg이"),
    ("3 L", "을/를", "3 L를"),
    ("12 cm²", "을/를", "12 cm²을"),
    ("$x+7$", "을/를", "$x+7$을"),
    ("$a^{4}$", "은/는", "$a^{4}$은"),
    (r"$0.\dot{2}\dot{4}$", "을/를", r"$0.\dot{2}\dot{4}$를"),
    ("30%", "이/가", "30%가"),
    ("45°", "이/가", "45°가"),
    ("", "은/는", "는"),
])
def test_the_particle_follows_what_is_read_aloud(rooms, text, pair, expected):
    assert rooms.korean.josa(text, *pair.split("/")) == expected


def test_a_wording_is_filled_and_its_latex_left_alone(rooms):
    wording = r"[name:이/가] $\frac{1}{[n]}$과 [n:을/를] 더한다."
    assert rooms.korean.fill(wording, {"name": "지호", "n": 3}) == r"지호가 $\frac{1}{3}$과 3을 더한다."
    with pytest.raises(KeyError, match="other"):
        rooms.korean.fill("[other]", {"name": "지호"})
