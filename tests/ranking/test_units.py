"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BadConfig
from harness.ranking.units import shown, shown_apart, to_unit


@pytest.mark.parametrize(
    ("amount", "unit", "value"),
    [
        ("80 %", "", 0.8), ("80%", "", 0.8), (0.8, "", 0.8), ("-5 %", "", -0.05), (1, "", 1.0),
        ("200 ms", "ms", 200.0), ("0.2 s", "ms", 200.0), ("1,500 ms", "ms", 1500.0), ("1_500 ms", "ms", 1500.0),
        ("8 GiB", "MiB", 8192.0), ("8 GB", "MiB", 7629.394531), ("512 MiB", "MiB", 512.0), ("1 MB", "MiB", 0.953674),
        ("3.8 items/s", "items/s", 3.8), ("50 queries/s", "queries/s", 50.0),
        (0, "count", 0.0), ("1e-6", "score", 1e-6), (1e-07, "score", 1e-7),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_the_unit_of_its_measure(amount, unit, value):
    assert to_unit(amount, unit) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("amount", "unit", "sentence"),
    [
        ("200", "ms", "'200' has no unit; write '5 ms' or '5 s'"),
        (200, "ms", "'200' has no unit; write '5 ms' or '5 s'"),
        ("5 kg", "ms", "'5 kg' has the unit 'kg'; write '5 ms' or '5 s'"),
        ("8 gb", "MiB", "'8 gb' has the unit 'gb'; write '5 MiB' or '5 GiB' or '5 MB' or '5 GB'"),
        ("200 ms", "", "'200 ms' has the unit 'ms'; write '5 %' or a bare number"),
        ("5 %", "count", "'5 %' has the unit '%'; write a bare number"),
        ("fast", "ms", "'fast' is not an amount; write '5 ms' or '5 s'"),
        ("1,5 s", "ms", "'1,5 s' is not an amount; write '5 ms' or '5 s'"),
        ("12,34 ms", "ms", "'12,34 ms' is not an amount; write '5 ms' or '5 s'"),
        (float("nan"), "", "'nan' is not an amount; write '5 %' or a bare number"),
    ],
)
def test_a_missing_or_wrong_unit_is_refused_with_an_example(amount, unit, sentence):
    with pytest.raises(BadConfig) as caught:
        to_unit(amount, unit)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8125, "", "0.812"), (30.456, "ms", "30.5 ms"), (4433.2, "MiB", "4,433 MiB"), (0.0, "count", "0"),
        (1234.0, "count", "1,234"), (2.5e-7, "score", "2.5e-07"), (43.21, "items/s", "43.2 items/s"),
    ],
)  # fmt: skip
def test_a_value_is_shown_with_its_unit(value, unit, text):
    assert shown(value, unit) == text


STEP = {"": 5e-4, "ms": 0.5, "MiB": 0.5, "items/s": 0.5, "queries/s": 0.5, "count": 0.0, "score": 0.0}


@given(st.sampled_from(sorted(STEP)), st.floats(-1e6, 1e6))
def test_what_is_shown_can_be_read_again(unit, value):
    assert to_unit(shown(value, unit), unit) == pytest.approx(value, abs=STEP[unit] * 1.001 + 1e-12, rel=6e-6)


@given(st.floats(-1e9, 1e9))
def test_a_bare_number_is_itself_and_a_percentage_a_hundredth(value):
    assert to_unit(value, "") == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert to_unit(f"{value!r} %", "") == pytest.approx(value / 100, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "bound", "unit", "told"),
    [
        (0.612, 0.8, "", ("0.612", "0.800")),
        (0.7996, 0.8, "", ("0.7996", "0.8000")),
        (0.8, 0.8, "", ("0.800", "0.800")),
        (200.04, 200.0, "ms", ("200.04 ms", "200.00 ms")),
    ],
)
def test_a_value_never_looks_like_the_bound_that_it_misses(value, bound, unit, told):
    assert shown_apart(value, bound, unit) == told
