"""House rules as tests: what no linter sees."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "fairdue"
PURE = ("law", "money", "planning", "papers")
LONGEST = 70
# Functions that were longer before the ratchet; none may be added.
LONG_ALREADY: set[str] = set()


def modules(*, under: str = "") -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((SOURCE / under).rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))


def test_the_import_contract_holds():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


# ---- only services write

WRITERS = re.compile(
    r"(^|/)(services|holds|worklist|loading|night)(/|\.py$)|^flows/|^site/(demo|bench|testing)|^intake/(tasks|loading)|^contact/tasks"
)
MANAGER_WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}


def writes(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, chain = node.func.attr, ast.unparse(node.func.value)
        makes = name in MANAGER_WRITES and "objects" in chain
        changes = name in {"update", "delete"} and (".objects" in chain or ".filter(" in chain)
        saves = name == "save" and not re.search(r"form|image|figure|qr|svg", chain)
        if makes or changes or saves:
            yield node.lineno


def test_only_services_write():
    found = [f"{path}:{line}" for path, tree in modules() if not WRITERS.search(path) for line in writes(tree)]
    assert not found, "writes belong in services"


def test_row_locks_leave_foreign_keys_alone():
    """A plain FOR UPDATE meets the deferred foreign-key checks of other commits and deadlocks with the journal."""
    bad = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "select_for_update"
            ) and not any(k.arg == "no_key" for k in node.keywords):
                bad.append(f"{path}:{node.lineno}")
    assert not bad


# ---- pure packages

CLOCK = {"now", "today", "utcnow", "time", "localdate"}


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_read_no_clock(package):
    calls = [
        f"{path}:{node.lineno}"
        for path, tree in modules(under=package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK
        and ast.unparse(node.func.value)
        in {"datetime", "date", "time", "timezone", "datetime.datetime", "datetime.date", "dt"}
    ]
    assert not calls, "time comes in as an argument"


def test_no_float_in_money():
    found = []
    for path, tree in modules(under="money"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                found.append(f"{path}:{node.lineno} {node.value}")
            elif isinstance(node, ast.Name) and node.id == "float":
                found.append(f"{path}:{node.lineno} float")
            elif isinstance(node, ast.Attribute) and node.attr.startswith("float"):
                found.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    assert not found


# ---- size


def test_no_function_is_newly_past_seventy_lines():
    long = {
        f"{path}:{node.name}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST
    }
    assert long <= LONG_ALREADY, f"split these: {sorted(long - LONG_ALREADY)}"


# ---- doors


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback


def test_every_view_says_whom_it_lets_in():
    silent = [
        route
        for route, view in patterns()
        if not hasattr(view, "permission") and not hasattr(getattr(view, "view_class", None), "permission")
    ]
    assert not silent, "add @grant(...) or @public"


# ---- pages

TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_templates_hold_no_inline_script_or_style(path):
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text), "the Content-Security-Policy forbids it"
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text), "scripts come from files"


# ---- both languages

CALLS = re.compile(
    r"""(?<![\w.])(?:_|gettext|gettext_lazy|pgettext|ngettext|npgettext|pgettext_lazy|ngettext_lazy)\("""
)


def strings_of(source: str, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            called = node.func.id
            position = 1 if "pgettext" in called else 0
            if called in {
                "_",
                "gettext",
                "gettext_lazy",
                "pgettext",
                "pgettext_lazy",
                "ngettext",
                "ngettext_lazy",
                "gt",
                "gl",
            }:
                value = node.args[position]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def template_strings(path: Path) -> Iterator[str]:
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for match in re.finditer(r"""gettext\((?:u?)(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""", source):
        yield ast.literal_eval("'" + match[1] + "'" if match[1] is not None else '"' + match[2] + '"')


def catalogues() -> set[str]:
    known: set[str] = set()
    for path in SOURCE.rglob("locale/zh_Hans/LC_MESSAGES/django.po"):
        known |= {entry.msgid for entry in polib.pofile(str(path)) if entry.translated() and not entry.obsolete}
    return known


def test_every_icon_named_on_a_page_is_there():
    there = set(re.findall(r'id="([^"]+)"', (SOURCE / "desk/static/desk/vendor/icons.svg").read_text()))
    named = {
        (page.name, name) for page in SOURCE.rglob("*.html")
        for name in re.findall(r'(?:{% icon |symbol=)"([^"]+)"', page.read_text())
    }  # fmt: skip
    assert len(named) > 100
    assert not {(page, name) for page, name in named if name not in there}


def test_every_string_has_its_chinese():
    known = catalogues()
    used = {(s, str(p.relative_to(SOURCE))) for p in TEMPLATES for s in template_strings(p)}
    for path in SOURCE.rglob("*.py"):
        if "migrations" not in path.parts:
            used |= {
                (s, str(path.relative_to(SOURCE))) for s in strings_of(path.read_text(encoding="utf-8"), str(path))
            }
    missing = sorted(
        (where, s) for s, where in used if s not in known and re.search("[A-Za-z]{2}", s) and s != "English"
    )
    assert not missing, missing[:20]


def test_compiled_catalogues_are_those_of_the_sources():
    for path in SOURCE.rglob("locale/zh_Hans/LC_MESSAGES/django.po"):
        sources = {
            e.msgid: e.msgstr
            for e in polib.pofile(str(path))
            if e.translated() and not e.obsolete and not e.msgid_plural
        }
        compiled = {e.msgid: e.msgstr for e in polib.mofile(str(path.with_suffix(".mo")))}
        assert not {k for k, v in sources.items() if compiled.get(k) != v}, f"{path}: run `make messages`"
