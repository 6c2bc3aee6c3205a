"""What a document says of its own rhythm, and where it is not listened to."""

from __future__ import annotations

import pytest
from feed_text import rss
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Hints
from monitor.sources.feed import parse_feed
from monitor.sources.hints import read_hints

ITEM = {"title": "خبر", "link": "https://a.example/1"}
SKIPS = "<skipHours><hour>0</hour><hour> 13 </hour><hour>24</hour></skipHours>"
DAYS = "<skipDays><day>Friday</day><day>saturday</day></skipDays>"
SY = "http://purl.org/rss/1.0/modules/syndication/"


@pytest.mark.parametrize(
    ("extra", "hints"),
    [
        ("", Hints()),
        ("<ttl>60</ttl>", Hints(3600.0)),
        ("<ttl>\n 60 </ttl>", Hints(3600.0)),
        ("<ttl><![CDATA[60]]></ttl>", Hints(3600.0)),
        ("<ttl>0</ttl>", Hints()),
        ("<ttl>-60</ttl>", Hints()),
        ("<ttl>PT1H</ttl>", Hints()),
        ("<ttl>1.5</ttl>", Hints()),
        ("<ttl>99999999999</ttl>", Hints()),
        (SKIPS, Hints(skip_hours=(0, 13))),
        (DAYS, Hints(skip_days=(4, 5))),
        ("<skipHours><hour>25</hour><hour>x</hour></skipHours>", Hints()),
        ("<skipDays><day>Someday</day></skipDays>", Hints()),
        ("<skipHours><hour>3</hour>", Hints()),  # never ends
        ("<hour>3</hour><day>Friday</day>", Hints()),  # nothing is skipped
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", Hints(3600.0)),
        ("<syn:updatePeriod> daily </syn:updatePeriod>", Hints(86400.0)),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            Hints(900.0),
        ),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            Hints(3600.0),
        ),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", Hints()),
        ("<sy:updateFrequency>2</sy:updateFrequency>", Hints()),
        ("<ttl>120</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", Hints(7200.0)),  # the longest
        ("<!-- <ttl>60</ttl> -->", Hints()),
        ("<!-- <ttl>60</ttl>", Hints()),
        ("<description><![CDATA[<ttl>60</ttl>]]></description>", Hints()),
        ("<description>&lt;ttl>60&lt;/ttl></description>", Hints()),
        ("<a10:ttl>60</a10:ttl>", Hints()),  # something else of another name space
    ],
)
def test_hints_of_a_channel(extra: str, hints: Hints) -> None:
    assert read_hints(rss([ITEM], extra=extra).decode()) == hints
    assert read_hints(rss([], extra=extra).decode()) == hints


def test_hints_behind_the_last_item_count_and_those_within_items_do_not() -> None:
    item = "<item><title>خبر</title><ttl>5</ttl></item>"
    head = "<rss version='2.0'><channel><title>ص</title>"
    assert read_hints(f"{head}{item * 3}<ttl>60</ttl></channel></rss>") == Hints(3600.0)
    assert read_hints(f"{head}{item * 3}</channel></rss>") == Hints()
    assert read_hints(f"{head}{item * 3}<ttl>60</ttl><item/></channel></rss>") == Hints()


def test_hints_of_atom_and_of_rss_10() -> None:
    period = "<sy:updatePeriod>hourly</sy:updatePeriod>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:sy="{SY}">{period}'
    entry = "<entry><title>خبر</title><ttl>9</ttl></entry>"
    assert read_hints(f"{atom}{entry}</feed>") == Hints(3600.0)
    assert read_hints(f"<a:feed>{period}<a:entry><ttl>9</ttl></a:entry></a:feed>") == Hints(3600.0)
    listed = "<items><rdf:Seq><rdf:li rdf:resource='x'/></rdf:Seq></items>"
    rdf = f"<rdf:RDF><channel>{listed}{period}</channel><item><ttl>9</ttl></item></rdf:RDF>"
    assert read_hints(rdf) == Hints(3600.0)


def test_a_feed_as_read_carries_its_hints() -> None:
    document = rss([ITEM], extra="<ttl>60</ttl>" + SKIPS)
    assert parse_feed(document, {}, "https://a.example/f").hints == Hints(3600.0, (0, 13))


@given(st.lists(st.sampled_from(["<ttl>", "60", "</ttl>", "<item>", "<!--", "-->", "<![CDATA[",
    "]]>", "<skipHours>", "<hour>3</hour>", "</skipHours>", "<sy:updatePeriod>", "daily", "</", "<"
])).map("".join))  # fmt: skip
def test_nothing_that_a_document_says_raises(text: str) -> None:
    hints = read_hints(text)
    assert hints.every >= 0.0
    assert all(0 <= hour < 24 for hour in hints.skip_hours)
