#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tools/embed-sql refuses, and what it makes of the lines and tokens of a dialect."""
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(os.environ.get("FERRY_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[3]))

REFUSED = {
    "a cast with colons": ("q.sql", "-- name: q\nSELECT $1::bigint"),
    "a question mark": ("q.sql", "-- name: q\nSELECT a FROM t WHERE b = ?"),
    "now()": ("q.sql", "-- name: q\nSELECT now()"),
    "a boolean": ("q.sql", "-- name: q\nSELECT TRUE"),
    "two statements": ("q.sql", "-- name: q\nDELETE FROM a; DELETE FROM b"),
    "a gap in the parameters": ("q.sql", "-- name: q\nSELECT $1, $3"),
    "a text for one database only": ("q.sql", "-- name: q\n-- sqlite: SELECT 1"),
    "an empty query": ("q.sql", "-- name: q\n"),
    "a name with capitals": ("q.sql", "-- name: Query\nSELECT 1"),
    "a name that is used twice": ("q.sql", "-- name: q\nSELECT 1\n-- name: q\nSELECT 2"),
    "text without a name": ("q.sql", "SELECT 1"),
    "an unknown token": ("q.sql", "-- name: q\nSELECT @WHAT@"),
    "a deferred constraint": ("0001_x.sql", "CREATE TABLE t (a TEXT REFERENCES u (a) DEFERRABLE);"),
    "a type of one database": ("0001_x.sql", "CREATE TABLE t (a BYTEA);"),
    "migrations that do not begin at 0001": ("0002_x.sql", "CREATE TABLE t (a TEXT);"),
}

ACCEPTED = {
    "marks inside a literal": ("q.sql", "-- name: q\nSELECT '?::;--$9' AS a", ["'\\?::;--$9'"]),
    "a comment at the end of a line": ("q.sql", "-- name: q\nSELECT 1 -- why?", ['"SELECT 1\\n"']),
    "lines of a dialect": ("q.sql", "-- name: q\nSELECT\n-- sqlite: 1\n-- postgresql: TRUE", ['"1\\n"', '"TRUE\\n"']),
    "tokens": ("0001_x.sql", "CREATE TABLE t (a BIGINT, b @BLOB@\n) @STRICT@;",
               ["(a INTEGER, b BLOB", "(a BIGINT, b BYTEA", '") STRICT;\\n"', '") ;\\n"']),
}


def embed(directory, name, text):
    path = pathlib.Path(directory, name)
    path.write_text(text, encoding="utf-8")
    source = pathlib.Path(directory, "out.c")
    command = [str(ROOT / "tools" / "embed-sql"), str(pathlib.Path(directory, "out.h")), str(source), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result, source.read_text(encoding="utf-8") if source.exists() else ""


def run(number, case, good):
    print(f"{'ok' if good else 'not ok'} {number} - {case}")
    return good


def main():
    print(f"1..{len(REFUSED) + len(ACCEPTED)}")
    number = 0
    for case, (name, text) in REFUSED.items():
        number += 1
        with tempfile.TemporaryDirectory() as directory:
            result, made = embed(directory, name, text)
            named = result.returncode == 1 and result.stderr.strip() and "Traceback" not in result.stderr
            run(number, f"{case} is refused", named and not made)
    for case, (name, text, wanted) in ACCEPTED.items():
        number += 1
        with tempfile.TemporaryDirectory() as directory:
            result, made = embed(directory, name, text)
            run(number, f"{case} are understood", result.returncode == 0 and all(w in made for w in wanted))


main()
