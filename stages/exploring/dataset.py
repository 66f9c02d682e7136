"""A dataset: files of JSON Lines as rows of a database that reads them anew for each question."""

import glob
import gzip
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import msgspec

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".json")
LONGEST = 64 * 2**20  # bytes of a line
_OF_A_LINE = ("Malformed JSON", "maximum_object_size", "invalid UTF-8", "Invalid unicode")


class DatasetError(ValueError):
    """A file or a line cannot be read; the message says which, and what was expected."""


class Dataset:
    """JSON Lines that can be asked.

    Args:
        files: which, in their order.
        connection: a database.
    """

    def __init__(self, files: Sequence[Path], connection: duckdb.DuckDBPyConnection):
        self.files = [str(file) for file in files]
        self._connection = connection

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on `data`, whose column `json` is a line. Values go where the query has `?`.

        Raises DatasetError, which names the file and what is wrong with it, for a line that is no JSON object.
        """
        return list(self.stream(query, *values))

    def stream(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query one by one; see `ask`."""
        source = "read_ndjson_objects(?, maximum_object_size=?)"
        try:
            cursor = self._connection.cursor().execute(
                f"with data as (select json from {source}) {query}", [self.files, LONGEST, *values]
            )
            while some := cursor.fetchmany(10_000):
                yield from some
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            if not any(told in str(error) for told in _OF_A_LINE):
                raise
            raise DatasetError(_wrong_line(self.files) or f"expected JSON Lines: {error}") from error
        except duckdb.OutOfMemoryException as error:
            raise DatasetError(
                f"the memory limit is too low for this question: {error}; give more (--memory)"
            ) from error


@contextmanager
def opened(files: Sequence[str | Path], memory: str = "2GB", threads: int = 0) -> Iterator[Dataset]:
    """Yield the files, or what their patterns match, as one dataset.

    Args:
        files: paths or patterns of JSON Lines, plain or gzipped.
        memory: what the database may hold, such as 500MB; more goes to a temporary folder.
        threads: of the database; 0: all cores.

    Raises DatasetError if there is no such file.
    """
    found = [path for file in files for path in _matching(str(file))]
    with tempfile.TemporaryDirectory(prefix="explore-") as folder:
        config: dict[str, Any] = {"memory_limit": memory, "temp_directory": folder, "preserve_insertion_order": False}
        try:
            connection = duckdb.connect(config=config | ({"threads": threads} if threads else {}))
        except duckdb.Error as error:
            raise DatasetError(f"memory or threads: {error}") from error
        with connection:
            connection.execute("set autoinstall_known_extensions = false")  # nothing is fetched
            yield Dataset(found, connection)


def _matching(file: str) -> list[Path]:
    found = [Path(file)] if Path(file).exists() else [Path(one) for one in sorted(glob.glob(file, recursive=True))]
    found = [path for path in found if path.is_file()]
    if not found:
        raise DatasetError(f"{file}: there is no such file")
    for path in found:
        if not path.name.endswith(SUFFIXES):
            raise DatasetError(f"{path}: expected JSON Lines ({', '.join(SUFFIXES)})")
    return found


def _wrong_line(files: Sequence[str]) -> str:
    """Return which line is no JSON, and why: the database counts lines otherwise than people do."""
    for file in files:
        with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if line.strip():
                        msgspec.json.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    return f"{file}, line {number}: expected a JSON object: {error}"
                if len(line) > LONGEST:
                    return f"{file}, line {number}: longer than {LONGEST:,} bytes"
    return ""
