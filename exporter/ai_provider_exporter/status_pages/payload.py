"""A document as it came: bytes, decoded and parsed without trusting what its server calls it."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import rows_in
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
_XML_DECLARATION = re.compile(rb"\s{0,64}<\?xml\s[^>]{0,128}\bencoding\s{0,8}=\s{0,8}[\"']([\w.-]{1,32})")
_CHARSET = re.compile(r"charset\s{0,8}=\s{0,8}\"?([\w.-]{1,32})")
# Of the encodings that Python has, those that documents are written in: some others take quadratic time.
_ENCODING = re.compile(
    r"utf-8|us-ascii|utf-16(?:[lb]e)?|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)"
    r"|big5"
)
_HTML_STARTS = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """`url` is where the document was requested; `content_type` is what its server calls it, often wrong."""

    url: str = ""
    content_type: str = ""
    body: bytes

    def text(self) -> str:
        """Decode by the byte order mark, else by the XML declaration, else as UTF-8 (AWS serves UTF-16).

        The charset of the content type counts only where that fails. A byte that is wrong in all of them becomes
        U+FFFD: it must not cost the page.

        Raises:
            PageFailure: empty_answer.
        """
        text = self._decoded()
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
        """The JSON value that the document is. Raw control characters in strings pass: templates leave them there.

        Raises:
            PageFailure: as `data`, and malformed_response for what is not JSON, or gives a key two values.
        """
        text = self.data()
        try:
            return json.loads(text, strict=False, parse_constant=_refuse, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            raise PageFailure("malformed_response", f"{self._name} is not JSON: {error}") from None

    def object(self) -> dict[str, Any]:
        """The JSON object that the document is; raises PageFailure as `json`, and for any other JSON."""
        document = self.json()
        if not isinstance(document, dict):
            raise PageFailure("malformed_response", f"{self._name} is JSON, but not an object")
        return document

    def array(self) -> list[Any]:
        """The JSON list that the document is; raises PageFailure as `json`, and for any other JSON."""
        document = self.json()
        if not isinstance(document, list):
            raise PageFailure("malformed_response", f"{self._name} is JSON, but not a list")
        return document

    def rows(self, unknown: UnknownValues) -> list[dict[str, Any]]:
        """The objects in the list that the document is; anything else in it is counted. Raises as `array`."""
        return rows_in({"rows": self.array()}, "rows", unknown)

    def _decoded(self) -> str:
        declared = self._mark() or _declared(self.body) or "utf-8"
        for encoding in filter(None, (declared, _charset(self.content_type))):
            try:
                return self.body.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
        return self.body.decode("utf-8", "replace")

    def _mark(self) -> str:
        return next((name for mark, name in _BYTE_ORDER_MARKS if self.body.startswith(mark)), "")

    @property
    def _name(self) -> str:
        return safe_url(self.url) if self.url else "the document"


def _declared(body: bytes) -> str:
    declaration = _XML_DECLARATION.match(body)
    return _encoding(declaration[1].decode()) if declaration else ""


def _charset(content_type: str) -> str:
    charset = _CHARSET.search(content_type[:200].lower())
    return _encoding(charset[1]) if charset else ""


def _encoding(name: str) -> str:
    return name.lower() if _ENCODING.fullmatch(name.lower()) else ""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ in which of two values of one key they take: what such a document says, nobody knows."""
    document = dict(pairs)
    if len(document) < len(pairs) and any(document[key] != value for key, value in pairs):
        raise ValueError("an object gives one key two values")
    return document
