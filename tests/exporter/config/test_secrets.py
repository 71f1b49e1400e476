from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

import pytest
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.schema.types import Secret


def _read(secrets: Secrets, path: Path) -> str:
    return secrets.read(Secret(file=str(path)))


def test_a_file_is_read_each_time_so_that_a_rotated_key_is_used_at_once(tmp_path: Path) -> None:
    path, secrets = tmp_path / "key", Secrets({})
    values = []
    for key in ("first-key\n", "second-key"):
        path.write_text(key)
        values.append(_read(secrets, path))

    assert values == ["first-key", "second-key"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(b" \n", "is empty; write the secret into it", id="empty"),
        pytest.param(b"\xff\xfe", "cannot be read: not text", id="binary"),
        pytest.param(b"key\nX-Evil: 1", "holds a line break or a character that no key has", id="two lines"),
        pytest.param(b"k" * 70_000, "is larger than 64 KiB", id="huge"),
    ],
)
def test_a_file_without_a_key_is_a_rejected_key(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Failure, match=sentence) as failure:
        _read(Secrets({}), path)
    assert failure.value.reason == "key_rejected"


def test_a_file_that_hangs_is_waited_for_once_and_used_when_it_answers(tmp_path: Path) -> None:
    path, secrets = tmp_path / "key", Secrets({}, read_seconds=0.05)
    os.mkfifo(path)
    with pytest.raises(Failure, match="reading it hangs"):
        _read(secrets, path)
    began = perf_counter()
    for _ in range(200):
        with pytest.raises(Failure, match="reading it hangs"):
            _read(secrets, path)

    assert perf_counter() - began < 200 * 0.05, "each of them waited anew"
    path.write_text("the-key-at-last")
    reading = secrets._files._hanging[str(path)]
    reading.result(10)
    assert _read(secrets, path) == "the-key-at-last"


def test_the_last_values_of_a_rotated_key_are_redacted_and_older_ones_forgotten(tmp_path: Path) -> None:
    path, secrets = tmp_path / "key", Secrets({})
    keys = [f"{number}-key-of-a-probe" for number in range(10)]
    for key in keys:
        path.write_text(key)
        _read(secrets, path)

    assert [secrets.redact(key) for key in keys] == [*keys[:6], *["<secret>"] * 4]
