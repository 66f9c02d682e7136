"""Which stages are up to date and which are not, and why, by what DVC notes of their last run; nothing is locked."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stages.pipeline import PARAMS, Process
from stages.reporting import parameters, state
from stages.reporting.state import Change, Seen

if TYPE_CHECKING:  # slow to import
    from dvc.dependency import Dependency
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc.stage import Stage

WORDS = {"modified": "changed", "deleted": "missing"}  # ours for DVC's
KINDS = {"stages": "code", "prompts": "prompt"}  # by the folder


def _read(file: Path) -> Any:
    try:
        return (msgspec.yaml.decode(file.read_bytes()) if file.exists() else None) or {}
    except msgspec.DecodeError as error:
        raise click.ClickException(f"{file}: expected YAML: {error}") from error


def seen(repo: "Repo", data: Path, process: Process | None) -> list[Seen]:
    """Return what is seen of each stage, in the order of dvc.yaml."""
    read = functools.cache(_read)
    busy = process.writes if process else frozenset()
    found = []
    for stage in repo.index.stages:
        file, own = Path(stage.path), getattr(stage, "name", "")  # of a file that was added with `dvc add` no name
        last = read(file.with_suffix(".lock")).get("stages", {}).get(own, {}) if own else {}
        ever_run = bool(last or not own)
        inputs = tuple(_inputs(stage, data)) if ever_run else ()
        if last and last["cmd"] != stage.cmd:
            inputs = (*_of_command(stage, read(file)["stages"], read(PARAMS), last["cmd"]), *inputs)
        if stage.is_callback or stage.always_changed:
            inputs = (Change(state.PARAMETER, "runs always"), *inputs)
        running = any(out.fs_path in busy for out in stage.outs)
        outputs = tuple(_outputs(stage)) if ever_run and not running else ()
        changed = bool(inputs or not ever_run)
        before = dict.fromkeys(out.stage.addressing for dep in stage.deps for out in _makers(dep))
        found.append(
            Seen(
                name=stage.addressing,
                command=str(stage.cmd or ""),
                inputs=inputs,
                outputs=outputs,
                before=tuple(before),
                ever_run=ever_run,
                cached=bool(changed or outputs) and _cached(stage, changed),
                frozen=stage.frozen,
                running=running,
            )
        )
    return found


def _of_command(stage: "Stage", written: Any, params: Mapping[str, Any], last: str) -> Iterator[Change]:
    """Yield how the command differs from that of the last run."""
    name, _, key = stage.name.partition("@")
    template = str(written[name].get("do", written[name])["cmd"])
    item = f"{str(written[name].get('foreach', '')).strip('${}')}.{key}"
    found = parameters.changed(str(last), str(stage.cmd), template, item, params)
    yield from (Change(state.PARAMETER, one) for one in found or ["command changed"])


def _makers(dep: "Dependency") -> list["Output"]:
    """Return the outputs that a dependency is, is in or holds."""
    outs, parts = dep.repo.index.outs_trie, dep.fs.parts(dep.fs_path)
    above = outs.shortest_prefix(parts)
    return [above.value] if above else list(outs.values(prefix=parts)) if outs.has_subtrie(parts) else []


def _inputs(stage: "Stage", data: Path) -> Iterator[Change]:
    for dep in stage.deps:
        makers = _makers(dep)
        by = tuple(out.stage.addressing for out in makers)
        status: Any
        if len(makers) == 1 and dep.fs.isin_or_eq(dep.fs_path, makers[0].fs_path):
            made = makers[0].hash_info if dep.fs_path == makers[0].fs_path else _within(makers[0], dep.fs_path)
            status = "new" if not dep.hash_info else "modified" if made and made != dep.hash_info else ""
        elif any(_status(out) for out in makers):
            status = ""  # as DVC does: what is missing may come back
        else:
            status = _status(dep)
        if isinstance(status, dict):
            yield from (Change(state.PARAMETER, f"{key} {WORDS.get(how, how)}") for key, how in status.items())
        elif status:
            kind = "data" if Path(str(dep)).is_relative_to(data) else KINDS.get(str(dep).partition("/")[0], "file")
            yield Change(f"{kind} {WORDS.get(status, status)}", str(dep).removeprefix("stages/"), by)


def _status(entry: "Output") -> Any:
    """Return what DVC says of a dependency or output: nothing, a word, or a word for each parameter."""
    try:
        return next(iter(entry.status().values()), "")
    except FileNotFoundError:  # a run has just removed it
        return "deleted"


def _within(out: "Output", path: str) -> Any:
    """Return the hash of what lies in a folder by dvc.lock, None if that is not in the cache."""
    found = out.get_obj(filter_info=path)
    return found.hash_info if found else None


def _outputs(stage: "Stage") -> Iterator[Change]:
    for out in stage.outs:
        status = _status(out)
        if not status:
            continue
        if not out.hash_info:
            kind = state.UNKNOWN
        elif not out.exists:
            kind = state.GONE if not out.use_cache else state.LOST if status == "not in cache" else state.MISSING
        elif status == "not in cache":
            kind = state.STRANGE if out.changed_checksum() else state.UNCACHED
        else:
            kind = state.EDITED
        yield Change(kind, str(out))


def _cached(stage: "Stage", changed: bool) -> bool:
    """Return whether `dvc repro` would take the outputs from the cache: by its records of runs if inputs changed."""
    from dvc.exceptions import DvcException
    from dvc.stage.cache import RunCacheNotFoundError

    if not stage.cmd or any(out.persist for out in stage.outs):
        return False
    local = stage.repo.cache.local
    if not changed:
        return all(
            out.hash_info and (not out.changed_cache() if out.use_cache else local.exists(out.hash_info.value))
            for out in stage.outs
        )
    try:
        stage.save_deps()
        stage.cmd_changed = True  # else it would take the last outputs for those of these inputs
        stage.repo.stage_cache.restore(stage, dry=True)
    except (RunCacheNotFoundError, DvcException, OSError):
        return False
    return True
