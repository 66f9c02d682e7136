"""Why a remote storage cannot be used: what libraries raise, as one sentence that says what to do.

The libraries of S3, SSH and WebDAV may not be installed, so that their errors are known by their names and codes.
"""

import errno
from collections.abc import Iterator

from stages.sources.errors import printable

AWAY = "no server answers there: is it running, and is the address right (`dvc remote list`)?"
LOST = "the connection was lost: run it again, what has arrived stays"
LATE = "the server takes too long to answer: run it again later"
KEY = "check AWS_ACCESS_KEY_ID, or access_key_id in .dvc/config.local"
SECRET = "check AWS_SECRET_ACCESS_KEY, or secret_access_key in .dvc/config.local"
BUCKET = "make it, or correct the address: dvc remote modify {name} url s3://BUCKET/PATH"
LOGIN = "check user and password: dvc remote modify --local {name} password ..."
FULL = "no space is left there, or here in the temporary folder (TMPDIR): make room, then run it again"

CLIENT = "its client is not installed: pip install -e '.[s3]', or ssh or webdav for s3; dvc-gs for gs:// and so on"

# What an error and its causes are called, by error codes of S3 and HTTP, names of classes and of errno; first one wins.
REASONS = {
    "InvalidAccessKeyId": f"the server does not know this access key: {KEY}",
    "SignatureDoesNotMatch": f"the secret key does not belong to the access key: {SECRET}",
    "ExpiredToken": "the session token has expired: get a new one",
    "InvalidToken": "the session token is not valid: get a new one",
    "NoCredentialsError": f"there is no key: {KEY}",
    "PartialCredentialsError": f"half of the key is missing: {SECRET}",
    "NoSuchBucket": f"there is no such bucket: {BUCKET}",
    "ResourceNotFound": "there is no such folder: make it on the server, or correct the address",  # of WebDAV
    "InvalidBucketName": f"that is no name of a bucket: {BUCKET}",
    "AccessDenied": "the server refuses: this key may not list, read and write there; ask who runs it",
    "XMinioStorageFull": FULL,
    "QuotaExceeded": FULL,
    "QuotaExceededException": FULL,
    "InsufficientStorage": FULL,
    "507": FULL,
    "ENOSPC": FULL,
    "EDQUOT": FULL,
    "401": f"the server does not let us in: {LOGIN}",
    "PermissionDenied": f"the server does not let us in: {LOGIN}, or keyfile",
    "termios.error": f"the server asks for a password, and nobody is here to type it: {LOGIN}",
    "EOFError": f"the server asks for a password, and nobody is here to type it: {LOGIN}",
    "403": "the server refuses: the key or password is wrong, or may not read and write there",
    "SSLCertVerificationError": "its certificate is not trusted: ssl_verify of the remote may name a CA file",
    "EndpointConnectionError": AWAY,
    "ConnectError": AWAY,
    "ECONNREFUSED": AWAY,
    "ConnectionRefusedError": AWAY,
    "EHOSTUNREACH": AWAY,
    "ENETUNREACH": AWAY,
    "gaierror": AWAY,
    "ConnectTimeoutError": AWAY,
    "ConnectTimeout": AWAY,
    "ConnectionClosedError": LOST,
    "ServerDisconnectedError": LOST,
    "ConnectionLost": LOST,
    "SFTPConnectionLost": LOST,
    "SFTPNoConnection": LOST,
    "ReadError": LOST,
    "WriteError": LOST,
    "RemoteProtocolError": LOST,
    "ClientPayloadError": LOST,
    "ResponseStreamingError": LOST,
    "ECONNRESET": LOST,
    "EPIPE": LOST,
    "ConnectionError": LOST,
    "ReadTimeoutError": LATE,
    "ReadTimeout": LATE,
    "TimeoutError": LATE,
    "ETIMEDOUT": LATE,
    "ENOTDIR": "its address goes through a file: correct it (`dvc remote list`)",
    "EROFS": "nothing can be written there: it is read-only",
    "EACCES": "we may not write there: ask who owns it",
    "EPERM": "we may not write there: ask who owns it",
    "RemoteMissingDepsError": CLIENT,
    "ImportError": CLIENT,
    "LockError": "another DVC command is at work here: wait until it has ended",
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def reason(error: BaseException, name: str) -> str | None:
    """Return one line on why the remote `name` cannot be used, and what to do; None if the error is not known."""
    signs = {sign for one in chain(error) for sign in _signs(one)}
    found = next((found for sign, found in REASONS.items() if sign in signs), None)
    return found and found.format(name=name)


def sentence(error: BaseException, name: str) -> str:
    """Return the reason, or what the error says itself, on one line."""
    said = [str(one) for one in chain(error) if str(one)] or [type(error).__name__]
    return reason(error, name) or printable(" ".join(said[0].split()))


def _signs(error: BaseException) -> Iterator[str]:
    yield from (name for kind in type(error).__mro__ for name in (kind.__name__, f"{kind.__module__}.{kind.__name__}"))
    response = getattr(error, "response", None)  # of botocore a mapping
    if isinstance(response, dict):
        yield str(response.get("Error", {}).get("Code"))
    yield from (str(getattr(error, name, "")) for name in ("status_code", "status"))  # of httpx, and of aiohttp
    if isinstance(error, OSError) and error.errno:
        yield errno.errorcode.get(error.errno, "")
