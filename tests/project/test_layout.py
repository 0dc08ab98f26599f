"""The tree stays small enough to hold in the head: names, sizes, first sentences, tests beside modules."""

import ast
from pathlib import Path

from tests.project.sources import ROOT, Source, sources, tracked

LONGEST_FILE = 300
LONGEST_TABLE_OF_CASES = 400  # tests are longer, for they list what they try
LONGEST_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "core", "lib"}
PACKAGES = ("accounts", "clinical", "config", "hubs")

# Modules without a test module of the same name: where their promises are held, and why there.
TESTED_ELSEWHERE = {
    # what Django starts and stores shows in those who use it
    "accounts/apps.py": "tests/accounts/test_tokens.py",
    "accounts/context_processors.py": "tests/accounts/test_pages.py",
    "clinical/apps.py": "tests/clinical/test_admin.py",
    "hubs/apps.py": "tests/hubs/test_checks.py",
    "hubs/__init__.py": "tests/hubs/test_checks.py",
    # bodies and answers show in what takes and gives them
    "clinical/api/shapes.py": "tests/clinical/api/test_stays.py",
    "clinical/admin_access.py": "tests/clinical/test_admin.py",
    "clinical/models/access_records.py": "tests/clinical/services/test_access_records.py",
    "clinical/models/append_only.py": "tests/clinical/services/test_access_records.py",
    "clinical/models/assignments.py": "tests/clinical/services/test_assignments.py",
    "clinical/models/bed_assignments.py": "tests/clinical/services/test_bed_assignments.py",
    "clinical/models/flags.py": "tests/clinical/services/test_flags.py",
    "clinical/models/movements.py": "tests/clinical/services/test_stays.py",
    "clinical/alert_events.py": "tests/clinical/services/test_alerts.py",
    "clinical/models/alerts.py": "tests/clinical/services/test_alert_raising.py",
    "clinical/services/alert_answers.py": "tests/clinical/services/test_alerts.py",
    "clinical/services/alert_steps.py": "tests/clinical/services/test_alerts.py",
    "clinical/models/observations.py": "tests/clinical/services/test_observations.py",
    "clinical/models/orders.py": "tests/clinical/services/test_orders.py",
    "clinical/models/patients.py": "tests/clinical/services/test_patients.py",
    "clinical/models/scoring.py": "tests/clinical/services/test_scoring_decisions.py",
    "clinical/models/wards.py": "tests/clinical/test_access.py",
    "hubs/models.py": "tests/hubs/feeds/test_append.py",
    # plain data: how a place in a feed moves shows in what moves it
    "hubs/states.py": "tests/hubs/test_connection.py",
    "hubs/feeds/cursors.py": "tests/hubs/feeds/test_followed.py",
    # refusals and bad input show at the door
    "accounts/parsers.py": "tests/accounts/test_views.py",
    "hubs/responses.py": "tests/hubs/test_auth.py",
    "hubs/scopes.py": "tests/hubs/test_auth.py",
    "accounts/permissions.py": "tests/clinical/api/test_patients.py",
    "accounts/samples.py": "tests/clinical/test_matrix.py",
    "clinical/permissions.py": "tests/clinical/test_hubs.py",
    "clinical/templatetags/ward_links.py": "tests/clinical/test_ward_views.py",
    "clinical/templatetags/words.py": "tests/clinical/test_german_pages.py",
    "clinical/ward_forms.py": "tests/clinical/test_ward_views.py",
    "clinical/entry_urls.py": "tests/clinical/test_entry_views.py",
    "clinical/plausibility.py": "tests/clinical/test_news2.py",
    # a story shows what it can do, and an answer who acts
    "clinical/demo/scene.py": "tests/clinical/demo/test_stories.py",
    "clinical/demo/staff.py": "tests/clinical/demo/test_colleagues.py",
    # words and pages are read where they are shown
    "clinical/words.py": "tests/clinical/test_bed_rows.py",
    "clinical/alert_words.py": "tests/clinical/test_bed_rows.py",
    "clinical/board_page.py": "tests/clinical/test_screen_views.py",
    "clinical/frequency_rows.py": "tests/clinical/test_frequency_views.py",
    "clinical/patient_page.py": "tests/clinical/test_patient_views.py",
    "clinical/timeline.py": "tests/clinical/test_patient_views.py",
    "clinical/services/record.py": "tests/clinical/test_patient_views.py",
    # a run is tested as a whole, as its user sees it
    "config/run/__main__.py": "tests/project/test_run.py",
    "config/run/answers.py": "tests/project/test_serve.py",
    "config/run/commands.py": "tests/project/test_run.py",
    "config/run/errors.py": "tests/project/test_run.py",
    "config/run/nginx.py": "tests/project/test_serve.py",
    "config/run/parts.py": "tests/project/test_run.py",
    "config/run/plan.py": "tests/project/test_run.py",
    "config/run/postgres.py": "tests/test_servers.py",
    "config/run/prepare.py": "tests/project/test_run.py",
    "config/run/processes.py": "tests/test_servers.py",
    "config/run/restart.py": "tests/project/test_serve.py",
    "config/run/serve.py": "tests/project/test_serve.py",
    "config/run/terminal.py": "tests/project/test_run.py",
    "config/run/ward.py": "tests/project/test_run.py",
    # a transport has kept its word when a real server's recordings pass over it
    "hubs/protocol/protocols.py": "tests/conformance/test_recordings.py",
    "hubs/transports/__init__.py": "tests/conformance/test_recordings.py",
    "hubs/transports/long_polling.py": "tests/conformance/test_recordings.py",
    "hubs/transports/stateful.py": "tests/conformance/test_recordings.py",
    # seen by those who send and test
    "hubs/sending.py": "tests/hubs/test_clients.py",
    "hubs/pytest_plugin.py": "tests/hubs/test_testing.py",
    "hubs/shutdown.py": "tests/hubs/management/commands/test_drain.py",
}


def product() -> list[Source]:
    return [source for source in sources() if source.path.split("/")[0] in PACKAGES]


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring, as the reader of the code counts them."""
    docstring = ast.get_docstring(function, clean=False) or ""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    return length - (docstring.count("\n") + 1 if docstring else 0)


def test_every_module_opens_with_one_sentence_that_says_what_belongs_in_it() -> None:
    wrong = []
    for source in product():
        opening = (ast.get_docstring(source.tree) or "").split("\n\n")[0]
        if not opening.endswith((".", ":")) or opening.count("\n"):
            wrong.append(source.path)
    assert wrong == []


def test_no_file_is_longer_than_one_idea() -> None:
    wrong = []
    for source in sources():
        limit = LONGEST_TABLE_OF_CASES if source.path.startswith("tests/") else LONGEST_FILE
        if (lines := source.text.count("\n")) > limit:
            wrong.append(f"{source.path}: {lines} lines")
    assert wrong == []


def test_no_script_or_style_sheet_is_longer_either() -> None:
    paths = [*tracked("*.js"), *tracked("*.css")]
    lengths = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in paths}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    wrong = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in sources()
        for function in source.functions()
        if body_length(function) > LONGEST_FUNCTION
    ]
    assert wrong == []


def test_names_say_what_is_inside() -> None:
    paths = [Path(path) for path in (*tracked("*.py"), *tracked("*.js"))]
    assert [str(path) for path in paths if VAGUE & {path.stem, *path.parent.parts}] == []


def test_nothing_is_left_to_do_in_a_comment() -> None:
    marks = ("TODO", "FIXME", "XXX", "HACK")
    own = Path(__file__).name
    wrong = [s.path for s in sources() if not s.path.endswith(own) and any(mark in s.text for mark in marks)]
    assert wrong == []


def mirror(path: str) -> str:
    """clinical/news2.py -> tests/clinical/test_news2.py."""
    source = Path(path)
    return str("tests" / source.parent / f"test_{source.name}")


def needs_mirror(source: Source) -> bool:
    """Modules that hold no code of their own need none."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in source.tree.body
    )


def test_every_module_has_a_test_module_that_mirrors_it() -> None:
    missing = [
        source.path
        for source in product()
        if needs_mirror(source) and not (ROOT / mirror(source.path)).is_file()
    ]
    assert [path for path in missing if path not in TESTED_ELSEWHERE] == []


def test_the_list_of_modules_tested_elsewhere_is_true() -> None:
    paths = {source.path for source in product()}
    for path, place in TESTED_ELSEWHERE.items():
        assert path in paths, f"{path} is gone"
        assert not (ROOT / mirror(path)).is_file(), f"{path} has its own tests now"
        assert (ROOT / place).exists(), f"{place} is gone"
