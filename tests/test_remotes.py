"""Remote storages that are really served, on loopback: what goes there comes back, and failures say what to do."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import storage
from tests.sharing_project import STORED, Project, files_in, made, misnamed, one_line
from tests.storage import PASSWORD, USER

FEW = "jobs = 2"  # files at once, so that the first have arrived when the sixth is on its way


@pytest.fixture(scope="module")
def s3() -> Iterator[storage.S3]:
    with storage.s3() as server:
        yield server


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return made(tmp_path_factory.mktemp("first") / "project")


@pytest.fixture
def project(first: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.setenv("HOME", str(tmp_path))  # no keys, and no settings of Git or DVC, but those of the test
    shutil.copytree(first.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


@pytest.fixture
def keys(s3: storage.S3, monkeypatch: pytest.MonkeyPatch):
    """Return what sets the keys; at first those that are right."""

    def use(key: str, secret: str) -> None:
        from s3fs import S3FileSystem

        S3FileSystem.clear_instance_cache()  # which keeps a client with the keys of another test
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)

    monkeypatch.setenv("AWS_DEFAULT_REGION", storage.REGION)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    use(*s3.keys)
    return use


@pytest.fixture
def bucket(s3: storage.S3, request: pytest.FixtureRequest) -> str:
    name = f"bucket-{abs(hash(request.node.name))}"
    s3.client.create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["folder", "s3", "webdav", "ssh"])
def remote(request: pytest.FixtureRequest, project: Project, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Yield a remote of each kind, which the project uses: what is stored there, and what nobody may see."""
    folder = tmp_path / "store"
    if request.param == "s3":
        request.getfixturevalue("keys")
        s3, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
        project.remote(f"s3://{bucket}/some/path", f"endpointurl = {s3.url}")
        yield SimpleNamespace(stored=lambda: s3.objects(bucket), secret=s3.keys[1])
        return
    if request.param != "folder":
        folder.mkdir()
    found = SimpleNamespace(stored=lambda: files_in(folder), secret=PASSWORD)
    if request.param == "folder":
        project.remote(folder)
        yield found
    elif request.param == "webdav":
        with storage.webdav(folder) as (url, _):
            project.remote(url, local=(f"user = {USER}", f"password = {PASSWORD}"))
            yield found
    else:
        with storage.sftp(folder) as url:
            project.remote(f"{url}store", local=(f"password = {PASSWORD}",))
            yield found


def test_outputs_come_back_as_they_went(project: Project, remote: SimpleNamespace, tmp_path: Path):
    assert project.dvc("push", "-q") == 0
    assert len(remote.stored()) == STORED and misnamed(remote.stored()) == []
    mate = project.cloned(tmp_path / "mate")
    assert mate.dvc("pull", "-q") == 0
    assert mate.outputs() == project.outputs()
    assert mate.dvc("status", "-q") == 0, "and no stage runs again"
    result = project.check()
    assert result.exit_code == 0, result.output
    assert f"all as dvc.lock names it: {STORED} files" in result.output
    assert remote.secret not in result.output + (project.folder / ".dvc/config").read_text()


WRONG = {
    "key": "the server does not know this access key: check AWS_ACCESS_KEY_ID",
    "secret": "the secret key does not belong to the access key: check AWS_SECRET_ACCESS_KEY",
    "rights": "the server refuses: this key may not list, read and write there",
    "bucket": "there is no such bucket: make it, or correct the address: dvc remote modify storage url s3://BUCKET/PATH",
    "server": "no server answers there: is it running, and is the address right (`dvc remote list`)?",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_s3_is_said_in_one_line(what: str, project: Project, s3: storage.S3, keys, bucket: str):
    key, secret = s3.keys
    keys(*{"key": ("AKIAUNKNOWN", secret), "secret": (key, "no such secret"), "rights": s3.keys_without_rights}.get(
        what, s3.keys
    ))  # fmt: skip
    url = f"http://127.0.0.1:{storage.free_port()}" if what == "server" else s3.url
    project.remote(f"s3://{'no-such-bucket' if what == 'bucket' else bucket}/some", f"endpointurl = {url}")
    result = project.check()
    assert one_line(result).startswith(f"Error: remote storage: {WRONG[what]}")
    assert not any(one in result.output for one in (*s3.keys, *s3.keys_without_rights, "AKIAUNKNOWN", "no such secret"))
    assert s3.objects(bucket) == {}


def test_a_wrong_password_of_webdav_is_said_in_one_line(project: Project, tmp_path: Path):
    (tmp_path / "store").mkdir()
    with storage.webdav(tmp_path / "store") as (url, _):
        project.remote(url, local=(f"user = {USER}", "password = not the password"))
        result = project.check()
    assert "check user and password" in one_line(result)
    assert "not the password" not in result.output and files_in(tmp_path / "store") == {}


@pytest.mark.filterwarnings("ignore:Can not control echo")
def test_a_wrong_password_of_ssh_is_asked_for_and_then_said(project: Project, tmp_path: Path):
    (tmp_path / "store").mkdir()
    with storage.sftp(tmp_path / "store") as url:
        project.remote(f"{url}store", local=("password = not the password",))
        result = project.check()
    assert result.exit_code == 1 and "check user and password" in result.output.splitlines()[-1]
    assert "not the password" not in result.output and files_in(tmp_path / "store") == {}


def test_dvc_itself_fails_with_255_and_calls_it_unexpected(project: Project, s3: storage.S3, keys):
    project.remote("s3://no-such-bucket/some", f"endpointurl = {s3.url}")
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "push"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 255
    assert "unexpected error" in done.stderr and "NoSuchBucket" in done.stderr


def test_a_push_to_s3_that_was_cut_corrupts_nothing_and_goes_on(
    project: Project, s3: storage.S3, keys, bucket: str, tmp_path: Path
):
    port = int(s3.url.rpartition(":")[2])
    with storage.forwarded(port, after=5) as proxy:
        project.remote(f"s3://{bucket}/some", f"endpointurl = http://127.0.0.1:{proxy}", FEW)
        error = one_line(project.check())
    assert "the connection was lost" in error or "no server answers there" in error  # whichever file was tried first
    assert "; files that did not get through: " in error
    arrived = s3.objects(bucket)
    assert 0 < len(arrived) < STORED and misnamed(arrived) == []
    assert not any(name.endswith(".dir") for name in arrived), "a listing goes last, as who sees it trusts it"
    project.remote(f"s3://{bucket}/some", f"endpointurl = {s3.url}")
    assert project.dvc("push", "-q") == 0
    mate = project.cloned(tmp_path / "mate")
    assert mate.dvc("pull", "-q") == 0 and mate.outputs() == project.outputs()


def test_after_a_server_was_killed_in_a_push_the_check_mends_what_dvc_takes_for_whole(project: Project, tmp_path: Path):
    store = tmp_path / "store"
    store.mkdir()
    login = (f"user = {USER}", f"password = {PASSWORD}")
    with (
        storage.webdav(store) as (url, process),
        storage.forwarded(int(url.rpartition(":")[2].strip("/")), after=5, then=process.kill) as proxy,
    ):
        project.remote(f"webdav://127.0.0.1:{proxy}/", FEW, local=login)
        assert project.dvc("push", "-q") != 0
    assert 0 < len(files_in(store)) < STORED
    with storage.webdav(store) as (url, _):
        project.remote(url, local=login)
        assert project.dvc("push", "-q") == 0
        assert misnamed(files_in(store)) != [], "half a file, which this push took for there"
        result = project.check()
        assert one_line(result) and "has other bytes than its hash says" in result.output
        assert project.check("--repair").exit_code == 0 and misnamed(files_in(store)) == []
        mate = project.cloned(tmp_path / "mate")
        assert mate.dvc("pull", "-q") == 0 and mate.outputs() == project.outputs()
