"""Zip archives (DOCX, EPUB): checked before anything is unpacked, read part by part within bounds."""

import io
import zipfile

from lxml import etree

from stages.documents.blocks import ReadError

LARGEST = 500_000_000  # bytes that all entries unpack to
LARGEST_PART = 50_000_000  # bytes of one part that is read
MOST_ENTRIES = 10_000
STEEPEST = 200  # times that an entry of more than SMALL bytes may grow
SMALL = 10_000_000
HEADER = 30  # bytes of an entry's own header, without the name


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Return the archive; nothing is unpacked yet.

    Raises:
        ReadError: "unreadable" if it is no zip archive, "encrypted" if a password is needed, "zip_bomb" if it promises
            more than it may: too many bytes or entries, too much growth, entries that share bytes (as in D. Fifield,
            "A better zip bomb", WOOT 2019).
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise ReadError("unreadable", f"this is no whole zip archive: {error}") from error
    if len(entries) > MOST_ENTRIES:
        raise ReadError("zip_bomb", f"the archive has {len(entries)} entries, more than {MOST_ENTRIES}")
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST:
        raise ReadError("zip_bomb", f"the archive unpacks to {total} bytes, more than {LARGEST}")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.flag_bits & 1:
            raise ReadError("encrypted", f"{entry.filename!r} in the archive is protected by a password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others unpack without bounds
            raise ReadError("unreadable", f"{entry.filename!r} in the archive is neither stored nor deflated")
        if entry.file_size > SMALL and entry.file_size > STEEPEST * entry.compress_size:
            raise ReadError("zip_bomb", f"{entry.filename!r} in the archive grows more than {STEEPEST} times")
        if entry.header_offset < end:
            raise ReadError("zip_bomb", f"{entry.filename!r} in the archive shares its bytes with another entry")
        end = entry.header_offset + HEADER + entry.compress_size
    return archive


def part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """Return a part of the archive, None if there is none of that name.

    Raises:
        ReadError: "zip_bomb" if it has more than LARGEST_PART bytes, "unreadable" if it is damaged.
    """
    try:
        entry = archive.getinfo(name)
    except KeyError:
        return None
    if entry.file_size > LARGEST_PART:
        raise ReadError("zip_bomb", f"{name!r} has {entry.file_size} bytes, more than {LARGEST_PART}")
    try:
        with archive.open(entry) as file:
            return file.read(entry.file_size + 1)  # read() without a limit would unpack all, whatever was promised
    except Exception as error:  # the decompressors have errors of their own
        raise ReadError("unreadable", f"{name!r} in the archive is damaged: {error}") from error


def xml_part(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    """Return the root of an XML part, None if it is not there. Entities are not resolved and nothing is loaded.

    Raises:
        ReadError: as `part`, and "unreadable" if it is no XML.
    """
    data = part(archive, name)
    if data is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("unreadable", f"{name!r} in the archive is no XML: {error}") from error
