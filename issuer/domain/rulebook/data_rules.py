"""TOK-08: what may leave the mainland is de-identified. Reports are looked through at the door."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from issuer.domain.collections import CollectionBatch
from issuer.domain.names import squeezed
from issuer.domain.regime import Basis
from issuer.domain.rulebook.rule import Facts, Rule, rule

#: Shapes of personal data. Check digits are not asked for: a misspelt number points to somebody too.
PERSONAL_DATA: Mapping[str, re.Pattern[str]] = {
    "identity card number": re.compile(
        r"(?<!\d)[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\d)",
        re.IGNORECASE,
    ),
    "mobile number": re.compile(r"(?<!\d)(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    "e-mail address": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+"),
}


@dataclass(frozen=True, slots=True)
class ReportCase:
    """A report about to come in: every text of it by its place, as a JSON pointer."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, batches: Sequence[CollectionBatch]) -> ReportCase:
        """What a servicer writes of collections in words of its own."""
        texts: dict[str, str] = {}
        for index, batch in enumerate(batches):
            texts[f"/batches/{index}/id"] = batch.id
            if batch.fx is not None:
                texts[f"/batches/{index}/fx/reference"] = batch.fx.reference or ""
                texts[f"/batches/{index}/fx/outward_reference"] = batch.fx.outward_reference or ""
        return cls(texts)


@rule(
    "TOK-08",
    "Only de-identified asset ids and revenue figures cross the border.",
    "仅限去标识化的资产编号及收入数据出境。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, duty to keep data secure; scan by design",
    cure="Report by district or site, without numbers, telephones or addresses of persons.",
)
def report_names_no_person(case: ReportCase) -> Iterator[Facts]:
    """Says where and what, and never repeats the text: a refusal must not spread it."""
    for place, text in case.texts.items():
        # Full-width digits are the same to a reader, and what is invisible hides nothing.
        read = squeezed(text)
        for kind, shape in PERSONAL_DATA.items():
            if shape.search(read):
                yield {"place": place, "looks_like": kind}


REPORT_RULES: tuple[Rule[ReportCase], ...] = (report_names_no_person,)
