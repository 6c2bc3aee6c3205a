"""Files that hold secrets: what is read from them, and that it is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.settings.load import Config, load

RULES = "rules:\n  - {name: أ, any: [داعش]}\n"
SECRET = "tgram://hunter2/1"


def refused(url: str) -> str | None:
    return f"cannot make sense of {url}"


def load_with(directory: Path, channel: str, **environ: str) -> Config:
    (directory / "monitor.yaml").write_text(f"channels:\n  a: {channel}\n", encoding="utf-8")
    (directory / "rules.yaml").write_text(RULES, encoding="utf-8")
    return load(directory, environ=environ)


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_an_address_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    secret(tmp_path / "a.url", f"\n  {SECRET}\n")
    config = load_with(tmp_path, "{url_file: a.url}")
    assert config.channels[0].url == SECRET
    assert not [w for w in config.warnings if "secret" in w.reason]


def test_an_address_in_a_credential(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    secret(folder / "telegram", SECRET)
    config = load_with(tmp_path, "{credential: telegram}", CREDENTIALS_DIRECTORY=str(folder))
    assert config.channels[0].url == SECRET


def test_a_credential_is_a_name_and_no_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must be the name of a credential, not '\.\./x'"):
        load_with(tmp_path, "{credential: ../x}", CREDENTIALS_DIRECTORY=str(tmp_path))


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_may_read_is_told(tmp_path: Path, mode: int) -> None:
    secret(tmp_path / "a.url", SECRET, mode)
    config = load_with(tmp_path, "{url_file: a.url}")
    assert str(config.warnings[0]) == (
        "monitor.yaml:2:17: channels.a.url_file: other users may read this secret file (chmod 600)"
    )


def test_what_signs_a_webhook_and_what_words_its_messages(tmp_path: Path) -> None:
    secret(tmp_path / "key", "  whsec_aHVudGVyMg==\n")
    secret(tmp_path / "words.j2", "{{ article.title }}\n", 0o644)
    channel = "{url: 'webhook+https://a.example/', secret_file: key, template: words.j2}"
    config = load_with(tmp_path, channel)
    assert config.channels[0].secret == "whsec_aHVudGVyMg=="
    assert config.channels[0].template == "{{ article.title }}\n"
    assert "aHVudGVyMg" not in repr(config)
    assert not [w for w in config.warnings if "secret" in w.reason]
    assert config.files == (tmp_path / "key", tmp_path / "words.j2")


def test_a_key_that_is_none_is_told_without_being_shown(tmp_path: Path) -> None:
    secret(tmp_path / "key", "whsec_hunter2!\n", 0o644)
    with pytest.raises(ConfigError) as caught:
        load_with(tmp_path, "{url: 'webhook+https://a.example/', secret_file: key}")
    assert str(caught.value) == (
        "monitor.yaml:2:55: channels.a.secret_file: the secret is no base64 behind whsec_"
    )


WRONG = [
    ("", "the file is empty"),
    (
        f"{SECRET}\nmore\n",
        "the file must hold one line (the address or secret alone, without comments)",
    ),
    ("tgram://hunter2\x00/1", "the file holds control characters"),
    ("hunter2", "must be an address such as mailtos://…, tgram://… or console://"),
    ("x" * 70_000, "the file is too large"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_file_that_holds_no_address(tmp_path: Path, text: str, reason: str) -> None:
    secret(tmp_path / "a.url", text)
    with pytest.raises(ConfigError) as caught:
        load_with(tmp_path, "{url_file: a.url}")
    assert str(caught.value) == f"monitor.yaml:2:17: channels.a.url_file: {reason}"


def test_a_check_that_repeats_the_address_does_not_reach_the_user(tmp_path: Path) -> None:
    secret(tmp_path / "a.url", SECRET)
    (tmp_path / "monitor.yaml").write_text("channels: {a: {url_file: a.url}}", encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environ={}, check_url=refused)
    assert str(caught.value) == (
        "monitor.yaml:1:26: channels.a.url_file: is no tgram:// address that can be understood"
    )


def feed_with(directory: Path, headers: str) -> Config:
    secret(directory / "headers", headers)
    text = "feeds:\n  - {url: 'https://a.example', headers_file: headers}\n"
    (directory / "feeds.yaml").write_text(text, encoding="utf-8")
    return load_with(directory, "{url: 'console://'}")


def test_headers_of_a_feed(tmp_path: Path) -> None:
    config = feed_with(tmp_path, "# ours\nAuthorization: Bearer hunter2\n\nX-Key:  a:b \n")
    assert config.feeds[0].headers == (("Authorization", "Bearer hunter2"), ("X-Key", "a:b"))
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ("Authorization hunter2", "line 1 of the file is no header (write Name: value)"),
        ("A: b\nhun ter2: x", "line 2 of the file is no header (write Name: value)"),
        ("A: hunter2\x07", "line 1 of the file holds control characters"),
    ],
)
def test_headers_that_are_none(tmp_path: Path, headers: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        feed_with(tmp_path, headers)
    assert str(caught.value) == f"feeds.yaml:2:46: headers_file: {reason}"
