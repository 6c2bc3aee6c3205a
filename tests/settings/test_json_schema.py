"""The JSON Schemas say what the loader does, as far as a schema can."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from test_config_errors import CASES

from monitor.settings.json_schema import json_schema, write_schemas
from monitor.settings.positions import parse
from monitor.settings.report import FILES
from monitor.settings.yaml_text import Misread

CONFIG = Path(__file__).parents[2] / "config"

# What it takes more than one value, a file or the gazetteer to tell.
BEYOND = (
    "repeated",
    "must differ from",
    "no place",
    "no channel is named",
    "query:",
    "examples.",
    "no such file",
    "no regular file",
    "CREDENTIALS_DIRECTORY",
    "can be signed",
    "no service is known",
    "at most 100 years",
    "10.1.2.3/8",
    "no address that can be understood",
    "no CSS selector",
)


def schema_of(file: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json_schema(file.removesuffix(".yaml")))  # type: ignore[arg-type]
    return schema


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft202012Validator]:
    return {file: Draft202012Validator(schema_of(file)) for file in FILES}


def faults(validator: Draft202012Validator, text: str | bytes) -> list[str]:
    value = parse(text if isinstance(text, bytes) else text.encode()).value
    return [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(value)]


@pytest.mark.parametrize("file", FILES)
def test_a_schema_is_one_and_accepts_the_shipped_file(validators, file: str) -> None:
    Draft202012Validator.check_schema(schema_of(file))
    assert faults(validators[file], (CONFIG / file).read_bytes()) == []


VALID = [
    ("monitor.yaml", ""),
    ("monitor.yaml", "log:\npolling:\nseen:\narchive:\nchannels:\n"),
    ("monitor.yaml", "metrics: off\nheartbeat: off\noperator: ~\nproxy: null\n"),
    ("monitor.yaml", "metrics: {listen: '[::1]:9464'}\nheartbeat: daily 08:00\n"),
    ("monitor.yaml", "polling: {interval: 90 s, max_hint: 0s, max_bytes: 500kB, per_host: 1}"),
    ("monitor.yaml", "allow_private: [127.0.0.0/8, fd00::/8, 10.0.0.0/255.0.0.0]"),
    ("monitor.yaml", "channels: {a: {url_file: a b.url, rate: 1/s, language: en, burst: 1}}"),
    ("monitor.yaml", "channels: {a: {credential: x, quiet: {from: 23:00, to: 07:00}}}"),
    ("monitor.yaml", "channels: {'مكتب الأخبار': {url: 'console://'}}"),
    ("monitor.yaml", "timezone: Asia/Baghdad\ncontact: ops@example.org\nstate: /var/lib/x"),
    ("feeds.yaml", "feeds:\n"),
    ("feeds.yaml", "feeds: []"),
    ("feeds.yaml", "feeds: [{url: 'HTTPS://خبر.example:8080?x=1', full_text: auto}]"),
    ("feeds.yaml", "feeds: [{url: 'http://[::1]/', kind: page, selector: 'a, b > c'}]"),
    ("feeds.yaml", "feeds: [{url: 'http://a.example', language: ar-IQ, proxy: ~}]"),
    ("rules.yaml", "rules:\n  - {name: أ, any: [داعش]}"),
    ("rules.yaml", "rules: [{name: أ, places: [مخمور, {name: القصير, in: حمص}]}]"),
    ("rules.yaml", "rules: [{name: أ, near: {place: الموصل, km: 40}, none: []}]"),
    ("rules.yaml", "rules: [{name: أ, near: {place: {name: أ, in: ب}, km: 0.5}}]"),
    ("rules.yaml", "rules: [{name: أ, query: >-\n غارة\n OR\n قصف, note: ~}]".replace(">-\n", "")),
    ("rules.yaml", "rules: [{name: أ, any: [x], feeds: {category: a, name: [b, c]}}]"),
    ("rules.yaml", "rules: [{name: أ, any: [x], language: ar, examples: , enabled: true}]"),
    ("rules.yaml", "rules: [{name: أ, any: [x], examples: {match: [a، b]}, fields: [text]}]"),
    ("places.yaml", ""),
    ("places.yaml", "places: [{id: x, name: أ, in: ب, lat: 1, meanings: ['noun: خيام', verb]}]"),
    ("places.yaml", "sense: {words: {head: [ضيعة]}, phrases: [أ ب], weights: {a: -3}}"),
]


@pytest.mark.parametrize(("file", "text"), VALID)
def test_what_the_loader_takes_is_taken(validators, file: str, text: str) -> None:
    assert faults(validators[file], text) == []


def values_of(text: str) -> bool:
    """Whether the text is YAML that has a value."""
    try:
        return not parse(text.encode()).faults
    except Misread:
        return False


READABLE = [case for case in CASES if values_of(case[1])]


@pytest.mark.parametrize(("file", "text", "line"), READABLE)
def test_what_is_wrong_is_refused(validators, file: str, text: str, line: str) -> None:
    beyond = any(part in line for part in BEYOND)
    assert faults(validators[file], text) or beyond


def test_most_of_the_known_slips_are_refused(validators) -> None:
    refused = [file for file, text, _ in READABLE if faults(validators[file], text)]
    assert len(refused) / len(READABLE) > 0.6


@pytest.mark.parametrize("file", FILES)
def test_every_key_is_told_in_words(file: str) -> None:
    schema = schema_of(file)
    for name, section in {"": schema, **schema.get("$defs", {})}.items():
        for key, value in section.get("properties", {}).items():
            assert value.get("description"), f"{name}.{key} has no sentence in settings/keys.py"


def test_defaults_are_worded_as_they_are_written() -> None:
    polling = schema_of("monitor.yaml")["$defs"]["PollingSection"]["properties"]
    assert {key: value["default"] for key, value in polling.items()} == {
        "interval": "15m",
        "min_interval": "1m",
        "max_hint": "1h",
        "timeout": "30s",
        "concurrency": 50,
        "per_host": 2,
        "first_poll_max_age": "1d",
        "max_bytes": "10MB",
    }


@pytest.mark.parametrize("file", FILES)
def test_each_shipped_file_names_its_schema_which_lies_beside_it(file: str) -> None:
    for text in (
        (CONFIG / file).read_text("utf-8"),
        (files("monitor.data") / "starter" / file).read_text("utf-8"),
    ):
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert named is not None
        assert (CONFIG / named[1]).is_file()


def test_the_schemas_in_the_repository_are_those_of_the_program(tmp_path: Path) -> None:
    """Should this fail: rasid schema --write -c config"""
    for path in write_schemas(tmp_path):
        ours, there = (
            json.loads(path.read_bytes()),
            json.loads((CONFIG / "schema" / path.name).read_bytes()),
        )
        for schema in (ours, there):  # zones come and go with the system's tables
            schema["properties"].get("timezone", {}).pop("enum", None)
        assert ours == there, path.name
