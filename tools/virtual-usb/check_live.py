#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the movements that `nattro record --json` told while it recorded with those that `nattro score` finds in its log.

check_live.py EVENTS NIGHTLOG NATTRO

Exit 0 if they are the same, movement for movement, by leg, onset and duration to the millisecond, and by kind in number; else 1.
"""
import collections, json, subprocess, sys

events_path, log, program = sys.argv[1:4]
events = [json.loads(line) for line in open(events_path)]
live = [e for e in events if e["event"] == "movement"]
ended = next((e for e in events if e["event"] == "ended"), {})
run = subprocess.run([program, "score", log, "--json"], capture_output=True, text=True)
# 1: scored, with something missing that is named.
if run.returncode not in (0, 1):
    if not live and "too few samples" in run.stderr:
        print("live = batch: nothing to find movements in")
        sys.exit(0)
    sys.exit(f"score ends with {run.returncode}: {run.stderr.strip()}")
score = json.loads(run.stdout)
start, detected = score["recording"]["start_unix"], score["detected"]
names = detected["columns"]
rows = [dict(zip(names, row)) for row in detected["movements"]]
batch = collections.Counter((row[names[0]], row[names[1]], row[names[2]]) for row in rows)


def milliseconds(seconds):
    return round((seconds - start) * 1000)


told = collections.Counter(
    (e["leg"], milliseconds(e["onset"]), milliseconds(e["offset"]) - milliseconds(e["onset"])) for e in live)
missing, extra = batch - told, told - batch
print(f"live = batch: {sum(told.values())} movements told live, {sum(batch.values())} scored, "
      f"{sum(missing.values())} only scored, {sum(extra.values())} only live")
for what, list_ in (("only scored", missing), ("only live", extra)):
    for row in sorted(list_)[:3]:
        print(f"  {what}: {row}", file=sys.stderr)
kinds = collections.Counter(row["kind"] for row in rows)
named = {kind: count for kind, count in ended.get("detected", {}).items() if count}
if named != dict(kinds):
    print(f"  kinds told at the end {named}, scored {dict(kinds)}", file=sys.stderr)
    sys.exit(1)
sys.exit(1 if missing or extra else 0)
