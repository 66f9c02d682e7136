"""Errors of the libraries of remote storage are told in one line that says what to do."""

import errno

import pytest

from stages.sharing import failures


class ClientError(Exception):
    """As botocore raises it."""

    def __init__(self, code: str):
        super().__init__(f"An error occurred ({code}) when calling the HeadObject operation")
        self.response = {"Error": {"Code": code}}


class HTTPError(Exception):
    """As webdav4 raises it."""

    status_code = 507


class ClientResponseError(Exception):
    """As aiohttp raises it."""

    status = 401


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (caused(PermissionError("Forbidden"), ClientError("403")), "the key or password is wrong, or may not read"),
        (caused(PermissionError("Forbidden"), ClientError("InvalidAccessKeyId")), "does not know this access key"),
        (caused(FileNotFoundError("no bucket"), ClientError("NoSuchBucket")), "dvc remote modify mine url"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space is left"),
        (HTTPError("received 507"), "no space is left"),
        (ClientResponseError("message='Unauthorized', url='https://ann:word@example.org'"), "check user and password"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not write there"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "no server answers"),
        (ConnectionResetError("reset"), "the connection was lost"),
        (caused(RuntimeError("x"), TimeoutError()), "takes too long"),
    ],
)
def test_an_error_is_known_by_its_code_or_its_cause(error: Exception, said: str):
    assert said in failures.sentence(error, "mine")


def test_what_is_not_known_is_told_in_its_own_words_on_one_line():
    assert failures.sentence(ValueError("no\n  \x1b[31msuch thing"), "mine") == "no ?[31msuch thing"
    assert failures.sentence(ValueError(), "mine") == "ValueError"
