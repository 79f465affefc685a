#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what `nattro export` writes with the readers that laboratories use, and compares.

The expected samples are made here, from the CSV that `nattro convert` writes of the source: NumPy puts each leg on the grid between the
same clock readings. The expected marks are those of `nattro score --tsv`. So no reader is compared with nattro's own writer alone."""
import argparse
import contextlib
import datetime
import io
import json
import os
import subprocess
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
EPOCH = datetime.datetime(1970, 1, 1)
MISSING = -32768
rows, failed = [], []


def note(what, reader, verdict, detail=""):
    rows.append((what, reader, "agrees" if verdict else "DIFFERS", detail))
    if not verdict:
        failed.append(f"{what}: {reader}: {detail}")


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode > 1:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


@contextlib.contextmanager
def silent():
    """Some readers talk to the descriptors themselves."""
    with open(os.devnull, "w") as nowhere:
        saved = [os.dup(1), os.dup(2)]
        sys.stdout.flush()
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        finally:
            for descriptor, copy in zip((1, 2), saved):
                os.dup2(copy, descriptor)
                os.close(copy)


def seconds(moment):
    return (moment.replace(tzinfo=None) - EPOCH).total_seconds()


def digital_values(signal, values):
    """The digital values behind physical ones, by the header's limits."""
    gain = (signal.physical_max - signal.physical_min) / (signal.digital_max - signal.digital_min)
    return np.round((np.asarray(values) - signal.physical_min) / gain).astype(int) + signal.digital_min


def share_within(times, values, table, column, step):
    """The share of values that lie between those of the source within two samples of their time: so far may the even spread of samples
    between clock readings and the stamps of single sectors lie apart."""
    source, index = table[:, column], np.searchsorted(table[:, 0], times)
    around = np.stack([source[np.clip(index + offset, 0, len(source) - 1)] for offset in range(-3, 3)])
    return float(np.mean((values >= around.min(0) - step) & (values <= around.max(0) + step)))


def near(one, other, tolerance):
    return len(one) == len(other) and (len(one) == 0 or float(np.max(np.abs(np.asarray(one, float) - np.asarray(other, float)))) <= tolerance)


def expected_marks(nattro, source, start_of_file):
    """(onset from the start of the file, duration, text without channel) of every mark that is a movement or a gap."""
    answer = json.loads(run(nattro, "score", *source, "--json"))
    shift = answer["recording"]["start_unix"] - start_of_file
    marks = []
    for line in run(nattro, "score", *source, "--tsv").splitlines()[1:]:
        onset, duration, leg, kind = line.split("\t")[:4]
        if leg != "B":
            name = {"L": "left", "R": "right"}[leg]
            marks.append((float(onset) + shift, float(duration), "Recording gap" if kind == "gap" else f"{kind}:{name}"))
    return sorted(marks)


def check_marks(what, reader, found, expected):
    found = sorted((onset, duration, text.split("@@")[0]) for onset, duration, text in found)
    found = [mark for mark in found if ":" in mark[2] or mark[2] == "Recording gap"]
    good = len(found) == len(expected) and all(
        abs(a[0] - b[0]) < 0.0011 and abs(a[1] - b[1]) < 0.0011 for a, b in zip(found, expected)
    ) and sorted(m[2] for m in found) == sorted(m[2] for m in expected)
    note(what, reader, good, f"{len(found)} marks of {len(expected)}")


def check_edf(arguments, source, csv_of):
    path = os.path.join(arguments.work, "night.edf")
    annot = os.path.join(arguments.work, "night.annot")
    run(arguments.nattro, "export", *source, "--edf", path, "--annot", annot)
    import edfio
    with silent():
        edf = edfio.read_edf(path)
    start = seconds(edf.startdatetime)
    digital = {signal.label: signal.digital for signal in edf.signals}
    marks = expected_marks(arguments.nattro, source, start)
    annotations = [(a.onset, a.duration or 0, a.text) for a in edf.annotations]

    # The samples, against the source on the grid by NumPy.
    for leg, csv in csv_of.items():
        table = np.loadtxt(csv, delimiter=",", skiprows=1)
        rate = edf.signals[0].sampling_frequency
        valid = digital[f"Valid {leg}"] == 1
        grid = start + np.flatnonzero(valid) / rate
        shares = []
        for axis, column in zip("XYZ", (1, 2, 3)):
            signal = next(signal for signal in edf.signals if signal.label == f"Acc {leg} {axis}")
            if not np.array_equal(signal.digital == MISSING, ~valid):
                note("EDF+ samples", "edfio", False, f"{signal.label}: missing samples and validity differ")
            step = (signal.physical_max - signal.physical_min) / 65535
            shares.append(share_within(grid, signal.data[valid], table, column, step))
        note("EDF+ samples and times", "edfio", min(shares) > 0.999, f"{leg}: {100 * min(shares):.2f} % within two samples of the source ({valid.sum()})")
    check_marks("EDF+ marks", "edfio", annotations, marks)

    def check_samples(reader, samples, when, label=lambda name: name):
        same = all(np.array_equal(samples[label(name)], values) for name, values in digital.items())
        note("EDF+ samples and times", reader, same and abs(when - start) < 1e-6, f"{len(digital)} signals, start {EPOCH + datetime.timedelta(seconds=when)}")

    import mne
    with silent():
        raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    scaled = {}
    for name, values in zip(raw.ch_names, raw.get_data()):
        signal = next(s for s in edf.signals if s.label == name)
        scaled[name] = digital_values(signal, values)
    check_samples("mne", scaled, seconds(raw.info["meas_date"]))
    check_marks("EDF+ marks", "mne", [(o, d, t) for o, d, t in zip(raw.annotations.onset, raw.annotations.duration, raw.annotations.description)], marks)
    linked = sum(bool(names) for names in raw.annotations.ch_names)
    note("EDF+ marks' channels", "mne", linked == len(marks), f"{linked} marks belong to a channel")

    import pyedflib
    with silent():
        reader = pyedflib.EdfReader(path)
        samples = {reader.getLabel(i): reader.readSignal(i, digital=True) for i in range(reader.signals_in_file)}
        found = list(zip(*reader.readAnnotations()))
        when = seconds(reader.getStartdatetime())
        reader.close()
    check_samples("pyedflib", samples, when)
    check_marks("EDF+ marks", "pyedflib", [(o, max(d, 0), t) for o, d, t in found], marks)

    dump = os.path.join(arguments.work, "libedf.bin")
    lines = run(arguments.libedf, path, dump).splitlines()
    values = np.fromfile(dump, dtype=np.int32)
    samples, found, place, when = {}, [], 0, 0.0
    for line in lines:
        kind, rest = line.split(" ", 1)
        if kind == "start":
            when = seconds(datetime.datetime.fromisoformat(rest))
        elif kind == "signal":
            number, label = rest.split(" ", 1)
            samples[label.strip()] = values[place:place + int(number)]
            place += int(number)
        else:
            onset, duration, text = rest.split(" ", 2)
            found.append((float(onset), 0 if duration == "-" else float(duration), text))
    check_samples("libedf", samples, when)
    check_marks("EDF+ marks", "libedf", found, marks)

    import lunapi
    with silent():
        project = lunapi.proj()
        person = project.inst("night")
        person.attach_edf(path)
        person.attach_annot(annot)
        seen = {}
        for name, values in digital.items():
            if name.startswith("Acc"):
                data = person.slice([(0, int(len(values) / rate * 1e9))], chs=[name.replace(" ", "_")])
                signal = next(signal for signal in edf.signals if signal.label == name)
                seen[name] = digital_values(signal, np.asarray(data[1])[:, 0])
        classes = sorted({t.split(":")[0] for _, _, t in marks} - {"Recording gap"}) + ["Recording_gap"]
        table = person.fetch_annots(classes)
        from_edf = person.fetch_annots(["edf_annot"])
    same = all(np.array_equal(seen[name], digital[name]) for name in seen)
    note("EDF+ samples and times", "Luna", same, f"{len(seen)} signals")
    note("EDF+ marks", "Luna", len(from_edf) >= len(marks), f"{len(from_edf)} marks of {len(marks)} and those of rest and sleep")
    luna = sorted((float(a), float(b) - float(a)) for a, b in zip(table["Start"], table["Stop"]))
    good = near([m[0] for m in luna], [m[0] for m in marks], 0.0011) and near(sorted(m[1] for m in luna), sorted(m[1] for m in marks), 0.0021)
    note("Luna .annot", "Luna", good, f"{len(luna)} marks of {len(marks)}")


def check_cwa(arguments, source, csv_of):
    stem = os.path.join(arguments.work, "night.cwa")
    run(arguments.nattro, "export", *source, "--cwa", stem)
    for leg, csv in csv_of.items():
        path = stem.replace(".cwa", f"_{leg}.cwa")
        own = os.path.join(arguments.work, f"own_{leg}.csv")
        run(arguments.nattro, "convert", path, own)
        mine = np.loadtxt(own, delimiter=",", skiprows=1)
        table = np.loadtxt(csv, delimiter=",", skiprows=1)
        share = min(share_within(mine[:, 0], mine[:, c], table, c, 1 / 2048) for c in (1, 2, 3))
        covered = len(mine) * float(np.median(np.diff(mine[:, 0]))) / (len(table) * float(np.median(np.diff(table[:, 0]))))
        note("CWA samples and times", "nattro", share > 0.999 and covered > 0.98, f"{leg}: {100 * share:.2f} % within two samples of the source, {100 * covered:.1f} % of its time")
        import actipy
        with silent():
            data, info = actipy.read_device(path, lowpass_hz=None, calibrate_gravity=False, detect_nonwear=False, resample_hz=None, verbose=False)
        when = data.index.values.astype("datetime64[ns]").astype(np.int64) / 1e9
        good = len(data) == len(mine) and np.array_equal(data[["x", "y", "z"]].to_numpy(np.float32), mine[:, 1:4].astype(np.float32))
        note("CWA samples", "actipy", bool(good), f"{leg}: {len(data)} samples")
        note("CWA times", "actipy", near(when, mine[:, 0], 0.021), f"{leg}: within {1000 * float(np.max(np.abs(when - mine[:, 0]))):.1f} ms (it ignores the fraction of a second)")
        import skdh
        with silent():
            read = skdh.io.ReadCwa().predict(file=path)
        good = len(read["time"]) == len(mine) and np.allclose(read["accel"], mine[:, 1:4], atol=1e-6)
        note("CWA samples", "skdh", bool(good), f"{leg}: {len(read['time'])} samples")
        note("CWA times", "skdh", near(read["time"], mine[:, 0], 0.021), f"{leg}: within {1000 * float(np.max(np.abs(read['time'] - mine[:, 0]))):.1f} ms (it ignores the fraction of a second)")


def check_bids(arguments, source):
    folder = os.path.join(arguments.work, "bids")
    run(arguments.nattro, "export", *source, "--bids", folder, "--participant", "A1")
    validator = os.path.join(os.path.dirname(sys.executable), "bids-validator-deno")
    done = subprocess.run([validator, folder, "--json"], capture_output=True, text=True)
    issues = json.loads(done.stdout)["issues"]["issues"]
    errors = sorted({issue["code"] for issue in issues if issue.get("severity") == "error"})
    note("BIDS", "bids-validator-deno", done.returncode == 0 and not errors, f"errors: {', '.join(errors) or 'none'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nattro", required=True)
    parser.add_argument("--libedf", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Fixtures")
    sources = {
        "two simulated ankles, 1 h, with gaps": {
            "L": os.path.join(here, "nights/plmd/night_L.cwa"), "R": os.path.join(here, "nights/plmd/night_R.cwa")},
        "a real AX6, 50 sectors lost": {"L": os.path.join(here, "damaged/g_missing_50_sectors.cwa")},
    }
    for name, legs in sources.items():
        first = len(rows)
        csv_of = {}
        for leg, path in legs.items():
            csv_of[leg] = os.path.join(arguments.work, f"source_{leg}.csv")
            run(arguments.nattro, "convert", path, csv_of[leg])
        source = list(legs.values())
        check_edf(arguments, source, csv_of)
        check_cwa(arguments, source, csv_of)
        check_bids(arguments, source)
        print(f"\n{name}")
        for what, reader, verdict, detail in rows[first:]:
            print(f"  {what:24} {reader:20} {verdict:8} {detail}")
    for line in failed:
        print(f"does not agree: {line}", file=sys.stderr)
    sys.exit(1 if failed else 0)


main()
