# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a journal with simulated nights, doses and a diary: what the pages have to show.

Thirty nights without magnesium and thirty with it, two legs at 25 Hz, and a last night of 8 h at 100 Hz. Nothing of it is anybody's.
"""

import datetime
import pathlib
import subprocess
import sys

FIRST = datetime.date(2026, 9, 15)
NIGHTS_BEFORE, NIGHTS_WITH = 30, 30
LAST = FIRST + datetime.timedelta(days=NIGHTS_BEFORE + NIGHTS_WITH)
# What a browser must show as text.
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def fill(nattro, folder):
    """Makes the journal in a folder and gives its path."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "journal.sqlite"

    def run(*words, journaled=True):
        extra = ["--journal", str(journal)] if journaled else []
        done = subprocess.run([nattro, *map(str, words), *extra], capture_output=True, text=True)
        # 1 is: done, with something to say on standard error.
        if done.returncode not in (0, 1):
            sys.exit(f"nattro {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def simulate(date, seed, hours, rate, profile):
        out = folder / "nights" / str(date)
        run("simulate", "--profile", profile, "--hours", hours, "--rate", rate, "--seed", seed, "--gaps", 1,
            "--format", "nightlog", "--start", f"{date}T23:00", "--out", out, journaled=False)
        return out / "night.nightlog"

    logs = []
    for number in range(NIGHTS_BEFORE + NIGHTS_WITH):
        date = FIRST + datetime.timedelta(days=number)
        logs.append(simulate(date, number + 1, 4.3, 25, "rls" if number % 3 else "plmd"))
    logs.append(simulate(LAST, 99, 8, 100, "rls"))
    for number in range(NIGHTS_BEFORE + NIGHTS_WITH):
        page = ["lights_out=23:00", "wake_up=03:18"]
        if number % 2 == 0:
            page += [f"urge={3 + number % 5}", f"note={HOSTILE}"]
        run("diary", FIRST + datetime.timedelta(days=number), *page)
    run("import", *logs)
    # Its sensor was set to another rate; no comparison takes it.
    run("nights", "exclude", LAST, "--reason", "recorded at 100 Hz")
    with_first = FIRST + datetime.timedelta(days=NIGHTS_BEFORE)
    run("dose", "none", "--from", FIRST, "--to", with_first - datetime.timedelta(days=1))
    for number in range(NIGHTS_WITH):
        date = with_first + datetime.timedelta(days=number)
        run("dose", "add", "200mg", "elemental", "citrate", date, "21:10", "--tz", "Europe/Berlin")
    return journal


if __name__ == "__main__":
    print(fill(sys.argv[1], sys.argv[2]))
