#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a file with one reader and prints what it found as JSON. usage: read.py READER FILE

`start` and `end` are the seconds since 1970 of the first and the last sample as the reader gives them, `gap` the longest hole
between two samples in seconds, `zeros` the samples that are exactly 0 on all axes.
"""
import json
import sys
import warnings

warnings.simplefilter("ignore")
import numpy as np


def found(times, values):
    times = np.asarray(times, float)
    values = np.asarray(values)
    return {
        "samples": len(times), "start": times[0], "end": times[-1], "gap": float(np.diff(times).max()),
        "zeros": int((values.reshape(len(times), -1) == 0).all(axis=1).sum()),
    }


def read_actipy(path):
    import actipy

    table, _ = actipy.read_device(
        path, lowpass_hz=None, calibrate_gravity=False, detect_nonwear=False, resample_hz=None, verbose=False)
    return found(table.index.as_unit("ns").asi8 / 1e9, table[["x", "y", "z"]].to_numpy())


def read_skdh(path):
    import skdh

    reader = skdh.io.ReadBin() if path.endswith(".bin") else skdh.io.ReadCwa()
    result = reader.predict(file=path)
    return found(result["time"], result["accel"])


def read_pygt3x(path):
    from pygt3x.reader import FileReader

    with FileReader(path) as reader:
        table = reader.to_pandas()
    return found(table.index.to_numpy(float), table[["X", "Y", "Z"]].to_numpy())


def read_mne(path):
    import mne

    raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    return found(raw.info["meas_date"].timestamp() + raw.times, raw.get_data().T)


def read_edfio(path):
    import datetime

    import edfio

    edf = edfio.read_edf(path)
    signal = edf.signals[0]
    start = datetime.datetime.combine(edf.startdate, edf.starttime, datetime.timezone.utc).timestamp()
    return found(start + np.arange(len(signal.data)) / signal.sampling_frequency, signal.digital)


def read_pyedflib(path):
    import datetime

    import pyedflib

    with pyedflib.EdfReader(path) as edf:
        start = edf.getStartdatetime().replace(tzinfo=datetime.timezone.utc).timestamp()
        data = edf.readSignal(0)
        return found(start + np.arange(len(data)) / edf.getSampleFrequency(0), data)


try:
    answer = globals()[f"read_{sys.argv[1]}"](sys.argv[2])
except Exception as error:
    # actipy's Java reader prints its own words; what Python says of it is only the command.
    java = type(error).__name__ == "CalledProcessError"
    answer = {"error": "its Java reader ends with an error" if java else f"{type(error).__name__}: {error}".splitlines()[0]}
print("\n" + json.dumps(answer))
