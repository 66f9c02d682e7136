"""engine.yaml and the environment say where things run."""

from pathlib import Path

import pytest

from stages import settings


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in ("FAQTUNE_CACHE", "FAQTUNE_THREADS"):
        monkeypatch.delenv(name, raising=False)


def test_the_environment_goes_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "engine.yaml").write_text("threads: 2\nendpoints: {teacher: {url: a, concurrency: 4}}\n")
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__URL", "http://127.0.0.1:1/v1")
    found = settings.load(tmp_path / "engine.yaml")
    assert found == {"threads": 2, "endpoints": {"teacher": {"url": "http://127.0.0.1:1/v1", "concurrency": 4}}}


def test_no_file_is_no_error(tmp_path):
    assert settings.load(tmp_path / "engine.yaml") == {}


def test_the_cache_is_that_of_the_main_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", "/main")
    monkeypatch.chdir(tmp_path)
    assert settings.cache() == Path("/main/.cache")


def test_all_cores_are_used_unless_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings.threads() >= 1
    monkeypatch.setenv("FAQTUNE_THREADS", "3")
    assert settings.threads() == 3


def test_no_stage_depends_on_engine_yaml():
    assert "engine.yaml" not in Path("dvc.yaml").read_text()
