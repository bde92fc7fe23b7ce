import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.api.keys import KeyRole, load_keys


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    keys = load_keys(folder)
    assert load_keys(folder) == keys
    assert keys.operator != keys.bot
    assert sorted(file.name for file in folder.iterdir()) == ["api_key", "bot_key"]
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_file_that_others_could_read_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "api_key").write_text("my-own-key\n")
    (tmp_path / "api_key").chmod(0o644)
    assert load_keys(tmp_path).operator == "my-own-key"
    assert stat.S_IMODE((tmp_path / "api_key").stat().st_mode) == 0o600


def test_an_empty_key_file_opens_no_door(tmp_path: Path) -> None:
    (tmp_path / "bot_key").write_text("\n")
    with pytest.raises(ValueError, match="bot_key is empty"):
        load_keys(tmp_path)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(load_keys, [tmp_path] * 32))
    assert len({(keys.operator, keys.bot) for keys in found}) == 1


def test_each_key_has_its_role(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert keys.role_of(keys.operator) is KeyRole.OPERATOR
    assert keys.role_of(keys.bot) is KeyRole.BOT
    assert keys.role_of("") is None
    assert keys.role_of(keys.bot + "x") is None
    assert keys.role_of("\udcff\udcfe") is None  # how a header's bytes arrive that are no text
    assert keys.operator not in repr(keys)
