"""harness.toml and criteria files: what is written well is read as meant, what is not is said in one sentence."""

from datetime import date
from pathlib import Path

import pytest
from toys import POLICY, TOML

from harness.config import Config, Waiver, load_config
from harness.errors import BadConfig, UnknownName
from harness.policy import Criterion, load_policy

ROOT = Path(__file__).parent.parent
KEYS = "baselines, candidates, chance, embedders, ground_truths, metrics, rerankers, retrievers, top_k"
EVERY = "criteria, dataset, embedder, grid, ground_truth, models, plugins, probes, report, reranker, retriever, waiver"
PROBES = "batches, latency_calls, stability_calls, throughput_seconds, top_k, warmup_calls"
CRITERION = "about, at_least, baseline, go, ground_truth, id, metric, no_go, relevance, when"


def written(tmp_path, text, name="harness.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def complaint(load, path):
    with pytest.raises(BadConfig) as caught:
        load(path)
    return str(caught.value)


def test_a_whole_file_is_read_and_paths_are_relative_to_its_folder(tmp_path):
    config = load_config(written(tmp_path, TOML))
    assert (config.folder, config.dataset, config.criteria) == (tmp_path, tmp_path / "bank", tmp_path / "criteria.toml")
    assert config.plugins == [tmp_path / "plugins"]
    assert config.grid.retrievers == ["words", "dot"]
    assert config.grid.candidates == ["*"]
    assert (config.probes.latency_calls, config.probes.top_k) == (20, 10)


def test_an_absolute_path_stays_and_an_override_wins(tmp_path):
    path = written(tmp_path, TOML.replace('"bank"', '"/data/bank"'))
    assert load_config(path).dataset == Path("/data/bank")
    assert load_config(path, dataset=Path("/other"), criteria=None).dataset == Path("/other")
    assert load_config(path, dataset=None).criteria == tmp_path / "criteria.toml"


def test_options_of_a_table_are_what_is_not_name_or_uses(tmp_path):
    path = written(tmp_path, TOML + '\n[[embedder]]\nname = "mine"\nuses = "npz"\npath = "x.npz"\nsize = 3\n')
    (table,) = load_config(path).embedder
    assert (table.name, table.uses, table.options) == ("mine", "npz", {"path": "x.npz", "size": 3})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('dataset = "bank"', "", "dataset: is missing"),
        ('dataset = "bank"', "dataset = 7", "dataset: needs a path in quotes, not 7"),
        ('dataset = "bank"', 'dataset = "bank"\ndatset = "b"',
         f"datset: unknown key 'datset'. Did you mean 'dataset'? There are: {EVERY}."),
        ('dataset = "bank"', 'dataset = "bank"\nfolder = "/"', f"folder: unknown key 'folder'. Did you mean 'models'? There are: {EVERY}."),
        ('plugins = ["plugins"]', 'plugins = "plugins"', "plugins: needs a list, not 'plugins'"),
        ('retrievers = ["words", "dot"]', "", "grid.retrievers: is missing"),
        ('retrievers = ["words", "dot"]', 'retrievers = "words"', "grid.retrievers: needs a list, not 'words'"),
        ('retrievers = ["words", "dot"]', 'retrievers = ["words", 3]',
         "grid.retrievers[2]: needs a text in quotes, not 3"),
        ('embedders = ["letters"]', 'embeders = ["letters"]',
         f"grid.embeders: unknown key 'embeders'. Did you mean 'embedders'? There are: {KEYS}."),
        ("[probes]", 'metrics = ["recal@5"]\n[probes]', "grid.metrics[1]: unknown measure 'recal'. Did you mean 'recall'?"),
        ("[probes]", 'metrics = ["top@5"]\n[probes]',
         "grid.metrics[1]: unknown metric 'top@5'. Did you mean 'hit@5' or 'recall@5'?"),
        ("[probes]", 'metrics = ["recall"]\n[probes]', "grid.metrics[1]: recall needs a cutoff, e.g. recall@5"),
        ("[probes]", "top_k = 0\n[probes]", "grid.top_k: should be greater than or equal to 1, not 0"),
        ("[probes]", "top_k = true\n[probes]", "grid.top_k: needs a whole number, not True"),
        ("latency_calls = 20", "latency_call = 20",
         f"probes.latency_call: unknown key 'latency_call'. Did you mean 'latency_calls'? There are: {PROBES}."),
        ("latency_calls = 20", 'latency_calls = "20"', "probes.latency_calls: needs a whole number, not '20'"),
        ("throughput_seconds = 0.01", "throughput_seconds = 0", "probes.throughput_seconds: should be greater than 0, not 0"),
        ("throughput_seconds = 0.01", 'throughput_seconds = "1 s"',
         "probes.throughput_seconds: needs a number, not '1 s'"),
        ("[probes]", '[[embedder]]\nname = "x"\n[probes]', "embedder[1].uses: is missing"),
        ("[probes]", '[embedder]\nname = "x"\n[probes]', "embedder: needs a list, not {'name': 'x'}"),
    ],
)  # fmt: skip
def test_a_mistake_in_harness_toml_is_one_sentence(tmp_path, old, new, sentence):
    assert old in TOML
    path = written(tmp_path, TOML.replace(old, new))
    message = complaint(load_config, path)
    assert message.startswith(f"{path}: {sentence}")
    assert "\n" not in message
    assert message.endswith(sentence) or "recal" in sentence  # the list of all measures is long


BEST = """\
[[criterion]]
id = "one"
metric = "recall@5"
ground_truth = "labels"
go = "80 %"
"""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('go = "80 %"', "", "criterion[1].go: is missing"),
        ('go = "80 %"', "go = true", "criterion[1].go: needs an amount such as '80 %' or 0.8, not True"),
        ('go = "80 %"', 'go = "80 ms"', "criterion[1]: '80 ms' has the unit 'ms'; write '5 %' or a bare number"),
        ('go = "80 %"', "go = 80", "criterion[1]: 80.0 is out of reach: recall@5 lies in 0 .. 1"),
        ('go = "80 %"', 'go = "80 %"\nno_go = "90 %"', "criterion[1]: no_go '90 %' is on the good side of go '80 %'"),
        ('go = "80 %"', 'go = "80 %"\nno_goo = "70 %"',
         f"criterion[1].no_goo: unknown key 'no_goo'. Did you mean 'no_go'? There are: {CRITERION}."),
        ('go = "80 %"', 'go = "80 %"\nwhen = "gpu"',
         "criterion[1].when: should be 'always', 'on-device', 'lexical' or 'embeds', not 'gpu'"),
        ('go = "80 %"', 'go = "80 %"\nrelevance = 0',
         "criterion[1].relevance: should be greater than or equal to 1, not 0"),
        ('ground_truth = "labels"', "", "criterion[1]: recall@5 needs a ground_truth"),
        ('"recall@5"', '"recall@0"', "criterion[1].metric: recall@0: a cutoff is at least 1"),
        ('"recall@5"', '"latncy-p95"', "criterion[1].metric: unknown measure 'latncy-p95'. Did you mean 'latency-p95'?"),
        ('"recall@5"', '"latency-p95"',
         "criterion[1]: latency-p95 is not judged on a ground truth; drop ground_truth and relevance"),
        ('id = "one"', 'id = "One thing"',
         "criterion[1].id: String should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$', not 'One thing'"),
        (BEST, BEST + BEST, "criterion id 'one' stands twice"),
        (BEST, "", "criterion: is missing"),
        (BEST, "criterion = []", "criterion: needs at least one entry, not []"),
        ('name = "p"', "", "name: is missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_policy_is_one_sentence(tmp_path, old, new, sentence):
    text = 'name = "p"\n' + BEST
    assert old in text
    path = written(tmp_path, text.replace(old, new), "criteria.toml")
    message = complaint(load_policy, path)
    assert message.startswith(f"{path}: {sentence}")
    assert "\n" not in message
    assert message.endswith(sentence) or "latncy-p95" in new


@pytest.mark.parametrize(
    ("metric", "go", "no_go", "sentence"),
    [
        ("latency-p95", "200", None, "'200' has no unit; write '5 ms' or '5 s'"),
        ("latency-p95", 200, None, "'200' has no unit; write '5 ms' or '5 s'"),
        ("latency-p95", "5 kg", None, "'5 kg' has the unit 'kg'; write '5 ms' or '5 s'"),
        ("latency-p95", "200 ms", "100 ms", "no_go '100 ms' is on the good side of go '200 ms'"),
        ("latency-p95", "-1 ms", None, "'-1 ms' is out of reach: latency-p95 lies in 0 .. inf"),
        ("vram-device", "8 GiB", "5", "'5' has no unit; write '5 MiB' or '5 GiB' or '5 MB' or '5 GB'"),
        ("stability", "101 %", None, "'101 %' is out of reach: stability lies in 0 .. 1"),
    ],
)
def test_an_amount_needs_the_unit_and_the_side_of_its_metric(tmp_path, metric, go, no_go, sentence):
    bad = "" if no_go is None else f"no_go = {no_go!r}\n"
    path = written(tmp_path, f'name = "p"\n[[criterion]]\nid = "x"\nmetric = "{metric}"\ngo = {go!r}\n{bad}')
    assert complaint(load_policy, path) == f"{path}: criterion[1]: {sentence}"


WAIVER = """
[[waiver]]
id = "W-1"
criterion = "recall"
system = "letters+dot"
owner = "kim"
reason = "for the pilot only"
expires = 2030-01-31
"""


def test_a_waiver_says_who_answers_for_what_until_when(tmp_path):
    assert load_config(written(tmp_path, TOML)).waiver == []
    again = WAIVER.replace("W-1", "W-2")
    first, second = load_config(written(tmp_path, TOML + WAIVER + again)).waiver
    assert first == Waiver(
        id="W-1", criterion="recall", system="letters+dot", owner="kim", reason="for the pilot only",
        expires=date(2030, 1, 31),
    )  # fmt: skip
    assert second.id == "W-2"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('owner = "kim"\n', "", "waiver[1].owner: is missing"),
        ('owner = "kim"', 'owner = ""', "waiver[1].owner: is blank"),
        ('owner = "kim"', 'owner = " \\t"', "waiver[1].owner: is blank"),
        ("reason", "# reason", "waiver[1].reason: is missing"),
        ('"for the pilot only"', '""', "waiver[1].reason: is blank"),
        ('"W-1"', '" "', "waiver[1].id: is blank"),
        ("criterion =", "# criterion =", "waiver[1].criterion: is missing"),
        ("system =", "# system =", "waiver[1].system: is missing"),
        ("expires", "# expires", "waiver[1].expires: is missing"),
        ("2030-01-31", '"2030-01-31"',
         "waiver[1].expires: needs a date without quotes, as 2030-12-31, not '2030-01-31'"),
        ("2030-01-31", "2030", "waiver[1].expires: needs a date without quotes, as 2030-12-31, not 2030"),
        ('owner = "kim"', 'owner = "kim"\nscope = "all"',
         "waiver[1].scope: unknown key 'scope'. There are: criterion, expires, id, owner, reason, system."),
    ],
)  # fmt: skip
def test_a_waiver_that_nobody_owns_or_that_never_ends_is_refused(tmp_path, old, new, sentence):
    assert old in WAIVER
    path = written(tmp_path, TOML + WAIVER.replace(old, new))
    assert complaint(load_config, path) == f"{path}: {sentence}"


def test_two_waivers_of_one_id_are_refused(tmp_path):
    path = written(tmp_path, TOML + WAIVER + WAIVER)
    assert complaint(load_config, path) == f"{path}: waiver id 'W-1' stands twice"


def test_a_report_has_a_language_and_what_its_owner_states(tmp_path):
    plain = load_config(written(tmp_path, TOML)).report
    assert (plain.language, plain.expected_saving) == ("en", "")
    told = load_config(written(tmp_path, TOML + '[report]\nlanguage = "ko"\nexpected_saving = "주 3시간"\n')).report
    assert (told.language, told.expected_saving) == ("ko", "주 3시간")
    path = written(tmp_path, TOML + '[report]\nlanguage = "fr"\n')
    assert complaint(load_config, path) == f"{path}: report.language: should be 'en' or 'ko', not 'fr'"


def test_a_policy_may_ask_for_point_estimates(tmp_path):
    assert load_policy(written(tmp_path, POLICY)).point_estimates is False
    assert load_policy(written(tmp_path, "point_estimates = true\n" + POLICY)).point_estimates is True


def test_several_mistakes_are_said_at_once(tmp_path):
    path = written(
        tmp_path, TOML.replace("dataset", "datset").replace("batches = [4]", "batches = [0]").replace("words", "w")
    )
    lines = complaint(load_config, path).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["dataset", "probes.batches[1]", "datset"]


def test_what_is_not_toml_or_not_there_is_said(tmp_path):
    broken = written(tmp_path, "dataset = bank")
    assert complaint(load_config, broken) == f"{broken}: not TOML: Invalid value (at line 1, column 11)"
    (tmp_path / "latin.toml").write_bytes('name = "é"'.encode("latin-1"))
    assert complaint(load_policy, tmp_path / "latin.toml").startswith(f"{tmp_path / 'latin.toml'}: not TOML: ")
    absent = tmp_path / "nowhere" / "harness.toml"
    assert complaint(load_config, absent) == f"{absent} does not exist; `python -m harness init` writes one"
    (tmp_path / "broken").mkdir()
    assert complaint(load_config, tmp_path / "broken").endswith("does not exist; `python -m harness init` writes one")


def test_a_missing_policy_names_those_beside_it(tmp_path):
    written(tmp_path, POLICY, "plan.toml")
    written(tmp_path, TOML)
    (tmp_path / "folder.toml").mkdir()
    path = tmp_path / "plam.toml"
    assert complaint(load_policy, path) == (
        f"{path}: unknown criteria file 'plam.toml'. Did you mean 'plan.toml'? There are: plan.toml."
    )
    nowhere = tmp_path / "no" / "x.toml"
    assert complaint(load_policy, nowhere) == f"{nowhere} does not exist"


def test_a_byte_order_mark_is_not_minded(tmp_path):
    path = written(tmp_path, POLICY)
    marked = written(tmp_path, "\ufeff" + POLICY, "marked.toml")
    assert marked.read_bytes().startswith(b"\xef\xbb\xbf")
    assert load_policy(marked) == load_policy(path)


def test_a_difference_to_a_baseline_may_be_negative():
    criterion = Criterion(id="x", metric="recall@5", ground_truth="labels", baseline="b", go="-5 %", no_go="-15 %")
    assert (criterion.sign, criterion.go_value, criterion.no_go_value) == (1, -0.05, -0.15)


def test_a_policy_hands_out_criteria_by_id(tmp_path):
    policy = load_policy(written(tmp_path, POLICY))
    assert policy["stability"].at_least == 20
    with pytest.raises(UnknownName, match=r"unknown criterion 'stabilty'. Did you mean 'stability'?"):
        policy["stabilty"]


def test_the_shipped_configuration_loads_and_its_files_exist():
    config = load_config(ROOT / "harness.toml")
    assert isinstance(config, Config)
    assert config.dataset.is_dir()
    assert load_policy(config.criteria).criterion


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "criteria").glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_policy_loads_under_the_name_of_its_file(path):
    assert load_policy(path).name == path.stem


def test_the_plan_asks_what_the_plan_asked():
    """Section 2.2 of the plan: metric, relevance level, go and no-go, in the units in which the harness keeps them."""
    policy = load_policy(ROOT / "benchmarks" / "criteria" / "plan.toml")
    asked = {c.id: (c.metric, c.relevance, c.go_value, c.no_go_value, c.at_least, c.when) for c in policy.criterion}
    assert asked == {
        "recall-at-5": ("recall@5", 2, 0.80, 0.70, 1, "always"),
        "recall-at-10": ("recall@10", 2, 0.90, None, 1, "always"),
        "mrr": ("mrr", 2, 0.65, None, 1, "always"),
        "against-kure-siglip": ("recall@5", 2, -0.05, -0.15, 1, "always"),
        "latency-p95": ("latency-p95", None, 200.0, None, 100, "always"),
        "vram": ("vram-device", None, 8192.0, 8192.0, 1, "on-device"),
        "stability": ("stability", None, 1.0, 1.0, 1000, "always"),
        "broken-korean": ("canary", None, 1.0, 1.0, 1, "lexical"),
    }
    assert policy["against-kure-siglip"].baseline == "kure-v1-siglip-base+dense"
