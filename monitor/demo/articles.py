"""The demo's invented newspapers and their articles, in two editions, as feed documents.

Every paper, person and event is made up. The second edition brings new articles, corrects an old
one, lets one paper take over another's story, and leaves two papers as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Item:
    """An article. `age` is how many hours before the demo it was published; the texts are plain."""

    slug: str
    title: str
    text: str
    age: float


@dataclass(frozen=True, slots=True)
class Paper:
    """A newspaper with a feed; `form` is rss or atom."""

    slug: str
    name: str
    category: str
    form: str
    encoding: str
    items: tuple[Item, ...]

    @property
    def site(self) -> str:
        return f"https://{self.slug}.example"

    def link(self, item: Item) -> str:
        """Where the article would be read."""
        return f"{self.site}/{item.slug}"

    def date(self, item: Item, now: float) -> datetime:
        """When the article was published, counted back from `now`."""
        return datetime.fromtimestamp(now - item.age * HOUR, UTC).replace(microsecond=0)

    def document(self, now: float) -> bytes:
        """The feed as its server sends it, dates counted back from `now`."""
        write = _atom if self.form == "atom" else _rss
        return write(self, now).encode(self.encoding)


PATROL = Item(
    "makhmur-patrol",
    "دورية تلاحق عناصر داعش في قضاء مخمور",
    "قال مصدر أمني إن دورية مشتركة لاحقت فجر اليوم ثلاثة من عناصر داعش في قضاء مخمور جنوب شرقي "
    "الموصل، وعثرت في واد قريب على مؤونة وأجهزة اتصال.",
    2,
)
LAST_WEEK = Item(
    "makhmur-last-week",
    "حصيلة الأسبوع: تفكيك مضافة لداعش في ناحية قرب مخمور",
    "فككت قوة من الجيش الأسبوع الماضي مضافة لتنظيم داعش في قضاء مخمور.",
    150,
)
STRIKE = Item(
    "makhmur-strike",
    "غارة جوية تقتل اثنين من داعـــش قرب قضاء مَخْمُور",
    "نفّذت الطائرات غارة جوية على وكر في سلسلة قره جوغ، وأكد قائد ميداني أن القتيلين كانا ينقلان "
    "السلاح لداعش، وأن القوات تمشّط القرى المحيطة بمخمور في محافظة نينوى حتى المساء.",
    0.3,
)
DRUNK = Item(
    "drunk-driver",
    "سائق مخمور يصدم واجهة متجر ويهرب",
    "أوقفت الشرطة ليلا سائق مخمور صدم واجهة متجر للأحذية، وقال شاهد إن المارة ظنوا الدوي هزة "
    "أرض قبل أن يروا السيارة.",
    5,
)
WELLS = Item(
    "village-wells",
    "حفر آبار جديدة لقرى السهل",
    "بدأت دائرة الري حفر تسع آبار لقرى تشكو شح المياه منذ ربيعين.",
    7,
)
HARVEST = Item(
    "harvest",
    "مزارعو السهل يبدأون حصاد الشعير مبكرا",
    "بدأ المزارعون الحصاد قبل موعده بأسبوعين بعد شتاء قليل المطر، ويأملون سعرا عادلا للطن.",
    9,
)
CELL = Item(
    "sleeping-cell",
    "القبض على خلية نائمة في مخمور",
    "ألقت مفارز الأمن القبض على أربعة متهمين بالعمل لداعش في مركز قضاء مخمور، وضبطت بحوزتهم "
    "خرائط لطريق كركوك أربيل.",
    0.5,
)
DERBY = Item(
    "derby",
    "تعادل مثير في ديربي العاصمة",
    "انتهت المباراة بهدفين لكل فريق، وأضاع المهاجم ركلة جزاء في الدقيقة الأخيرة.",
    6,
)
DINAR = Item(
    "dinar",
    "الدينار يستقر أمام الدولار في الأسواق",
    "أغلقت محال الصرافة على سعر لم يتغير كثيرا عن أمس، وسط إقبال ضعيف.",
    4,
)

_RAFID = Paper("rafid", "صحيفة الرافد الجديد", "security", "rss", "utf-8", (PATROL, LAST_WEEK))
_DIFAF = Paper("difaf", "وكالة الضفاف الثلاث", "news", "atom", "utf-8", (DRUNK, WELLS))
_SUNBULA = Paper("sunbula", "جريدة السنبلة", "local", "rss", "windows-1256", (HARVEST,))
_MALAAB = Paper("malaab", "الملعب المسائي", "sport", "rss", "utf-8", (DERBY,))
_MIZAN = Paper("mizan", "يومية الميزان", "economy", "atom", "utf-8", (DINAR,))

WELLS_EDITED = replace(
    WELLS,
    text=WELLS.text + " وأوقف العمل في بئرين بقضاء مخمور بعد العثور على عبوة ناسفة من مخلفات داعش.",
)
STRIKE_TAKEN_OVER = replace(STRIKE, slug="from-the-agencies-771", age=0.1)

FIRST_EDITION = (_RAFID, _DIFAF, _SUNBULA, _MALAAB, _MIZAN)
SECOND_EDITION = (
    replace(_RAFID, items=(STRIKE, PATROL, LAST_WEEK)),
    replace(_DIFAF, items=(DRUNK, WELLS_EDITED)),
    replace(_SUNBULA, items=(CELL, STRIKE_TAKEN_OVER, HARVEST)),
    _MALAAB,
    _MIZAN,
)


def _rss(paper: Paper, now: float) -> str:
    items = "".join(_rss_item(paper, item, paper.date(item, now)) for item in paper.items)
    return (
        f"<?xml version='1.0' encoding='{paper.encoding}'?><rss version='2.0'><channel>"
        f"<title>{escape(paper.name)}</title><link>{paper.site}/</link>"
        f"<language>ar</language>{items}</channel></rss>"
    )


def _rss_item(paper: Paper, item: Item, date: datetime) -> str:
    return (
        f"<item><guid isPermaLink='false'>{item.slug}</guid><title>{escape(item.title)}</title>"
        f"<link>{paper.link(item)}</link><pubDate>{format_datetime(date)}</pubDate>"
        f"<description>{escape(item.text)}</description></item>"
    )


def _atom(paper: Paper, now: float) -> str:
    entries = "".join(
        f"<entry><id>tag:{paper.slug}.example,2026:{item.slug}</id>"
        f"<title>{escape(item.title)}</title><link href='{paper.link(item)}'/>"
        f"<updated>{paper.date(item, now).isoformat()}</updated>"
        f"<content type='text'>{escape(item.text)}</content></entry>"
        for item in paper.items
    )
    return (
        f"<?xml version='1.0' encoding='{paper.encoding}'?>"
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='ar'><id>{paper.site}/</id>"
        f"<title>{escape(paper.name)}</title><link href='{paper.site}/'/>"
        f"<updated>{datetime.fromtimestamp(now, UTC).isoformat()}</updated>{entries}</feed>"
    )
