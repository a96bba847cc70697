"""What a system finds when queries and items show only their text, only their picture, or both; and reranked."""

from harness.report.recording import scenario_rows


def test_scenarios(player, scenario, memo, ground_truths, record):
    record(scenario_rows(memo, player, scenario, ground_truths))
