#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what a log says of the host's own troubles: check_host.py clock|suspend NIGHTLOG.

clock: the wall clock was set twice; that is an event each, and no sample's time moves. suspend: the host slept; that is an event, the
samples before and after are apart by the sleep, and there is a gap between them.
"""
import os, sys
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../virtual-usb"))
import check_ledger

what, path = sys.argv[1:3]
sectors, _ = check_ledger.read_sectors(path)
events = [int(s["counts"][:2].view("<i4")[0]) for s in sectors if s["kind"] == 3]
data = sectors[sectors["kind"] == 1]
SUSPENDED, CLOCK_SET, DECLARED = 8, 1004, 7
run = sectors[0]
times = (run["utc"] + data["boot_time"].astype(np.int64) - run["boot_time"]) / 1e9 - data["offset"] / data["rate"]
step = np.diff(times) - data["count"][:-1] / data["rate"][:-1]
if what == "clock":
    walls = np.diff(data["utc"] - data["boot_time"])
    assert events.count(CLOCK_SET) == 2, f"{events.count(CLOCK_SET)} settings of the clock are told"
    assert (abs(walls) > 3.5e12).sum() == 2, "the wall clock's readings do not show the steps"
    assert not (data["flags"] & DECLARED).any(), "a gap where nothing is missing"
    assert abs(step).max() < 0.25, f"a sample's time moves by {abs(step).max():.2f} s"
else:
    assert SUSPENDED in events, "nothing says that the host slept"
    assert (data["flags"] & DECLARED).any(), "no gap"
    assert step.max() > 2, f"the sleep is not in the samples' times: the largest step is {step.max():.2f} s"
    assert np.diff(times).min() > -0.01, "time goes back"
print(f"{what}: good; largest step between sectors {abs(step).max():.3f} s")
