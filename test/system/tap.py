# SPDX-License-Identifier: Apache-2.0
"""Test functions as TAP: the name of each is a sentence, each is tried by itself, and one that fails says what and where."""
import pathlib
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
LONGEST, LAST = 4000, 60  # characters, or lines from the end, of what is said about one failure


class Skip(Exception):
    """A case cannot run here; the text says why."""


def sentence(case):
    return case.__name__.replace("_", " ")


def comment(text):
    print("\n".join(f"# {line}" for line in text.splitlines()), flush=True)


def explain(problem):
    """Kind and text of an exception, and the lines of tests through which it came."""
    places, step = [], problem.__traceback__
    while step:
        file = pathlib.Path(step.tb_frame.f_code.co_filename).resolve()
        if TESTS in file.parents and file != pathlib.Path(__file__).resolve():
            places.append(f"{file.name}:{step.tb_lineno}")
        step = step.tb_next
    return f"{' '.join(places)}: {type(problem).__name__}: {problem}"[:LONGEST]


def attempt(number, case, *given, name=None, more=None):
    """Runs a case and prints its line; 1 if it failed, of which more() tells what else may help."""
    begin = time.monotonic()
    # What stands behind a # is a directive; a name may be made of bytes that nobody wants to see.
    name = (name or sentence(case)).replace("#", "(number sign)").encode("ascii", "backslashreplace").decode()
    try:
        case(*given)
    except Skip as why:
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
        return 0
    except Exception as problem:  # pylint: disable=broad-except  # a broken case must not hide the next ones
        print(f"not ok {number} - {name}")
        comment(explain(problem) + ("\n" + more() if more else ""))
        return 1
    seconds = time.monotonic() - begin
    print(f"ok {number} - {name}" + (f" ({seconds:.1f} s)" if seconds >= 1 else ""), flush=True)
    return 0


def run(cases, *given, more=None):
    """The whole plan; how many failed."""
    print(f"1..{len(cases)}", flush=True)
    return sum([attempt(number, case, *given, more=more) for number, case in enumerate(cases, 1)])


class Tap:
    """For a story that is one piece: results as they come, the plan at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, ok, name, detail=""):
        self.count += 1
        self.failed += not ok
        # What stands behind a # is a directive.
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name.replace('#', 'no.')}", flush=True)
        if not ok and detail:
            comment("\n".join(str(detail).splitlines()[-LAST:]))
        return ok

    def plan(self):
        """The last line; the program's exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0
