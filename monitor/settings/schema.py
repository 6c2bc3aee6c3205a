"""Every key of the four files, with its type and default.

A key that is absent is empty here ("", [], 0); the module of its file fills in what depends on
another key. A key that is present must have a value, unless its type says None. This module must
hold no check that needs a second value, a file or the network.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.settings.fields import (
    ITEM_SCHEMA,
    ONE_OR_MORE,
    SOME,
    AnyAddress,
    Daily,
    Days,
    Duration,
    Item,
    Language,
    Listen,
    LongerThanZero,
    Name,
    Network,
    Rate,
    SecretFile,
    Selector,
    Sentence,
    Size,
    TimeOfDay,
    Timezone,
    WebAddress,
    also,
    choice,
    form,
)

FileKind = Literal["monitor", "feeds", "rules", "places"]
Positive = Annotated[int, Field(ge=1, le=100_000)]
OFF = also(lambda value: None if value in ("off", False) else value, {"enum": ["off", False]})


class Section(BaseModel):
    """A mapping of the configuration: unknown keys and types that only nearly fit are refused.
    `example` is shown to who wrote something else in its place; `lead` are the keys of which that
    may be the value."""

    example: ClassVar[str] = ""
    lead: ClassVar[tuple[str, ...]] = ()
    called: ClassVar[str] = "a mapping of keys to values"

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, protected_namespaces=()
    )


def _section(kind: type[Section]) -> Any:
    """A mapping that may be left empty (`log:`, with its keys commented out)."""
    return also(lambda value: kind() if value is None else value, {"type": "null"})


# --- monitor.yaml ---------------------------------------------------------------------------------


class PollingSection(Section):
    """How feeds are polled."""

    example = "{interval: 15m}"
    lead = ("interval",)

    interval: LongerThanZero = 900.0
    min_interval: Duration = 60.0
    max_hint: Duration = 3600.0
    timeout: LongerThanZero = 30.0
    concurrency: Positive = 50
    per_host: Positive = 2
    first_poll_max_age: Duration = 86400.0
    max_bytes: Size = 10_000_000


class QuietSection(Section):
    """Hours in which a channel, or a rule, is silent."""

    example = "{from: 23:00, to: 07:00}"

    start: TimeOfDay = Field(alias="from")
    to: TimeOfDay
    but: Literal["low", "normal", "high", "critical"] | None = Field(default=None, alias="except")


class ChannelSection(Section):
    """A channel; exactly one of url, url_file and credential."""

    example = "{url: …}"

    url: AnyAddress = ""
    url_file: SecretFile = ""
    credential: Sentence = ""
    language: Literal["ar", "en"] | None = None
    burst: Positive = 20
    rate: Rate | None = None
    quiet: QuietSection | None = None
    digest: Daily | None = None
    group_wait: Duration = 0.0
    template: Sentence = ""
    secret_file: SecretFile = ""


class LogSection(Section):
    """What is logged, and how."""

    example = "{level: info}"
    lead = ("level", "format")

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "human", "json"] = "auto"


class MetricsSection(Section):
    """Where metrics are served."""

    example = "{listen: 127.0.0.1:9464}"
    lead = ("listen",)

    listen: Listen = "127.0.0.1:9464"


class ArchiveSection(Section):
    """How long texts of articles are kept, and in how much room."""

    example = "{days: 30}"
    lead = ("days",)

    days: Annotated[Days, Field(ge=0, le=36500)] = 30
    max_bytes: Size = 2_000_000_000


class SeenSection(Section):
    """How long an entry is remembered after it left its feed."""

    example = "{days: 90}"
    lead = ("days",)

    days: Annotated[Days, Field(ge=1, le=36500)] = 90


EMPTY = also(lambda value: {} if value is None else value, {"type": "null"})


class MonitorFile(Section):
    """monitor.yaml."""

    state: Sentence = "state"
    timezone: Timezone = "UTC"
    language: Literal["ar", "en"] = "ar"
    contact: Name | None = None
    polling: Annotated[PollingSection, _section(PollingSection)] = PollingSection()
    allow_private: list[Network] = []
    proxy: WebAddress | None = None
    channels: Annotated[dict[Name, ChannelSection], EMPTY] = {}
    operator: Name | None = None
    log: Annotated[LogSection, _section(LogSection)] = LogSection()
    metrics: Annotated[MetricsSection | None, OFF] = None
    heartbeat: Annotated[Daily | None, OFF] = None
    archive: Annotated[ArchiveSection, _section(ArchiveSection)] = ArchiveSection()
    seen: Annotated[SeenSection, _section(SeenSection)] = SeenSection()


# --- feeds.yaml -----------------------------------------------------------------------------------


class FeedSection(Section):
    """One feed."""

    example = "{url: …}"

    url: WebAddress
    name: Name = ""
    category: Name = ""
    language: Language = ""
    interval: LongerThanZero = 0.0  # polling.interval
    full_text: Annotated[bool | Literal["auto"], choice(False, True, "auto")] = False
    kind: Literal["feed", "sitemap", "page"] = "feed"
    selector: Selector = ""
    headers_file: SecretFile = ""
    proxy: WebAddress | None = None
    enabled: bool = True


# --- rules.yaml -----------------------------------------------------------------------------------

Words = Annotated[list[Item], SOME]
Names = Annotated[list[Item], ONE_OR_MORE, SOME]


class PlaceSection(Section):
    """A place as a rule names it."""

    example = "{name: القصير, in: حمص}"
    called = "the name of a place"

    name: Item
    within: Item = Field(default="", alias="in")


PlaceItem = Annotated[
    PlaceSection,
    also(lambda value: {"name": value} if isinstance(value, str) else value, ITEM_SCHEMA),
]


class NearSection(Section):
    """A place and how many kilometres around it."""

    example = "{place: الموصل, km: 40}"

    place: PlaceItem
    km: Annotated[float, Field(gt=0, le=20_000)]


class FeedFilterSection(Section):
    """Which feeds a rule listens to; each key one value or a list."""

    example = "{category: security}"
    lead = ("category",)

    name: Names = []
    category: Names = []
    language: Names = []


class ExamplesSection(Section):
    """Sentences that the rule must, and must not, fire on."""

    example = "{match: [قصف عنيف على المدينة]}"
    lead = ("match",)

    match: list[Sentence] = []
    no_match: list[Sentence] = []


class RuleSection(Section):
    """One rule."""

    example = "{name: …, any: […]}"

    name: Name
    any: Words = []
    all: Words = []
    none: list[Item] = []
    query: Sentence = ""
    places: Annotated[list[PlaceItem], SOME] = []
    not_places: list[PlaceItem] = []
    fields: Annotated[list[Literal["title", "text"]], SOME] = ["title", "text"]
    feeds: FeedFilterSection = FeedFilterSection()
    severity: Literal["low", "normal", "high", "critical"] = "normal"
    channels: Words = []
    loose: bool = False
    on_change: bool = False
    enabled: bool = True
    note: str | None = None
    examples: Annotated[ExamplesSection, _section(ExamplesSection)] = ExamplesSection()
    quiet: QuietSection | None = None
    digest: Daily | None = None
    max_per_day: Positive | None = None
    near_duplicates: bool = False
    near: NearSection | None = None
    forms: bool = False
    sense: Literal["strict", "normal", "any"] = "normal"
    language: Annotated[list[Literal["ar", "ckb", "en", "fa", "ur"]], ONE_OR_MORE, SOME] = []
    backfill: Duration | None = None


# --- places.yaml ----------------------------------------------------------------------------------


Meaning = Annotated[
    str,
    form(
        r"(person_adjective|adjective|noun|verb|person|day|number|plural|function)(:.*)?",
        "person_adjective, adjective, noun, verb, person, day, number, plural or function",
        lambda _: None,
    ),
]


class OwnPlaceSection(Section):
    """A place of the user's own."""

    example = "{id: …, name: …}"

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    kind: Name = "place"
    name: Item
    spellings: list[Item] = []
    within: Annotated[list[Item], ONE_OR_MORE] = Field(default=[], alias="in")
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    population: Annotated[int, Field(ge=0)] = 0
    meanings: list[Meaning] = []


class SenseSection(Section):
    """The user's own evidence for and against names of places."""

    words: dict[str, list[Item]] = {}
    phrases: list[Item] = []
    weights: dict[str, Annotated[float, Field(ge=-20, le=20)]] = {}


# --- the files as a whole -------------------------------------------------------------------------


class FeedsFile(Section):
    """feeds.yaml."""

    feeds: list[FeedSection] | None = None


class RulesFile(Section):
    """rules.yaml."""

    rules: list[RuleSection] | None = None


class PlacesFile(Section):
    """places.yaml."""

    places: list[OwnPlaceSection] | None = None
    sense: SenseSection = SenseSection()
