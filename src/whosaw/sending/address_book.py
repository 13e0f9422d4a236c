"""Reads who can be told where: the list of known people, and address books beside it, as a stream of batches with columns of one name."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.packs.contacts import canonical, is_mail_address

__all__ = ["BOOK", "BookFile", "is_mail_address", "is_phone", "mail_form", "phone_form"]

BOOK: Final[Mapping[str, tuple[str, ...]]] = {
    "subject": ("subjectid", "person", "customer", "customerid", "member", "memberid", "memberno", "userid", "account", "accountid", "id"),
    "email": ("mail", "emailaddress"),
    "phone": ("mobile", "telephone", "phonenumber", "msisdn"),
    "contact": (),
    "post": ("postaladdress", "address", "homeaddress", "letter"),
    "name": ("fullname", "recipient"),
    "language": ("lang", "locale"),
    "jurisdiction": ("country", "countrycode", "state", "region"),
    "zone": ("timezone", "tz"),
    "born": ("birthdate", "dateofbirth", "birthday"),
    "guardian_email": ("guardianmail",),
    "guardian_phone": (),
    "guardian_post": ("guardianaddress",),
    "deceased": ("died",),
    "unreachable": ("returned",),
    "staff": ("staffid", "employee", "employeeid", "worksas"),
    "saved_by": ("savedby", "bookof", "owner"),
}  # fmt: skip
"""The columns of an address book, and the folded names they are known by besides their own."""
_NOTHING: Final = ["", "-", "null", "NULL", "None", "\\N"]
_BLOCK: Final = 1 << 22  # bytes of text that become a batch: what is made of a batch is many times as large
_PHONE: Final = r"^\+?[0-9][0-9 ().-]{5,22}$"


def is_phone(texts: pa.Array) -> pa.Array:
    """Which are telephone numbers, by their letters alone."""
    return pc.fill_null(pc.match_substring_regex(texts, _PHONE), False)  # noqa: FBT003  # a value


def mail_form(texts: pa.Array) -> pa.Array:
    """One spelling of each mail address: case does not count."""
    return pc.coalesce(canonical("mail", texts), pc.utf8_lower(pc.utf8_trim_whitespace(texts)))


def phone_form(texts: pa.Array) -> pa.Array:
    """One spelling of each number: E.164 where it has its country code, else digits alone."""
    return pc.coalesce(canonical("phone", texts), pc.replace_substring_regex(texts, r"[^0-9]", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFile:
    """A file of people. `columns` is the name in the file by name of column."""

    path: Path
    columns: Mapping[str, str]
    ignored: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> BookFile:
        """Look at the header. Raises `WhosawError` where it has no column that says whom to tell, or two for one thing."""
        names = _header(path)
        found: dict[str, str] = {}
        for column, others in BOOK.items():
            exact = [each for each in names if _folded(each) == _folded(column)]
            fitting = exact or [
                each for each in names if _folded(each) in others and each not in found.values()
            ]
            if len(fitting) > 1:
                raise WhosawError(
                    "notice.book-columns",
                    f"{path}: {' and '.join(fitting)} could each be {column}",
                    hint=f"Name one of them {column}",
                )
            if fitting:
                found[column] = fitting[0]
        if not set(found) & {"email", "phone", "post", "contact"}:
            raise WhosawError(
                "notice.book-columns",
                f"{path} has no column with addresses",
                hint="Known are email, phone, post and contact; docs/howto/notice-send.md lists all columns",
            )
        return cls(
            path=path, columns=found, ignored=tuple(each for each in names if each not in found.values())
        )

    def digest(self) -> str:
        """SHA-256 of the file as it stands."""
        with open(self.path, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def batches(self) -> Iterator[pa.Table]:
        """All rows in order, each column as text under its own name; what the file does not have is null."""
        for batch in self._read():
            yield pa.table(
                {
                    column: _text(batch.column(self.columns[column]))
                    if column in self.columns
                    else pa.nulls(batch.num_rows, pa.string())
                    for column in BOOK
                }
            )

    def _read(self) -> Iterator[pa.RecordBatch]:
        wanted = list(self.columns.values())
        try:
            if self.path.suffix == ".parquet":
                yield from pq.ParquetFile(self.path).iter_batches(1 << 17, columns=wanted)
                return
            with pa.input_stream(str(self.path), compression="detect") as stream:
                reader = pa_csv.open_csv(
                    stream,
                    read_options=pa_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
                    parse_options=pa_csv.ParseOptions(
                        delimiter=_delimiter(self.path), newlines_in_values=True
                    ),
                    convert_options=pa_csv.ConvertOptions(
                        include_columns=wanted,
                        column_types=dict.fromkeys(wanted, pa.string()),
                        null_values=_NOTHING,
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=True,
                    ),
                )
                yield from reader
        except (pa.ArrowInvalid, OSError) as fault:
            raise WhosawError(
                "notice.book-unreadable",
                f"{self.path} cannot be read ({type(fault).__name__}: {_without_values(str(fault))})",
                hint="Every row needs as many fields as the header, in UTF-8; nothing was frozen",
            ) from None


def _without_values(message: str) -> str:
    """The reader quotes the row, which is somebody's."""
    return message.splitlines()[0].partition(": ")[2].partition(", got")[0][:80] or "a row that does not fit"


def _text(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(column.cast(pa.string()))


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _delimiter(path: Path) -> str:
    if ".tsv" in path.suffixes:
        return "\t"
    head = _first_line(path)
    return ";" if head.count(";") > head.count(",") else ","


def _header(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return list(pq.ParquetFile(path).schema_arrow.names)
        return next(csv.reader([_first_line(path)], delimiter=_delimiter(path)), [])
    except (OSError, EOFError, UnicodeDecodeError, pa.ArrowInvalid) as fault:
        raise WhosawError(
            "notice.book-unreadable",
            f"{path} cannot be read ({type(fault).__name__})",
            hint="An address book is CSV, TSV or Parquet, plain or gzip",
        ) from fault


def _first_line(path: Path) -> str:
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")  # noqa: SIM115  # closed below
    with opened as handle:
        return handle.readline(1 << 20).removeprefix(b"\xef\xbb\xbf").decode("utf-8").rstrip("\r\n")
