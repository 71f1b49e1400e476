"""What a DNS answer must be, and what is not so. Names have no case (RFC 4343) and addresses several spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from pydantic import AfterValidator, Field

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.pattern import Pattern, matches
from ai_provider_exporter.probes.redaction import redacted_line
from ai_provider_exporter.schema.types import OneOrMany, Options

_MAX_ALIASES = 16


def _rcode(value: str) -> str:
    try:
        dns.rcode.from_text(value)
    except dns.exception.DNSException:
        raise ValueError(f"{value!r} is not a response code; write one such as NOERROR or NXDOMAIN") from None
    return value.upper()


class RecordExpect(Options):
    """Of one section; a pattern sees a record's data, and the whole record as a zone file has it, tabs between."""

    regex: OneOrMany[Pattern] = Field(
        default=(), description="regular expression, or a list, each of which matches a record"
    )
    every_regex: OneOrMany[Pattern] = Field(
        default=(), description="regular expression, or a list, each of which matches every record"
    )
    not_regex: OneOrMany[Pattern] = Field(
        default=(), description="regular expression, or a list, none of which matches a record"
    )

    def problems(self, section: str, records: Sequence[Record]) -> Iterator[str]:
        for regex in self.regex:
            if not any(record.matches(regex) for record in records):
                yield f"{section}, and none matches {regex!r}"
        for regex in self.every_regex:
            if not all(record.matches(regex) for record in records):
                yield f"{section}, and not every one matches {regex!r}"
        for regex in self.not_regex:
            if any(record.matches(regex) for record in records):
                yield f"{section}, and one matches {regex!r}"


class DnsExpect(RecordExpect):
    """Left out: NOERROR with at least one record of the type. `records` are compared by value."""

    rcode: OneOrMany[Annotated[str, AfterValidator(_rcode)]] = Field(
        default=("NOERROR",), description="response code, or a list, one of which comes"
    )
    records: OneOrMany[str] = Field(default=(), description="data of records that must be among the answers")
    authority: RecordExpect = Field(default=RecordExpect(), description="the same patterns for the authority section")
    additional: RecordExpect = Field(default=RecordExpect(), description="the same for the additional section")


class Record:
    """One record: its owner and its data."""

    def __init__(self, rrset: dns.rrset.RRset, data: dns.rdata.Rdata) -> None:
        kind = dns.rdatatype.to_text(data.rdtype)
        self.data = data
        self.text = data.to_text()
        self._line = f"{rrset.name}\t{rrset.ttl}\tIN\t{kind}\t{self.text}"

    def matches(self, pattern: str) -> bool:
        return matches(pattern, self.text.encode()) or matches(pattern, self._line.encode())


def parse_record(kind: str, text: str) -> dns.rdata.Rdata:
    """The data of a record, from its text.

    Raises:
        ValueError: it is none of that type; the message says so.
    """
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), text)
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f"{text!r} is not the data of a record of type {kind}: {error}") from None


def judge(reply: dns.message.Message, query: str, kind: str, expect: DnsExpect) -> None:
    """Compare a reply with what is expected.

    Raises:
        Failure: dns_not_found, dns_error, another code than expected; assertion_failed.
    """
    code = dns.rcode.to_text(reply.rcode())
    if code not in expect.rcode:
        raise _refusal(code, query, expect)
    records = answers(reply, dns.name.from_text(query), kind)
    section = f"{kind} of {query} is {redacted_line(', '.join(record.text for record in records)) or 'nothing'}"
    for problem in _problems(reply, kind, section, records, expect):
        raise Failure("assertion_failed", problem)


def _refusal(code: str, query: str, expect: DnsExpect) -> Failure:
    if expect.rcode != ("NOERROR",):
        return Failure("assertion_failed", f"the resolver answered {code}, not {' or '.join(expect.rcode)}")
    if code == "NXDOMAIN":
        return Failure("dns_not_found", f"the resolver says that {query} does not exist")
    return Failure("dns_error", f"the resolver answered {code}")


def _problems(
    reply: dns.message.Message, kind: str, section: str, records: Sequence[Record], expect: DnsExpect
) -> Iterator[str]:
    values = {record.data for record in records}
    missing = [text for text in expect.records if parse_record(kind, text) not in values]
    if missing or (not records and "NOERROR" in expect.rcode and reply.rcode() == dns.rcode.NOERROR):
        yield f"{section}, without {', '.join(missing) or 'a record'}"
    yield from expect.problems(section, records)
    yield from expect.authority.problems("the authority section is as it is", _records(reply.authority))
    yield from expect.additional.problems("the additional section is as it is", _records(reply.additional))


def answers(reply: dns.message.Message, name: dns.name.Name, kind: str) -> list[Record]:
    """The records of the type that the name has, by way of its aliases; what else is in the answer does not count."""
    wanted = dns.rdatatype.from_text(kind)
    for _ in range(_MAX_ALIASES):
        here = [rrset for rrset in reply.answer if rrset.name == name]
        matching = [rrset for rrset in here if wanted in {rrset.rdtype, dns.rdatatype.ANY}]
        alias = next((rrset for rrset in here if rrset.rdtype == dns.rdatatype.CNAME), None)
        if matching or alias is None:
            return _records(matching)
        name = alias[0].target
    return []


def _records(section: Sequence[dns.rrset.RRset]) -> list[Record]:
    return [Record(rrset, data) for rrset in section for data in rrset]
