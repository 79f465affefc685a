#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers side by side: the samples first, then the times, alternating. Called by `readers`, which builds and installs.

Called again by itself for one peer in a process of its own: measure_readers.py peer READER FILE REPEATS [VALUES].
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(PROJECT, ".build-benchmarks")
DECODE = os.path.join(CACHE, "swift/release/nattro-decode")
# What is made, who else reads it, how many times faster nattro is to be, and how far samples may differ: actipy rounds GT3X to 3 decimals.
FORMATS = {
    "CWA": ("cwa", {"skdh": 10, "actipy": 50}, {}),
    "GENEActiv": ("bin", {"skdh": 3, "actipy": None}, {}),
    "GT3X": ("gt3x", {"actipy": 10}, {"actipy": 0.0011}),
}
MEMORY = 64


def peer(reader, path, repeats, values=None):
    """One peer: the times of reading, and how far its samples are from ours."""
    warnings.simplefilter("ignore")
    import numpy as np

    if reader == "actipy":
        import actipy

        def read():
            table, _ = actipy.read_device(
                path, lowpass_hz=None, calibrate_gravity=False, detect_nonwear=False, resample_hz=None, verbose=False)
            return table

        def samples(table):
            return table[["x", "y", "z"]].to_numpy(np.float32)
    else:
        import skdh

        def read():
            return (skdh.io.ReadBin() if path.endswith(".bin") else skdh.io.ReadCwa()).predict(file=path)

        def samples(result):
            return result["accel"].astype(np.float32)

    seconds, result = [], None
    for _ in range(repeats):
        result = None
        start = time.perf_counter()
        result = read()
        seconds.append(time.perf_counter() - start)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    difference = None
    if values:
        theirs, ours = samples(result), np.fromfile(values, "<f4").reshape(-1, 3)
        difference = float(np.abs(theirs - ours).max()) if theirs.shape == ours.shape else -1
    print(json.dumps({"seconds": seconds, "rss": rss, "difference": difference}))


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout.strip().splitlines()[-1])


def made(kind, hours):
    folder = os.path.join(CACHE, "data", f"readers-{hours}")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"left.{kind}")
    if not os.path.exists(path):
        print(f"making {path}", flush=True)
        if kind == "cwa":
            script = [os.path.join(HERE, "generate.py"), folder, "1", "8", str(hours // 8)]
        else:
            script = [os.path.join(HERE, "generate_recordings.py"), kind, path, str(hours), "1"]
        subprocess.run([sys.executable, *script], check=True)
    return path


def theirs(reader, path, repeats, *values):
    return run(sys.executable, __file__, "peer", reader, path, str(repeats), *values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip-week", action="store_true")
    options = parser.parse_args()
    print(f"load {', '.join(f'{load:.2f}' for load in os.getloadavg())}", flush=True)
    values = os.path.join(CACHE, "values.f32")
    rows, missed = [], []
    for name, (kind, goals, tolerances) in FORMATS.items():
        path = made(kind, 8)
        samples = run(DECODE, path, "1", values)["samples"]
        for reader in goals:
            difference = theirs(reader, path, 1, values)["difference"]
            if not 0 <= difference <= tolerances.get(reader, 0):
                sys.exit(f"{name}: {reader} finds other samples (largest difference {difference}; -1: another number); nothing is timed")
        ours, peers = [], {reader: [] for reader in goals}
        for _ in range(options.rounds):
            ours += run(DECODE, path, "6")["seconds"][1:]
            for reader in goals:
                peers[reader] += theirs(reader, path, 4)["seconds"][1:]
        rows.append(f"| {name}, night ({os.path.getsize(path) / 1e6:.1f} MB, {samples / 1e6:.2f} M samples) | nattro | "
                    f"{statistics.median(ours):.4f} | {min(ours):.4f} | |")
        for reader, goal in goals.items():
            ratio = statistics.median(peers[reader]) / statistics.median(ours)
            rows.append(f"| | {reader} | {statistics.median(peers[reader]):.4f} | {min(peers[reader]):.4f} | "
                        f"{ratio:.1f}×{f' (goal {goal}×)' if goal else ''} |")
            if goal and ratio < goal:
                missed.append(f"{name}: {ratio:.1f} times {reader}, goal {goal}")
        if not options.skip_week:
            week = run(DECODE, made(kind, 168), "1")
            rows.append(f"| {name}, week | nattro | {week['seconds'][0]:.4f} | | {week['peakRSSMiB']:.0f} MiB |")
            if week["peakRSSMiB"] > MEMORY:
                missed.append(f"{name}: {week['peakRSSMiB']:.0f} MiB for a week, goal {MEMORY}")
    print("\n| recording | reader | median s | min s | nattro is faster, or peak RSS |\n|---|---|---|---|---|\n" + "\n".join(rows))
    print(f"load {', '.join(f'{load:.2f}' for load in os.getloadavg())}")
    if missed:
        sys.exit("missed: " + "; ".join(missed))


if sys.argv[1:2] == ["peer"]:
    peer(sys.argv[2], sys.argv[3], int(sys.argv[4]), *sys.argv[5:])
else:
    main()
