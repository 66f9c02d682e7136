"""A dataset: files of JSON Lines as rows of a database that reads them anew for each question."""

import glob
import gzip
import json
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb

T = TypeVar("T")
SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".json")
LONGEST = 32 * 2**20  # bytes of a line; each thread holds two of that size


class DatasetError(ValueError):
    """A file or a line cannot be read; the message says which, and what was expected."""


class Dataset:
    """JSON Lines that can be asked.

    Args:
        files: which, in their order.
        connection: a database.
    """

    def __init__(self, files: Sequence[str | Path], connection: duckdb.DuckDBPyConnection):
        self.files = [str(file) for file in files]
        self._connection = connection
        self._known: dict[str, Any] = {}

    def beside(self, files: Sequence[str | Path]) -> "Dataset":
        """Return other files as a dataset in the same database."""
        return Dataset(files, self._connection)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made when it is asked for the first time, and known by this name from then on."""
        if name not in self._known:
            self._known[name] = make()
        found: T = self._known[name]
        return found

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on `data`, whose column `json` is a line. Values go where the query has `?`.

        Raises DatasetError, which names the file and what is wrong with it, for a line that is no JSON.
        """
        return list(self.stream(query, *values))

    def stream(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query one by one; see `ask`."""
        with self._explained():
            cursor = self._execute(query, *values)
            while some := cursor.fetchmany(10_000):
                yield from some

    def create(self, table: str, query: str) -> None:
        """Make a table, which is there as long as the database, of a query on `data`; see `ask`."""
        with self._explained():
            self._execute(query, head=f"create table {table} as ")

    def change(self, statement: str) -> None:
        """Do something with tables."""
        with self._explained():
            self._connection.execute(statement)

    def first(self, count: int) -> Iterator[Any]:
        """Yield about so many of the first rows, of each file as many."""
        for file in self.files:
            for number, (_, row) in enumerate(_rows(file)):
                if number > count // len(self.files):
                    break
                yield row

    def wrong_line(self) -> str:
        """Return which line is no JSON object, and why, if there is one: the database counts lines otherwise."""
        for file in self.files:
            for number, row in _rows(file):
                if not isinstance(row, dict):
                    return f"{file}, line {number}: expected a JSON object, found {json.dumps(row)[:40]}"
        return ""

    def _execute(self, query: str, *values: Any, head: str = "") -> duckdb.DuckDBPyConnection:
        source = "select json from read_ndjson_objects(?, maximum_object_size=?)"
        files = [re.sub(r"([*?\[])", r"[\1]", file) for file in self.files]  # they are no patterns
        return self._connection.cursor().execute(f"{head} with data as ({source}) {query}", [files, LONGEST, *values])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise DatasetError for what the database says."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            said = str(error).splitlines()[0]
            raise DatasetError(f"the memory limit is too low for this question: {said}; raise --memory") from error
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            said = str(error).splitlines()[0]
            raise DatasetError(self.wrong_line() or f"{', '.join(self.files)}: {said}") from error


@contextmanager
def opened(files: Sequence[str | Path], memory: str = "2GB", threads: int = 0) -> Iterator[Dataset]:
    """Yield the files, or what their patterns match, as one dataset.

    Args:
        files: paths or patterns of JSON Lines, plain or gzipped.
        memory: what the database may hold, such as 500MB; more goes to a temporary folder.
        threads: of the database; 0: all cores.

    Raises DatasetError if there is no such file.
    """
    found = matching(files)
    with tempfile.TemporaryDirectory(prefix="explore-") as folder:
        config: dict[str, Any] = {"memory_limit": memory, "temp_directory": folder, "preserve_insertion_order": False}
        try:
            connection = duckdb.connect(config=config | ({"threads": threads} if threads else {}))
        except duckdb.Error as error:
            raise DatasetError(f"memory or threads: {error}") from error
        with connection:
            connection.execute("set autoinstall_known_extensions = false")  # nothing is fetched
            yield Dataset(found, connection)


def matching(files: Sequence[str | Path]) -> list[Path]:
    """Return the files, or what their patterns match. Raises DatasetError if there is no such file."""
    return [path for file in files for path in _matching(str(file))]


def _matching(file: str) -> list[Path]:
    found = [Path(file)] if Path(file).exists() else [Path(one) for one in sorted(glob.glob(file, recursive=True))]
    found = [path for path in found if path.is_file()]
    if not found:
        raise DatasetError(f"{file}: there is no such file")
    for path in found:
        if not path.name.endswith(SUFFIXES):
            raise DatasetError(f"{path}: expected JSON Lines ({', '.join(SUFFIXES)})")
    return found


def _rows(file: str) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a file with the numbers of their lines. Raises DatasetError for a line that is no JSON."""
    number = 0
    try:
        with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if len(line) > LONGEST:
                    raise ValueError(f"it is longer than {LONGEST:,} bytes")
                if line.strip():
                    row = json.loads(line.decode("utf-8-sig"))
                    json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair is no text
                    yield number, row
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{file}, line {number}: expected a JSON object: {error}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{file}: cannot be read after line {number}: {error}") from error
