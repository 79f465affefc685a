#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol: results first, then times, alternating between the two sides. Called by `run`, which builds and installs."""
import argparse
import importlib.metadata
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(PROJECT, ".build-benchmarks")
NATTRO = os.path.join(PROJECT, ".build/release/nattro")
BENCHMARK = os.path.join(CACHE, "swift/release/nattro-benchmark")
NIGHTS, WEEK = 4, 21
TOLERANCE = 0.020
ENVIRONMENT = {**os.environ, **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}}


def run(*command):
    """Runs to the end; gives output, wall and processor seconds, and the peak RSS in MiB, of it and what it started."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{errors}")
    return output, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def made(name, seed, hours, repeats=1):
    folder = os.path.join(CACHE, "data", name)
    if not os.path.exists(os.path.join(folder, "right.cwa")):
        print(f"making {name}: {hours * repeats:g} h, two legs", flush=True)
        run(sys.executable, os.path.join(HERE, "generate.py"), folder, str(seed), str(hours), str(repeats))
    return [os.path.join(folder, f"{leg}.cwa") for leg in ("left", "right")]


def simulated(profile):
    """A night of nattro's own simulator."""
    folder = os.path.join(CACHE, "data", f"simulated-{profile}")
    if not os.path.exists(os.path.join(folder, "night_R.cwa")):
        print(f"making simulated-{profile}", flush=True)
        run(NATTRO, "simulate", "--profile", profile, "--hours", "8", "--seed", "7", "--gaps", "0", "--format", "cwa",
            "--out", folder)
    return [os.path.join(folder, f"night_{leg}.cwa") for leg in "LR"]


def peer(paths, *options):
    out = os.path.join(CACHE, "peer.json")
    output, *used = run(sys.executable, os.path.join(HERE, "peer.py"), *paths, out, *options)
    with open(out) as file:
        return json.loads(output), json.load(file), used


def in_process(paths, repeats, *stages):
    out = os.path.join(CACHE, "nattro.json")
    output, *_ = run(BENCHMARK, *paths, out, str(repeats), *stages)
    with open(out) as file:
        return json.loads(output), json.load(file)


def compare(name, paths):
    """Stops at the first difference that is more than rounding. Gives the largest shift of an edge."""
    _, theirs, _ = peer(paths)
    _, ours = in_process(paths, 1, "night")
    scored = json.loads(run(NATTRO, "score", *paths, "--json")[0])["summary"]
    problems = [
        f"{key}: {ours[key]} and {theirs[key]}" for key in ("n_clm", "n_plm", "n_series") if ours[key] != theirs[key]]
    problems += [f"{key}: nattro score says {scored[key]}" for key in ("n_clm", "n_plm") if scored[key] != ours[key]]
    if abs(ours["plm_index"] - theirs["plm_index"]) > 1e-3:
        problems.append(f"plm_index: {ours['plm_index']} and {theirs['plm_index']}")
    both = list(zip(ours["movements"], theirs["movements"]))
    if len(ours["movements"]) != len(theirs["movements"]):
        problems.append(f"{len(ours['movements'])} and {len(theirs['movements'])} movements")
    largest = shifted = 0
    for a, b in both:
        shift = max(abs(a["onset"] - b["onset"]), abs(a["offset"] - b["offset"]))
        largest, shifted = max(largest, shift), shifted + (shift > 0.001)
        if (a["leg"], a["kind"]) != (b["leg"], b["kind"]) or shift > TOLERANCE + 1e-6:
            problems.append(f"{a} and {b}")
    if problems:
        sys.exit(f"{name}: nattro and the peer differ; nothing is timed\n  " + "\n  ".join(problems[:20]))
    print(
        f"{name}: the same {len(both)} movements, {ours['n_clm']} candidates, {ours['n_plm']} periodic; "
        f"{shifted} with an edge that differs, by {largest * 1000:.0f} ms at most", flush=True)


class Times:
    """Runs of one thing: wall and processor seconds, peak RSS."""

    def __init__(self):
        self.wall, self.processor, self.memory = [], [], []

    def add(self, wall, processor, memory):
        self.wall.append(wall)
        self.processor.append(processor)
        self.memory.append(memory)

    @property
    def row(self):
        memory = f"{max(self.memory):.0f}" if max(self.memory) else ""
        processor = f"{statistics.median(self.processor):.3f}" if max(self.processor) else ""
        return f"{statistics.median(self.wall):.4f} | {min(self.wall):.4f} | {processor} | {memory}"

    @property
    def median(self):
        return statistics.median(self.wall)

    @property
    def busy(self):
        return statistics.median(self.processor)


def check_load(anyway):
    load = os.getloadavg()[0]
    if load > 1.0:
        message = f"the load of the last minute is {load:.2f}, more than 1.0"
        if not anyway:
            sys.exit(f"{message}: wait for a quiet machine, or say --anyway")
        print(f"WARNING: {message}; wall times are too long, ratios are a guess")


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read()).group(1)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy", "actipy", "scikit-digital-health")]
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    fftw = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libfftw3-single3"], capture_output=True, text=True).stdout
    return [
        f"{os.cpu_count()} × {model}, {platform.system()} {platform.release()}",
        f"{swift}; FFTW {fftw}; Python {platform.python_version()}, {', '.join(versions)}; {java}",
        f"load {os.getloadavg()[0]:.2f}, {os.getloadavg()[1]:.2f}, {os.getloadavg()[2]:.2f}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--anyway", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip-week", action="store_true")
    parser.add_argument("--skip-callgrind", action="store_true")
    options = parser.parse_args()
    check_load(options.anyway)
    before = machine()

    nights = {f"night{seed}": made(f"night{seed}", seed, 8) for seed in range(1, NIGHTS + 1)}
    for profile in ("rls", "hard"):
        nights[f"simulated-{profile}"] = simulated(profile)
    for name, paths in nights.items():
        compare(name, paths)
    paths = nights["night1"]

    names = ("nattro score", "actipy + peer", "numpy + peer")
    whole = {name: Times() for name in names}
    for turn in range(options.rounds + 1):
        for name in names:
            used = {
                "nattro score": lambda: run(NATTRO, "score", *paths, "--json")[1:],
                "actipy + peer": lambda: peer(paths, "--reader", "actipy")[2],
                "numpy + peer": lambda: peer(paths)[2],
            }[name]()
            if turn > 0:
                whole[name].add(*used)
        print(f"whole processes, round {turn} of {options.rounds}", flush=True)

    ours, cold, theirs = {}, {}, {}
    for way in ("oaconvolve", "shared"):
        # Each side in turn, in a process of its own; the first run of a process is its warm-up.
        for _ in range(2):
            timings = in_process(paths, 1 + options.rounds)[0]["timings"]
            for timing in timings:
                times = ours.setdefault((timing["stage"], timing["threads"]), Times())
                for wall, processor in zip(timing["seconds"][1:], timing["processor"][1:]):
                    times.add(wall, processor, 0)
            cold.setdefault("nattro", []).append(timings[0]["seconds"][0])
            laps = peer(paths, "--filter", way, "--repeat", str(1 + options.rounds))[0]["seconds"]
            cold.setdefault(way, []).append(laps[0]["total"])
            for lap in laps[1:]:
                processor = lap.pop("processor")
                for stage, seconds in lap.items():
                    theirs.setdefault((way, stage), Times()).add(seconds, processor if stage == "total" else 0, 0)
        print(f"in one process, against {way}", flush=True)
    readers = {}
    for reader in ("actipy", "skdh"):
        laps = json.loads(run(sys.executable, os.path.join(HERE, "read.py"), reader, str(1 + options.rounds), *paths)[0])
        readers[reader] = statistics.median(laps[1:])

    lines = ["", *before, "", "| whole process, a night of 8 h, two legs | median s | min s | processor s | RSS MiB |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {times.row} |" for name, times in whole.items()]
    lines += ["", "| in one process, warm | median s | min s | processor s |", "|---|---|---|---|"]
    lines += [
        f"| nattro, up to {stage}, {threads} thread{'s' if threads > 1 else ''} | {times.row.rsplit(' | ', 1)[0]} |"
        for (stage, threads), times in sorted(ours.items(), key=lambda item: (item[0][1], item[1].median))]
    lines += [
        f"| peer, {way}, {stage} | {times.row.rsplit(' | ', 1)[0]} |" for (way, stage), times in theirs.items()
        if stage in ("decode", "resample", "filter", "movements", "total")]
    lines += [f"| read by {reader} | {seconds:.4f} | | |" for reader, seconds in readers.items()]
    lines += [
        f"| nattro, first run of a process | {statistics.median(cold['nattro']):.4f} | {min(cold['nattro']):.4f} | |",
        f"| peer, first run of a process | {statistics.median(cold['oaconvolve']):.4f} | {min(cold['oaconvolve']):.4f} | |"]
    score, one, two, decode = whole["nattro score"], ours["night", 1], ours["night", 2], ours["decode", 1]
    peers = {way: theirs[way, "total"] for way in ("oaconvolve", "shared")}

    def ratio(name, theirs, ours, goal=""):
        return f"| {name} | {theirs.median / ours.median:.1f}× | {theirs.busy / ours.busy:.1f}× | {goal} |"

    lines += [
        "", "| nattro is faster than | wall | processor | goal |", "|---|---|---|---|",
        ratio("actipy + peer, whole processes", whole["actipy + peer"], score, "20×"),
        ratio("numpy + peer, whole processes", whole["numpy + peer"], score),
        ratio("the peer (oaconvolve) in one process, one thread", peers["oaconvolve"], one, "10×"),
        ratio("the peer (shared transform) in one process, one thread", peers["shared"], one),
        ratio("the peer (oaconvolve) in one process, two threads to its one", peers["oaconvolve"], two),
        f"| skdh at reading, one thread | {readers['skdh'] / decode.median:.1f}× | | 10× |",
        f"| actipy at reading, one thread | {readers['actipy'] / decode.median:.1f}× | | 50× |",
        "", "| memory and scale | | goal |", "|---|---|---|"]
    lines += [f"| peak RSS of nattro score | {max(score.memory):.0f} MiB | 48 MiB |"]

    if not options.skip_week:
        week = made("week", 1, 8, WEEK)
        for path in week:
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass
        times = Times()
        for turn in range(3):
            used = run(NATTRO, "score", *week, "--json")[1:]
            if turn > 0:
                times.add(*used)
        lines += [
            f"| a week ({WEEK} nights of 8 h in one pair of files), for each night | {times.median / WEEK:.4f} s, "
            f"{times.median / WEEK / score.median:.2f} of a night alone | 1 |",
            f"| peak RSS for the week | {max(times.memory):.0f} MiB | |"]
    if not options.skip_callgrind:
        hour = made("hour", 1, 1)
        # The command itself ends its main thread while others work, which valgrind 3.19 does not survive.
        process = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", BENCHMARK, *hour,
             os.path.join(CACHE, "hour.json"), "1", "night", "once"], capture_output=True, text=True)
        found = re.search(r"Collected : (\d+)", process.stderr)
        count = f"{int(found.group(1)) / 1e6:.0f} million" if found else "callgrind failed"
        lines += [f"| instructions for an hour of two legs, from start to end of the process (callgrind) | {count} | |"]
    lines += ["", f"load after: {os.getloadavg()[0]:.2f}"]
    print("\n".join(lines))
    with open(os.path.join(CACHE, "results.md"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
