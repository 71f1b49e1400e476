"""A document as it came, and how to take hold of what is in it without trusting its shape."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit, urlunsplit

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
_HTML_STARTS = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """`url` is where the document was asked for; `content_type` is what its server calls it, often wrong."""

    url: str = ""
    content_type: str = ""
    body: bytes

    def text(self) -> str:
        """Decode by the byte order mark, else as UTF-8: AWS serves UTF-16, and headers are not believed.

        Raises:
            PageFailure: empty_answer or malformed_response.
        """
        encoding = next((name for mark, name in _ENCODINGS if self.body.startswith(mark)), "utf-8")
        try:
            text = self.body.decode(encoding)
        except UnicodeDecodeError as error:
            problem = f"{self._name} is not {encoding}: {error.reason}"
            raise PageFailure("malformed_response", problem) from None
        if not text.strip():
            raise PageFailure("empty_answer", f"{self._name} is empty")
        return text

    def data(self) -> str:
        """The text of what must not be a web page.

        Raises:
            PageFailure: unexpected_content_type for HTML, else as `text`.
        """
        text = self.text()
        if text[:200].lstrip().lower().startswith(_HTML_STARTS):
            raise PageFailure("unexpected_content_type", f"{self._name} is HTML; has the page moved?")
        return text

    def json(self) -> Any:
        """Parse strictly; raises PageFailure as `data`, and malformed_response for what is not JSON."""
        text = self.data()
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise PageFailure("malformed_response", f"{self._name} is not JSON: {error}") from None

    def object(self) -> dict[str, Any]:
        """The JSON object that the document is; raises PageFailure as `json`, and for any other JSON."""
        found = self.json()
        if not isinstance(found, dict):
            raise PageFailure("malformed_response", f"{self._name} is JSON, but not an object")
        return found

    def array(self) -> list[Any]:
        """The JSON list that the document is; raises PageFailure as `json`, and for any other JSON."""
        found = self.json()
        if not isinstance(found, list):
            raise PageFailure("malformed_response", f"{self._name} is JSON, but not a list")
        return found

    def rows(self, unknown: UnknownValues) -> list[dict[str, Any]]:
        """The objects in the list that the document is; what else is in it is a doubt. Raises as `array`."""
        return rows_in({"rows": self.array()}, "rows", unknown)

    @property
    def _name(self) -> str:
        return safe_url(self.url) if self.url else "the document"


def split_url(url: str) -> SplitResult:
    """The parts of a URL that somebody else wrote; all of them empty if it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def safe_url(url: str) -> str:
    """The URL without what may be secret in it: user, password and query; empty if it is none."""
    parts = split_url(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def object_in(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`; empty if it is missing or null.

    Raises:
        PageFailure: malformed_response if something else is there.
    """
    found = parent.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise PageFailure("malformed_response", f"{key} is not an object")
    return found


def section_in(document: Mapping[str, Any], key: str, unknown: UnknownValues) -> list[dict[str, Any]]:
    """The rows of a section of the document: as `rows_in`, but here something else than a list is no doubt.

    Raises:
        PageFailure: malformed_response if it is not a list.
    """
    if not isinstance(document.get(key), list | None):
        raise PageFailure("malformed_response", f"{key} is not a list")
    return rows_in(document, key, unknown)


def rows_in(row: Mapping[str, Any], key: str, unknown: UnknownValues) -> list[dict[str, Any]]:
    """The objects in the list under `key`; none if it is missing or null. What is none of this is a doubt."""
    found = row.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        unknown.count += 1
        return []
    rows = [item for item in found if isinstance(item, dict)]
    unknown.count += len(found) - len(rows)
    return rows


def text_in(row: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds text or a whole number, on one line; empty if none does."""
    for key in keys:
        text = one_line(row.get(key))
        if text:
            return text
    return ""


def one_line(value: Any) -> str:
    """Text fit for a label: blanks collapsed, no lone surrogates; whole numbers as text; else empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    return " ".join(value.encode("utf-8", "replace").decode().split())
