#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doctors a night log in every way that check_ledger.py must notice: test_check_ledger.py LEDGER NIGHTLOG (a pair that balances)."""
import os, subprocess, sys, tempfile
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
names = {}
exec(open(os.path.join(here, "..", "read_nightlog.py")).read().split("\nraw = open", 1)[0], names)
raw = open(sys.argv[2], "rb").read()


def full(log):
    return np.flatnonzero((log["kind"] == 1) & (log["count"] == 70) & (log["stream"] == 0))


def after(log, i):
    return (np.arange(len(log)) > i) & (log["kind"] == 1) & (log["stream"] == log["stream"][i])


def untouched(log): return log


def a_bit(log):
    log["counts"][full(log)[9], 7] ^= 1
    return log


def a_sector_lost(log): return np.delete(log, full(log)[9])


def a_loss_hidden(log):
    i = full(log)[9]
    log["first"][after(log, i)] -= 70
    return np.delete(log, i)


def a_sector_twice(log):
    i = full(log)[9]
    log = np.insert(log, i + 1, log[i])
    log["sequence"] = np.arange(len(log))
    log["first"][after(log, i)] += 70
    return log


def two_swapped(log):
    pair = full(log)[9:11]
    log[pair] = log[pair[::-1]]
    for field in ("sequence", "first"): log[field][pair] = np.sort(log[field][pair])
    return log


def the_tail_cut(log): return log[: len(log) - 40]


def another_scale(log):
    log["scale"][full(log)[5]] *= 2
    return log


def no_sample(log): return log[log["kind"] != 1]


bad = 0
for doctor in (untouched, a_bit, a_sector_lost, a_loss_hidden, a_sector_twice, two_swapped, the_tail_cut, another_scale, no_sample):
    log = np.frombuffer(raw[1024 : 1024 + (len(raw) - 1024) // 512 * 512], np.uint8).copy().view(names["SECTOR"])
    log = np.ascontiguousarray(doctor(log))
    log["crc"] = names["crc32c"](log.view(np.uint8).reshape(len(log), 512)[:, :508])
    with tempfile.NamedTemporaryFile(suffix=".nightlog") as file:
        file.write(raw[:1024] + log.tobytes()), file.flush()
        answer = subprocess.run([sys.executable, os.path.join(here, "check_ledger.py"), sys.argv[1], file.name, "--strict"], capture_output=True, text=True)
    good = answer.returncode == (0 if doctor is untouched else 1) and answer.stdout
    bad += not good
    print(f"{doctor.__name__.replace('_', ' '):16} {'good' if good else 'BAD '}  {(answer.stdout or answer.stderr).splitlines()[-1]}")
sys.exit(bad > 0)
