"""Static files as browsers get them: every reference leads to a file, under a name that changes with the content."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.finders import get_finder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils.functional import empty

from rapport.config import prepare

pytestmark = pytest.mark.once
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture
def sources(tmp_path: Path, settings: Any) -> Path:
    """A folder of static files, collected by `prepare.static_files` into `tmp_path/static`."""
    folder = tmp_path / "sources"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "app.js").write_text(
        'import {a} from "./board.js";\nexport const b = () => import("./board.js");\n'
    )
    (folder / "js" / "board.js").write_text('import {b} from "./app.js";\nexport const a = 1;\n')
    (folder / "app.css").write_text(
        '@import "base.css";\np { background: url("dot.svg") }\n' + "p { color: red }\n" * 200
    )
    (folder / "base.css").write_text("b { color: blue }\n")
    (folder / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "rapport.config.static.HashedFiles"},
    }
    get_finder.cache_clear()
    staticfiles_storage._wrapped = empty
    yield folder
    get_finder.cache_clear()
    staticfiles_storage._wrapped = empty


def names(folder: Path) -> set[str]:
    """Hashed names without compressed twins."""
    return {p.name for p in folder.rglob("*") if HASHED.search(p.name)}


def test_modules_that_import_each_other_are_rewritten(sources: Path, tmp_path: Path) -> None:
    assert prepare.static_files()
    modules = {p.name.split(".")[0]: p for p in (tmp_path / "static" / "js").glob("*.js") if HASHED.search(p.name)}
    assert f'"./{modules["board"].name}"' in modules["app"].read_text()
    assert f'import("./{modules["board"].name}")' in modules["app"].read_text()
    assert f'"./{modules["app"].name}"' in modules["board"].read_text()


def test_style_sheets_name_hashed_files_and_are_compressed(sources: Path, tmp_path: Path) -> None:
    prepare.static_files()
    (sheet,) = [p for p in (tmp_path / "static").glob("app.*.css") if HASHED.search(p.name)]
    for name in re.findall(r'["(]([\w.]+\.(?:css|svg))', sheet.read_text()):
        assert HASHED.search(name)
        assert (tmp_path / "static" / name).is_file()
    assert gzip.decompress(sheet.with_name(sheet.name + ".gz").read_bytes()) == sheet.read_bytes()


def test_files_are_collected_again_only_when_one_changed(sources: Path, tmp_path: Path) -> None:
    assert prepare.static_files()
    first = names(tmp_path / "static")
    assert not prepare.static_files()
    (sources / "js" / "board.js").write_text("export const a = 2;\n")
    staticfiles_storage._wrapped = empty
    assert prepare.static_files()
    second = names(tmp_path / "static")
    changed = second - first
    assert {n.split(".")[0] for n in changed} == {"app", "board"}
    assert not first & changed
    assert not any(".js" in name for name in first & second)
    assert not list(tmp_path.glob("static.new-*"))


def test_the_whole_project_can_be_collected(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "rapport.config.static.HashedFiles"},
    }
    staticfiles_storage._wrapped = empty
    call_command("collectstatic", verbosity=0, interactive=False)
    staticfiles_storage._wrapped = empty
    assert (tmp_path / "static" / "staticfiles.json").is_file()
