"""Templates: what they may say, that feed text stays text in them, and that none gets out."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from channel_samples import HOSTILE, LINK, REPEAT, message
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels.template import (
    MOST_LETTERS,
    MOST_STEPS,
    TemplateFaultError,
    Wording,
    check_template,
)
from monitor.core.alerts.fit import fit
from monitor.core.alerts.render import LONGEST_TEXT
from monitor.core.alerts.samples import sample
from monitor.model import Marked, Message, Severity

BAGHDAD = timezone(timedelta(hours=3), "+03")


def worded(template: str, alert: Message | None = None) -> Message:
    return Wording(template, timezone=BAGHDAD).reword(alert or message())


def with_story(alert: Message, **story: object) -> Message:
    """The message of the same delivery, its article changed."""
    (delivery,) = alert.deliveries
    changed = replace(delivery.story, **story)  # type: ignore[arg-type]  # test shorthand
    return replace(alert, deliveries=(replace(delivery, story=changed),))


def test_a_file_without_blocks_is_the_text() -> None:
    got = worded("خبر: {{ article.title }}\n{{ article.link }}\n")
    assert got.text == f"خبر: قصف على سنجار\n{LINK}"
    assert [line.text for line in got.lines] == got.text.split("\n")
    assert got.subject == message().subject
    assert '<html dir="rtl" lang="ar">' in got.html
    assert "خبر: قصف على سنجار</p>" in got.html
    assert f'href="{LINK.replace("&", "&amp;")}"' in got.html


@pytest.mark.parametrize("block", ["subject", "text", "html"])
def test_what_a_template_leaves_out_stays_as_it_is(block: str) -> None:
    before = message()
    got = worded(f"أولا {{% block {block} %}}س {{{{ article.source }}}}{{% endblock %}}")
    assert (got.subject == before.subject) == (block != "subject")
    assert (got.text == before.text) == (block != "text")
    assert (got.lines == before.lines) == (block != "text")
    assert (got.html == before.html) == (block == "subject")
    changed = {"subject": got.subject, "text": got.text, "html": got.html}[block]
    assert "س وكالة النهر" in changed
    assert "أولا" not in got.subject + got.text + got.html
    same = replace(got, subject="", text="", html="", lines=(), titled=True)
    assert same == replace(before, subject="", text="", html="", lines=())


def test_all_that_the_readme_names_is_there() -> None:
    template = (
        "{{ severity }} {{ severity_label }} {{ possible_repeat }} {{ language }}"
        "{% for a in articles %}|{{ a.title }}|{{ a.link }}|{{ a.source }}|{{ a.published }}"
        "|{{ a.severity }} {{ a.severity_label }}"
        "{% for r in a.rules %}|{{ r.name }}; {{ r.severity }}; {{ r.words|join(',') }}; "
        "{{ r.evidence|join }}{% endfor %}|{{ a.excerpts|length }}"
        "{% for p in a.places %}|{{ p.name }} < {{ p.containers|join(' < ') }}{% endfor %}"
        "|{{ a.map }}{% endfor %}"
    )
    assert worded(template, sample("ar", BAGHDAD)).text.split("|") == [
        "high مهم False ar",
        "خبر للتجربة: اشتباكات في قضاء مخمور",
        "https://news.example/2026/1?id=1&lang=ar",
        "صحيفة المثال",
        "2026-01-02 15:00 +03",
        "high مهم",
        "داعش في مخمور; high; داعش,مخمور; قبله «قضاء»",
        "اشتباكات; normal; اشتباكات; ",
        "2",
        "مخمور < نينوى < العراق",
        "العراق < ",
        "https://www.openstreetmap.org/?mlat=35.776&mlon=43.579#map=11/35.776/43.579",
    ]


def test_labels_are_those_of_the_language() -> None:
    names = "rule source published undated untitled no_link places comma semicolon possible_repeat"
    template = "|".join(f"{{{{ labels.{name} }}}}" for name in names.split())
    english = worded(template, sample("en", UTC)).text.split("|")
    assert english[:6] == [
        *("Rule", "Source", "published", "undated", "Article without a title", "no link"),
    ]
    assert worded(template).text.split("|")[0] == "القاعدة"


def test_what_is_set_outside_of_the_blocks_holds_in_them() -> None:
    template = (
        "{% set word = 'قيمة' %}{% macro line(x) %}<{{ x }}>{% endmacro %}"
        "{% block text %}{{ word }} {{ line('س') }}{% endblock %}"
        "{% block html %}{{ word }} {{ line('<س>') }}{% endblock %}"
    )
    got = worded(template)
    assert got.text == "قيمة <س>"
    assert "قيمة <&lt;س&gt;>" in got.html


def test_lines_are_tidied_and_cut_as_those_of_any_message() -> None:
    got = worded("\n\n\nأ  \n\n\n\nب\u202e\x1b[31m\r\nج\u2028د\n\n")
    assert got.text == "أ\n\nب[31m\nج\nد"
    long = worded("{% for i in range(900) %}{{ article.title }}\n{% endfor %}{{ article.link }}")
    assert len(long.text) <= LONGEST_TEXT
    assert long.text.endswith(LINK)


def test_a_subject_is_one_short_line() -> None:
    got = worded("{% block subject %}\nأ\n ب \n{{ article.title * 20 }}{% endblock %}")
    assert got.subject.startswith("أ ب قصف")
    assert len(got.subject) <= 200
    assert worded("{% block subject %} {% endblock %}").subject == message().subject


def test_services_with_a_title_show_the_text_whole() -> None:
    title, lines = fit(worded("أول\n{{ article.title }}"), title=100, body=1000)
    assert (title, lines) == ("قصف على سنجار", ("أول", "قصف على سنجار"))


@pytest.mark.parametrize("html", ["<p>س</p>", "<html><body class=x><p>س</p></body></html>"])
def test_the_mark_of_a_repeat_stands_first_where_it_is_left_out(html: str) -> None:
    blocks = f"{{% block text %}}س{{% endblock %}}{{% block html %}}{html}{{% endblock %}}"
    got = worded(blocks, message(repeat=True))
    assert got.text == f"{REPEAT}\nس"
    body = got.html[got.html.index("<body") :]
    assert body.index(REPEAT) < body.index("س")
    assert REPEAT not in worded(blocks).text + worded(blocks).html


def test_a_template_may_show_the_mark_itself() -> None:
    shown = "{% if possible_repeat %}{{ labels.possible_repeat }}{% endif %}"
    blocks = (
        f"{{% block text %}}س\n{shown}\n{{% endblock %}}{{% block html %}}{shown}{{% endblock %}}"
    )
    got = worded(blocks, message(repeat=True))
    assert got.text == f"س\n{REPEAT}"
    assert got.html.count(REPEAT) == 1


def test_plain_text_stays_plain() -> None:
    blocks = "{% block text %}س{% endblock %}{% block html %}<p>س</p>{% endblock %}"
    assert worded(blocks, message(plain=True)).html == ""


def test_several_articles_are_listed() -> None:
    alert = message()
    second = with_story(alert, title=Marked("ثان"), link=None).deliveries[0]
    both = replace(alert, deliveries=(*alert.deliveries, second))
    template = "{% for a in articles %}{{ a.title }} {{ a.link or labels.no_link }}\n{% endfor %}"
    assert worded(template, both).text == f"قصف على سنجار {LINK}\nثان بلا رابط"


def test_many_articles_are_never_cut_off_by_a_template(caplog: pytest.LogCaptureFixture) -> None:
    alert = message()
    many = replace(alert, deliveries=alert.deliveries * 100)
    wording = Wording(
        "{% for a in articles %}{{ a.title }} {{ a.link }}\n{% endfor %}", timezone=UTC
    )
    assert wording(many) == many
    assert "several articles make more than 3500 letters" in caplog.text
    few = replace(alert, deliveries=alert.deliveries * 20)
    assert wording(few).text.count(LINK) == 20
    roomy = Wording("{% for a in articles %}{{ a.link }}\n{% endfor %}", timezone=UTC, longest=9999)
    assert roomy(many).text.count(LINK) == 100


# --- feed text stays text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% for x in range(9) %}س{% endfor %}",
        "{{ ''.__class__.__mro__ }}",
        "{# تعليق #}",
        "{{ config }}{% raw %}",
    ],
)
def test_template_syntax_of_a_feed_is_text(text: str) -> None:
    alert = with_story(message(), title=Marked(text), excerpts=(Marked(text),), source=text)
    got = worded("{{ article.title }}\n{{ article.excerpts[0] }}\n{{ article.source }}", alert)
    shown = [line.replace("\u200b", "") for line in got.text.split("\n")]
    assert shown == [text, text, text]


def test_nothing_of_a_feed_acts_in_text_or_html() -> None:
    alert = with_story(message(), title=Marked(HOSTILE), link="javascript:alert(1)")
    got = worded(
        "{% block text %}{{ article.title }}\n{{ article.link or 'بلا' }}{% endblock %}"
        '{% block html %}<a href="{{ article.link }}" title="{{ article.title }}">'
        "{{ article.title|safe }}</a>{% endblock %}",
        alert,
    )
    assert got.text.endswith("\nبلا")
    for acting in ("@everyone", "<!channel>", "](https", "evil.example", "\x1b", "\u202e", "\x00"):
        assert acting not in got.text + got.html, acting
    assert "<b" not in got.html.replace("<body", "").replace("<bdi", "")
    assert 'href=""' in got.html


@given(st.text(max_size=200))
def test_whatever_a_feed_says_the_message_is_text_in_lines(text: str) -> None:
    alert = with_story(message(), title=Marked(text), source=text, link=text)
    got = worded("{{ article.title }}\n{{ article.source }} {{ article.link }}\nآخر", alert)
    assert got.text.split("\n")[-1] == "آخر"
    assert "\n".join(line.text for line in got.lines) == got.text
    got.text.encode()
    got.html.encode()


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (
            "س\n{{ article.titel }}",
            "t.j2:2: nothing in it is called titel (did you mean title?)",
        ),
        ("{{ artcle }}", "t.j2:1: nothing is called artcle (did you mean article?)"),
        ("س\n\n{% if %}", "t.j2:3: a name or value is missing before this end"),
        ("س {{ article.title", "t.j2:1: the template ends where '}}' is due"),
        ("{% for a in articles %}س", "t.j2:1: the template ends before {% endfor %}"),
        ("{{ article.title|shout }}", "t.j2:1: no filter is called shout"),
        ("{% block body %}{% endblock %}", "t.j2: a block is subject, text or html, not body"),
        ("{% include '/etc/passwd' %}", "t.j2:1: other files cannot be included or imported"),
        ("{% extends 'x' %}", "t.j2:1: other files cannot be included or imported"),
        ("{% import 'x' as y %}", "t.j2:1: other files cannot be included or imported"),
        ("", "t.j2: the template makes an empty text"),
        ("{% block text %} \n {% endblock %}", "t.j2: the template makes an empty text"),
        (
            "{{ article.places[0].name }}",
            "t.j2:1: the list has no item 0",
        ),  # an article may name none
        (
            "{% if possible_repeat %}\n{{ x }}{% endif %}س",
            "t.j2:2: nothing is called x (there are article, articles, ",
        ),
        ("(" * 5 + "{{ " + "(" * 9000 + " }}", "t.j2: cannot be read: RecursionError"),
        ("{{ 1 // 0 }}", "t.j2:1: a division by zero"),
    ],
)
def test_a_fault_is_told_with_its_line(template: str, reason: str) -> None:
    told = check_template(template, "t.j2")
    assert told is not None
    assert told.startswith(reason), told
    assert "\n" not in told


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''['__class__'] }}",
    "{{ article.__init__.__globals__ }}",
    "{{ articles.append(1) }}",
    "{{ article.update({'title': 'x'}) }}",
    "{{ article.clear() }}",
    "{{ labels.pop('rule') }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ self.text.__func__ }}",
    "{{ range.__self__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ dict.__base__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ namespace.__init__ }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "{{ ('%s'|format)(1) }}",
    "{{ article|map('attr', '__class__')|list }}",
    "{% set x = articles.__class__ %}{{ x }}",
    "{{ (1).__class__ }}",
    "{{ article.title.__len__.__self__.__class__ }}",
    "{{ caller.__globals__ }}",
    "{{ loop.__init__ }}",
    "{{ config }}{{ request }}{{ url_for }}",
    "{% import 'os' as os %}{{ os }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
]
BOMBS = [
    "{% for x in range(10**9) %}س{% endfor %}",
    "{% for x in range(1000000) %}{% endfor %}س",
    "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}س",
    "{% for a in range(999) %}{% for b in range(999) %}س{% endfor %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}س",
    "{% macro f(s) %}{{ f(s ~ s) }}{% endmacro %}{{ f('سسسسسسسس') }}",
    "{% for x in articles recursive %}{{ loop(articles) }}{% endfor %}",
    "{{ 'س' * 10**9 }}",
    "{{ 10**9 * 'س' }}",
    "{{ [1] * 10**9 }}",
    "{{ 9**9**9 }}",
    "{{ 9**9**9**9 > 1 }}",
    "{{ ('%1000000000d' % 1)|length }}",
    "{{ 'س'.ljust(10**9)|length }}",
    "{{ 'س'['center'](10**9)|length }}",
    "{{ 'س'|center(1000000000)|length }}",
    "{{ 'س'|indent(1000000000, true)|length }}",
    "{{ '{:1000000000}'.format(1)|length }}",
    "{{ lipsum(n=100000) }}",
    "{% set n = namespace(x='س') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
]


@pytest.mark.parametrize("template", [*ESCAPES, *BOMBS])
def test_a_way_out_or_up_is_refused_or_leads_nowhere(template: str) -> None:
    told = check_template(template, "t.j2")
    assert told is not None
    assert "/etc" not in told.replace("'/etc/passwd'", "")
    for alert in (message(), message(repeat=True)):
        with pytest.raises(TemplateFaultError):
            worded(template, alert)


def test_limits_are_those_that_are_named() -> None:
    loops = "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}س"
    with pytest.raises(TemplateFaultError, match=f"takes more than {MOST_STEPS} steps"):
        worded(loops)
    long = "{% for a in range(1000) %}" + "س" * 200 + "{% endfor %}"
    with pytest.raises(TemplateFaultError, match=f"writes more than {MOST_LETTERS} letters"):
        worded(long)
    assert worded("{% for a in range(1000) %}{{ loop.index * 2 }} {% endfor %}").text


def test_counting_steps_leaves_no_trace() -> None:
    before = sys.gettrace()
    for template in ("س", "{{ 1 // 0 }}", "{% for a in range(10**9) %}{% endfor %}", BOMBS[2]):
        check_template(template, "t.j2")
        assert sys.gettrace() is before


def test_one_that_fails_over_an_alert_costs_no_alert(caplog: pytest.LogCaptureFixture) -> None:
    """Over the sample it works, so that nothing was amiss when it was loaded."""
    template = "{{ article.title }}\n{{ 1 // (article.title|length - 7) }}"
    assert check_template(template, "t.j2") is None
    wording = Wording(template, timezone=UTC, channel="desk")
    alert = message("خبر ثان", severity=Severity.HIGH)
    with caplog.at_level(logging.WARNING, "rasid.outbox"):
        assert wording(alert) == alert
    assert len(caplog.records) == 1
    assert "desk: template:2: a division by zero" in caplog.text
    assert wording(message("خبر")).text == "خبر\n-1"


def test_a_message_of_no_delivery_is_left_alone() -> None:
    bare = replace(message(), deliveries=())
    assert worded("س", bare) == bare
