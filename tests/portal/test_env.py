"""Settings from the environment: every mistake told at once, no secret told at all."""

import base64
import os
import subprocess
import sys

import pytest

from portal.env import POSTGRESQL_ENGINE, Env, SettingsError

SECRET = "hemlig-och-lång-text"


def problems(env: Env) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        env.check()
    assert len(str(caught.value).splitlines()) == 1 + len(caught.value.problems), "one line for each"
    return caught.value.problems


def test_values_come_out_in_their_types() -> None:
    env = Env(
        {
            "NAME": " as it stands ",
            "YES": "Ja",
            "NO": "off",
            "PORT": " 8000 ",
            "HOSTS": "a.example, b.example,\nc.example,,",
            "LEVEL": "info",
        }
    )
    assert env.str("NAME") == " as it stands "
    assert env.bool("YES") is True
    assert env.bool("NO") is False
    assert env.int("PORT", minimum=1, maximum=65535) == 8000
    assert env.list("HOSTS") == ["a.example", "b.example", "c.example"]
    assert env.choice("LEVEL", ["debug", "info"]) == "info"
    env.check()


def test_defaults_serve_where_a_variable_is_unset_or_empty() -> None:
    env = Env({"EMPTY": ""})
    assert env.str("EMPTY", default="x") == "x"
    assert env.str("UNSET", default=None) is None
    assert env.int("UNSET", default=3) == 3
    assert env.bool("UNSET", default=False) is False
    assert env.url_database("UNSET", default=None) is None
    env.check()


def test_a_default_list_is_not_shared_between_readers() -> None:
    default = ["a"]
    Env({}).list("X", default=default).append("b")
    assert default == ["a"]


def test_all_mistakes_are_told_at_once_each_with_what_is_expected_and_an_example() -> None:
    env = Env({"WORKERS": "many", "SHARE": "50", "DEMO": "perhaps", "LEVEL": "INFO", "DATABASE_URL": "mysql://x/y"})
    env.str("ORIGIN", example="https://portal.example")
    env.int("WORKERS", minimum=1)
    env.int("SHARE", maximum=10)
    env.bool("DEMO")
    env.choice("LEVEL", ["debug", "info"])
    env.url_database("DATABASE_URL")
    lines = problems(env)
    assert [line.split(":")[0] for line in lines] == [
        "ORIGIN",
        "WORKERS",
        "SHARE",
        "DEMO",
        "LEVEL",
        "DATABASE_URL",
    ]
    assert all("Expected" in line and "for example" in line for line in lines)
    assert "is missing" in lines[0]
    assert "ORIGIN=https://portal.example" in lines[0]
    assert "not a whole number ('many')" in lines[1]
    assert "1 or more" in lines[1]
    assert "too large" in lines[2]
    assert "did you mean info?" in lines[4]


@pytest.mark.parametrize("number", ["1_000", "0x10", "1.5", "", "½", "९", "9" * 30])
def test_only_plain_whole_numbers_are_numbers(number: str) -> None:
    env = Env({"N": number})
    env.int("N")
    assert len(problems(env)) == 1


def test_no_secret_is_ever_in_the_message() -> None:
    env = Env(
        {
            "PASSPHRASE": SECRET,
            "PORTAL_ENCRYPTION_KEYS": SECRET,
            "DATABASE_URL": f"postgresql://u:{SECRET}@h:port/db",
            "SMTP_PASSWORD": SECRET,
            "API_TOKEN": SECRET,
        }
    )
    env.str("PASSPHRASE", secret=True, min_length=50)
    env.list("PORTAL_ENCRYPTION_KEYS", check=lambda item: "is no key" if len(item) != 44 else None)
    env.url_database("DATABASE_URL")
    env.choice("SMTP_PASSWORD", ["a"])
    env.int("API_TOKEN")
    lines = problems(env)
    assert len(lines) == 5
    assert SECRET not in "\n".join(lines)
    assert "item 1 is no key" in lines[1]


def test_a_value_can_stand_in_a_file_and_loses_one_line_break(tmp_path) -> None:
    for content, value in [
        ("text", "text"),
        ("text\n", "text"),
        ("text\r\n", "text"),
        ("text\n\n", "text\n"),
    ]:
        path = tmp_path / "secret"
        path.write_bytes(content.encode())
        env = Env({"NAME_FILE": str(path)})
        assert env.str("NAME") == value
        env.check()


def test_every_kind_of_value_can_stand_in_a_file(tmp_path) -> None:
    def file(name: str, content: str) -> str:
        (tmp_path / name).write_text(content)
        return str(tmp_path / name)

    env = Env(
        {
            "A_FILE": file("a", "1\n"),
            "B_FILE": file("b", "12\n"),
            "C_FILE": file("c", "x\ny\n"),
            "D_FILE": file("d", "info\n"),
            "E_FILE": file("e", "postgresql://u@h/n\n"),
        }
    )
    assert env.bool("A") is True
    assert env.int("B") == 12
    assert env.list("C") == ["x", "y"]
    assert env.choice("D", ["info"]) == "info"
    assert env.url_database("E")["NAME"] == "n"
    env.check()


def test_files_that_cannot_serve_are_told(tmp_path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "both").write_text(SECRET)
    (tmp_path / "bad").write_text(SECRET)
    env = Env(
        {
            "GONE_FILE": str(tmp_path / "gone"),
            "BINARY_FILE": str(tmp_path / "binary"),
            "BOTH": SECRET,
            "BOTH_FILE": str(tmp_path / "both"),
            "BAD_FILE": str(tmp_path / "bad"),
            "NUL_FILE": "a\0b",
        }
    )
    for name in ("GONE", "BINARY", "BOTH"):
        env.str(name)
    env.int("BAD")
    env.str("NUL", default="a default does not hide it")
    lines = problems(env)
    assert "No such file" in lines[0]
    assert "gone" in lines[0]
    assert "not UTF-8" in lines[1]
    assert "keep one of them" in lines[2]
    assert "not a whole number. Expected" in lines[3], "what comes from a file is not shown"
    assert len(lines) == 5
    assert SECRET not in "\n".join(lines)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@db.example:5433/portal", ("portal", "u", "p", "db.example", "5433", {})),
        ("postgres://db/portal", ("portal", "", "", "db", "", {})),
        ("postgresql://u:p%40ss%2F%3A%25@h/n", ("n", "u", "p@ss/:%", "h", "", {})),
        ("postgresql://u:p@ss@h/n", ("n", "u", "p@ss", "h", "", {})),
        ("postgresql://%2Fvar%2FRun%2Fpg/portal", ("portal", "", "", "/var/Run/pg", "", {})),
        ("postgresql:///portal?host=/Run/pg&port=5433", ("portal", "", "", "/Run/pg", "5433", {})),
        ("postgresql://u@[2001:db8::1]:5432/n", ("n", "u", "", "2001:db8::1", "5432", {})),
        (
            "postgresql://a:1,b:2/n?target_session_attrs=primary",
            ("n", "", "", "a,b", "1,2", {"target_session_attrs": "primary"}),
        ),
        (
            "postgresql://u@h/n?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&application_name=v%C3%A5rd",
            (
                "n",
                "u",
                "",
                "h",
                "",
                {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "application_name": "vård"},
            ),
        ),
        ("postgresql://h/v%C3%A5rd", ("vård", "", "", "h", "", {})),
    ],
)
def test_a_database_address_becomes_djangos_entry(url: str, expected: tuple) -> None:
    env = Env({"DATABASE_URL": url})
    entry = env.url_database("DATABASE_URL")
    env.check()
    assert entry.pop("ENGINE") == POSTGRESQL_ENGINE
    assert tuple(entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://h/n",
        "h:5432/n",
        "postgresql:h/n",
        "postgresql://h",
        "postgresql://h/",
        "postgresql://h:x/n",
        "postgresql://h:99999/n",
        "postgresql://u:50%@h/n",
        "postgresql://u:a#b@h/n",
        "postgresql://[::1/n",
        "postgresql://h/n?sslmode",
        "postgresql://h/n?sslmode=a&sslmode=b",
    ],
)
def test_a_bad_database_address_is_refused_without_showing_it(url: str) -> None:
    env = Env({"DATABASE_URL": url})
    entry = env.url_database("DATABASE_URL")
    assert entry["ENGINE"] == POSTGRESQL_ENGINE, "a stand-in, so that the settings read on"
    (line,) = problems(env)
    assert url not in line


def test_a_misspelt_setting_is_told() -> None:
    env = Env(
        {
            "PORTAL_ENCRYPTON_KEYS": "x",
            "PORTAL_HASHKEY_FILE": "/x",
            "PORTAL_DATABASE_URL": "x",
            "portal_demo": "1",
            "PORTAL_OF_ANOTHER_PROGRAM": "x",
            "PORTAL_SERVICE_HOST": "10.0.0.1",
            "PORTAL_PORT_8000_TCP": "tcp://10.0.0.1:8000",
            "PORTAL_PG_BIN": "/x",
            "UNRELATED": "x",
        }
    )
    env.list("PORTAL_ENCRYPTION_KEYS", default=[])
    env.str("PORTAL_HASH_KEY", default="")
    env.url_database("DATABASE_URL", default=None)
    env.bool("PORTAL_DEMO", default=False)
    env.int("PORTAL_PORT", default=8000)
    env.str("PORTAL_PG_BIND", default="")
    env.known("PORTAL_PG_BIN")
    assert problems(env) == [
        "PORTAL_DATABASE_URL: no such setting, did you mean DATABASE_URL?",
        "PORTAL_ENCRYPTON_KEYS: no such setting, did you mean PORTAL_ENCRYPTION_KEYS?",
        "PORTAL_HASHKEY_FILE: no such setting, did you mean PORTAL_HASH_KEY_FILE?",
        "portal_demo: no such setting, did you mean PORTAL_DEMO?",
    ]


def test_neighbours_that_are_read_only_sometimes_are_not_taken_for_each_other() -> None:
    """A setting read only where another is set must not become a mistake because its name is somewhat alike."""
    env = Env({"PORTAL_SMTP_PORT": "25", "PORTAL_SMTP_USER": "x", "PORTAL_DB_POOL": "4"})
    env.str("PORTAL_SMTP_HOST", default="")
    env.check()


def test_a_problem_of_ones_own_can_be_told_the_same_way() -> None:
    assert SettingsError("PORTAL_DEMO: not here.").problems == ["PORTAL_DEMO: not here."]


def test_reading_needs_no_django() -> None:
    code = "import sys, portal.env; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


def test_keys_in_base64_survive_a_list() -> None:
    keys = [base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
    assert Env({"K": ",".join(keys)}).list("K") == keys
