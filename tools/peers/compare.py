#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where other readers fail: the same files, read side by side. Called by `run`, which builds and installs."""
import datetime
import functools
import importlib.metadata
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.path.join(PROJECT, "Fixtures")
NATTRO = os.path.join(PROJECT, ".build/debug/nattro")
PAGE = os.path.join(PROJECT, "Sources/Recordings/Recordings.docc/WherePeersFail.md")
PACKAGES = {"skdh": "scikit-digital-health"}
FOLDER = tempfile.mkdtemp()


def seconds(*when):
    return datetime.datetime(*when, tzinfo=datetime.timezone.utc).timestamp()


def nattro(path):
    out = os.path.join(FOLDER, "out.csv")
    run = subprocess.run([NATTRO, "convert", path, out] + (["--leg", "L"] if "legs" in path else []),
                         capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return {"error": run.stderr.strip()}
    times, zeros = [], 0
    with open(out) as file:
        next(file)
        for row in file:
            fields = row.split(",")
            times.append(float(fields[0]))
            zeros += all(float(value) == 0 for value in fields[1:])
    return {
        "samples": len(times), "start": times[0], "end": times[-1],
        "gap": max(b - a for a, b in zip(times, times[1:])), "zeros": zeros, "named": run.returncode == 1}


def peer(name, path):
    run = subprocess.run([sys.executable, os.path.join(HERE, "read.py"), name, path], capture_output=True, text=True)
    if run.returncode < 0:
        return {"error": f"crashes ({signal.Signals(-run.returncode).name})"}
    if run.returncode != 0:
        return {"error": f"ends with exit code {run.returncode}"}
    answer = json.loads(run.stdout.strip().splitlines()[-1])
    if "error" in answer:
        answer["error"] = f"refuses: {answer['error'].replace(path, os.path.basename(path))[:90]}"
    return answer


# MARK: files

def fixture(name):
    return os.path.join(FIXTURES, name)


def written(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


@functools.cache
def edf():
    with open(fixture("damaged/a_finalized_C.edf"), "rb") as file:
        return file.read()


def renumbered(count, name, tail=b""):
    return written(name, edf()[:236] + str(count).ljust(8).encode() + edf()[244:] + tail)


def linked(name, source):
    path = os.path.join(FOLDER, name)
    os.symlink(source, path)
    return path


def gt3x(name, seconds_, damage=None):
    """An ActiGraph's log of seconds, 30 samples each; idle sleep where they leave a hole."""
    start = 1_700_000_000
    log = bytearray()

    def record(kind, time, payload):
        bytes_ = struct.pack("<BBIH", 0x1E, kind, time, len(payload)) + payload
        check = 0
        for byte in bytes_:
            check ^= byte
        log.extend(bytes_ + bytes([check ^ 0xFF]))

    previous = None
    for second in seconds_:
        if previous is not None and second > previous + 1:
            record(3, start + previous + 1, b"\x08")
            record(3, start + second, b"\x09")
        record(26, start + second, struct.pack("<90h", *[100 + second, -20, 230] * 30))
        previous = second
    if damage:
        log[damage] ^= 1
    ticks = 621355968000000000 + start * 10**7
    last = 621355968000000000 + (start + previous + 1) * 10**7
    info = (
        "Serial Number: TAS1H00000001\r\nDevice Type: Link\r\nFirmware: 1.7.2\r\nBattery Voltage: 4.18\r\nSample Rate: 30\r\n"
        f"Start Date: {ticks}\r\nStop Date: {last}\r\nLast Sample Time: {last}\r\nTimeZone: 00:00:00\r\nDownload Date: {last}\r\n"
        "Board Revision: 8\r\nUnexpected Resets: 0\r\nAcceleration Scale: 256.0\r\nAcceleration Min: -8.0\r\n"
        "Acceleration Max: 8.0\r\nSubject Name: made\r\n")
    path = os.path.join(FOLDER, name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.bin", bytes(log))
        archive.writestr("info.txt", info)
    return path


def old_gt3x(name):
    """The container of before 2013, with activity.bin: 12-bit samples without times."""
    ticks = 621355968000000000 + int(seconds(2021, 12, 20, 11, 55)) * 10**7
    end = ticks + 600 * 10**7
    nibbles = "".join(f"{value & 0xFFF:03x}" for index in range(18000) for value in (341, index % 200 - 100, -10))
    info = (
        "Serial Number: NEO1C00000001\r\nDevice Type: GT3XPlus\r\nFirmware: 2.5.0\r\nBattery Voltage: 4.26\r\nSample Rate: 30\r\n"
        f"Start Date: {ticks}\r\nStop Date: {end}\r\nTimeZone: -06:00:00\r\nDownload Date: {end}\r\nBoard Revision: 2\r\n"
        "Unexpected Resets: 0\r\nSubject Name: made\r\n")
    path = os.path.join(FOLDER, name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("activity.bin", bytes.fromhex(nibbles))
        archive.writestr("lux.bin", bytes(1200))
        archive.writestr("log.txt", b"")
        archive.writestr("info.txt", info)
    return path


# MARK: the table

CWA, BIN, GT3X, EDF = ("actipy", "skdh"), ("actipy", "skdh"), ("actipy", "pygt3x"), ("mne", "edfio", "pyedflib")
NIGHT = seconds(2026, 11, 24, 22, 30)


def cases():
    """What is wrong with a file, the file, who reads it, and what is right: samples, start, longest gap."""
    yield "CWA, 50 sectors lost", fixture("damaged/g_missing_50_sectors.cwa"), CWA, {"samples": 8360, "gap": 20.33}
    yield "CWA, one bit flipped", fixture("damaged/e_one_bitflip.cwa"), CWA, {"samples": 10320, "gap": 0.41, "zeros": 0}
    yield "CWA, zeros at the end", fixture("damaged/c_zero_tail.cwa"), CWA, {"samples": 10360}
    yield "CWA, six bad sectors", fixture("cwa/ax3_corrupt_blocks.cwa"), CWA, {"samples": 16680}
    yield ("CWA, start between two seconds", fixture("cwa/ax3_testfile.cwa"), CWA,
           {"samples": 17400, "start": first_time("ax3_testfile.cwa"), "tolerance": 1e-4})
    yield ("GENEActiv, cut in its 17th page", fixture("geneactiv/ggir_GENEActiv_testfile.bin"), BIN, {"samples": 5031})
    yield ("GT3X, old container", old_gt3x("old.gt3x"), GT3X, {"samples": 18000, "start": seconds(2021, 12, 20, 11, 55)})
    yield ("GT3X, 90 s of idle sleep", gt3x("idle.gt3x", [*range(30), *range(120, 150)]), GT3X,
           {"samples": 1800, "gap": 90 + 1 / 30})
    yield ("GT3X, one bit flipped", gt3x("flip.gt3x", range(60), 10 * 189 + 50), GT3X,
           {"samples": 1770, "gap": 1 + 1 / 30})
    yield ("EDF+D, 300.5 s missing", linked("legs-D.edf", fixture("damaged/e_finalized_D_gap.edf")), EDF,
           {"samples": 6000, "gap": 300.51, "end": NIGHT + 360.49})
    yield ("EDF+, start at .3945312 s", fixture("edf/test_subsecond.edf"), EDF,
           {"start": seconds(2020, 1, 24, 4, 5, 56) + 0.3945312})
    yield "EDF+, being written (count -1)", renumbered(-1, "legs-open.edf"), EDF, {"samples": 6000, "start": NIGHT}
    yield "EDF+, 40 of 60 records counted", renumbered(40, "legs-stale.edf"), EDF, {"samples": 6000}
    yield ("EDF+, -1 and zeros at the end", renumbered(-1, "legs-zeros.edf", bytes(4096)), EDF, {"samples": 6000})


def first_time(name):
    with open(fixture("cwa/expected.json")) as file:
        rows = json.load(file)[name]["sampled_times"]
    assert rows[0][0] == 0
    return rows[0][1]


def is_right(answer, right):
    tolerance = right.get("tolerance", 0.02)
    return "error" not in answer and all(
        answer[key] == value if key in ("samples", "zeros") else abs(answer[key] - value) <= tolerance
        for key, value in right.items() if key != "tolerance")


def clock(value):
    when = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    return when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-2]


def words(answer, right):
    if "error" in answer:
        return answer["error"].replace("|", "/")
    parts = []
    for key in right:
        if key in ("samples", "zeros"):
            parts.append(f"{answer[key]} {'samples' if key == 'samples' else 'of zeros'}")
        elif key == "gap":
            parts.append(f"longest hole {answer['gap']:.2f} s")
        elif key in ("start", "end"):
            parts.append(f"{'starts' if key == 'start' else 'ends'} {clock(answer[key])}")
    if answer.get("named"):
        parts.append("loss named, exit code 1")
    return ("" if is_right(answer, right) else "**wrong:** ") + ", ".join(parts)


def main():
    rows, wrong = [], []
    for title, path, readers, right in cases():
        ours = nattro(path)
        if not is_right(ours, right):
            wrong.append(f"{title}: {ours}, right is {right}")
        others = "; ".join(f"{name}: {words(peer(name, path), right)}" for name in readers)
        rows.append(f"| {title} | {words(ours, right)} | {others} |")
        print(rows[-1], flush=True)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(PACKAGES.get(name, name))}"
        for name in ("actipy", "skdh", "pygt3x", "mne", "edfio", "pyedflib"))
    with open(PAGE, "w") as file:
        file.write(
            "# Where other readers fail\n\nDamaged, unfinished and unusual recordings, read side by side.\n\n## Overview\n\n"
            "Written by `tools/peers/run`, which runs every reader in a process of its own on files of `Fixtures` and on files that it "
            f"makes. Readers: {versions}.\n\n"
            "| file | nattro | others |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    if wrong:
        sys.exit("nattro is wrong:\n" + "\n".join(wrong))


main()
