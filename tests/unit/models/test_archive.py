import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models import ModelRejected, OnnxDetector, RejectionReason, released
from models.__main__ import app
from models.archive import manifest_of, pack, unpack
from models.signing import (
    BadKey,
    BadSignature,
    check,
    new_key,
    public_text,
    read_key,
    read_public,
    sign,
)
from wire.messages import DesiredModel, signed_text


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "street.tar"
    pack(released(), path)
    return path


def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def test_what_is_packed_comes_out_and_loads(archive: Path, tmp_path: Path) -> None:
    folder = empty(tmp_path)
    assert unpack(archive, folder) == manifest_of(archive)
    assert OnnxDetector.load(folder).manifest == manifest_of(archive)


def test_packing_twice_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(released(), tmp_path / "copied"))
    for file in copied.iterdir():
        file.touch()
    pack(copied, tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == archive.read_bytes()


def hostile(path: Path, *entries: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(bytes(entry.size)))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0):
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, size
    return made


@pytest.mark.parametrize(
    "entries",
    [
        [entry("../outside")],
        [entry("/etc/outside")],
        [entry("folder/file")],
        [entry("..")],
        [entry(".hidden")],
        [entry("link", tarfile.SYMTYPE, "/etc/passwd")],
        [entry("link", tarfile.LNKTYPE, "manifest.json")],
        [entry("folder", tarfile.DIRTYPE)],
        [entry("pipe", tarfile.FIFOTYPE)],
        [entry("device", tarfile.CHRTYPE)],
        [entry("twice"), entry("twice")],
        [entry(f"f{k}") for k in range(40)],
    ],
    ids=lambda entries: entries[0].name,
)
def test_an_archive_that_reaches_out_is_refused_before_anything_is_written(
    tmp_path: Path, entries: list[tarfile.TarInfo]
) -> None:
    folder = empty(tmp_path)
    with pytest.raises(ModelRejected) as refused:
        unpack(hostile(tmp_path / "bad.tar", entry("manifest.json"), *entries), folder)
    assert refused.value.reason is RejectionReason.BAD_ARCHIVE
    assert list(folder.iterdir()) == []


def test_an_archive_cut_short_anywhere_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for k, share in enumerate((0.0, 0.0001, 0.1, 0.5, 0.9)):
        (tmp_path / "short.tar").write_bytes(whole[: int(len(whole) * share)])
        folder = tmp_path / f"short{k}"
        folder.mkdir()
        with pytest.raises(ModelRejected):
            unpack(tmp_path / "short.tar", folder)


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "model.tar", "w:gz") as tar:
        tar.add(released() / "manifest.json", "manifest.json")
    with pytest.raises(ModelRejected, match="uncompressed"):
        unpack(tmp_path / "model.tar", empty(tmp_path))


def test_a_folder_whose_weights_differ_is_not_packed(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(released(), tmp_path / "copied"))
    (copied / "model.onnx").write_bytes(b"other weights")
    with pytest.raises(ModelRejected) as refused:
        pack(copied, tmp_path / "out.tar")
    assert refused.value.reason is RejectionReason.SHA256_DIFFERS
    assert not (tmp_path / "out.tar").exists()


def test_a_signature_holds_for_its_name_version_and_hash_alone(
    archive: Path, tmp_path: Path
) -> None:
    key = new_key(tmp_path / "key.pem")
    public = read_public(public_text(key))
    release = sign(archive, read_key(tmp_path / "key.pem"))
    words = (release.name, release.model_version, release.sha256)
    check(signed_text(*words), release.signature, public)
    for k in range(3):
        forged = [*words]
        forged[k] = "0" * 64
        with pytest.raises(BadSignature):
            check(signed_text(*forged), release.signature, public)
    other = read_public(public_text(new_key(tmp_path / "other.pem")))
    for signature, whose in ((release.signature, other), ("no base64!", public), ("AAAA", public)):
        with pytest.raises(BadSignature):
            check(signed_text(*words), signature, whose)


def test_a_key_is_private_and_never_replaced(tmp_path: Path) -> None:
    new_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        new_key(tmp_path / "key.pem")


@pytest.mark.parametrize("text", ["", "short", "A" * 44, "中文"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        read_public(text)


def test_the_command_line_packs_and_signs_what_the_wire_can_carry(tmp_path: Path) -> None:
    command = CliRunner()
    made = command.invoke(app, ["keygen", str(tmp_path / "key.pem")])
    assert made.exit_code == 0, made.output
    arguments = [
        "pack",
        str(released()),
        "--out",
        str(tmp_path),
        "--key",
        str(tmp_path / "key.pem"),
    ]
    packed = command.invoke(app, arguments)
    assert packed.exit_code == 0, packed.output
    archive, paper = (Path(line) for line in packed.output.split())
    release = json.loads(paper.read_text())
    assert release.pop("bytes") == archive.stat().st_size
    desired = DesiredModel(version=1, url="http://127.0.0.1/", **release)
    check(desired.signed_text(), desired.signature, read_public(made.output.strip()))


def test_the_command_line_permits_a_node_to_go_back(tmp_path: Path) -> None:
    command, key = CliRunner(), str(tmp_path / "key.pem")
    public = read_public(command.invoke(app, ["keygen", key]).output.strip())
    packed = command.invoke(app, ["pack", str(released()), "--out", str(tmp_path), "--key", key])
    release = Path(packed.output.split()[1])
    arguments = ["permit-rollback", str(release), "--node", "E-01", "--from", "9.0.0", "--key", key]
    permitted = command.invoke(app, arguments)
    assert permitted.exit_code == 0, permitted.output
    paper = json.loads(Path(permitted.output.strip()).read_text())
    words = json.loads(release.read_text())
    words.pop("bytes")
    desired = DesiredModel(
        version=1,
        url="http://127.0.0.1/",
        rollback={name: paper[name] for name in ("from_version", "issued_at", "signature")},
        **words,
    )
    assert desired.rollback is not None
    check(desired.rollback_text("E-01"), desired.rollback.signature, public)
    with pytest.raises(BadSignature):
        check(desired.rollback_text("E-02"), desired.rollback.signature, public)


def test_the_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    (tmp_path / "bad.tar").write_text("no archive")
    for arguments, words in (
        (["sign", str(tmp_path / "bad.tar"), "--key", str(tmp_path / "key.pem")], "no private key"),
        (["pack", str(tmp_path), "--out", str(tmp_path)], "no_manifest"),
        (["keygen", str(tmp_path / "key.pem")], "exists"),
    ):
        shown = CliRunner().invoke(app, arguments)
        assert shown.exit_code == 2
        assert words in shown.output
