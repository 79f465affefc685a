#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A night by nattro's own definition in numpy and scipy, on one thread: what nattro is compared with.

usage: peer.py LEFT RIGHT OUT.json [--reader numpy|actipy] [--filter oaconvolve|shared] [--repeat N]

Writes the movements and counts to OUT.json; prints one JSON line with seconds a stage for each run, and in all as processor time, and the peak RSS. Only
whole recordings: a damaged or missing sector ends it.
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import argparse
import json
import resource
import time

import numpy as np

import definition
import night


def read_cwa(path):
    """Samples in g, three rows; the samples whose times are known; their times."""
    sectors = np.fromfile(path, np.uint8)[1024:]
    sectors = sectors[: sectors.size // 512 * 512].reshape(-1, 512)
    words = sectors.view("<u2")
    number = np.ascontiguousarray(sectors[:, 10:14]).view("<u4").ravel()
    is_packed = sectors[0, 25] == 0x30
    count = 120 if is_packed else 80
    if (
        (words.sum(axis=1, dtype=np.uint16) != 0).any() or (np.diff(number) != 1).any() or (words[:, 14] != count).any()
        or not (is_packed or sectors[0, 25] == 0x32)
    ):
        raise SystemExit(f"{path}: damaged, cut or not of three axes; the peer reads whole recordings of three axes only")
    if is_packed:
        packed = np.ascontiguousarray(sectors[:, 30:510]).view("<u4").ravel()
        exponent = (packed >> np.uint32(30)).astype(np.int32)
        samples = np.empty((3, packed.size), np.float32)
        for axis in range(3):
            steps = (packed << np.uint32(22 - 10 * axis)).view(np.int32) >> 22 << exponent
            np.multiply(steps, np.float32(1 / 256), out=samples[axis], casting="unsafe")
    else:
        steps = np.ascontiguousarray(sectors[:, 30:510]).view("<i2").reshape(-1, 3)
        samples = np.multiply(steps.T, np.float32(1 / (1 << 8 + int(words[0, 9] >> 13))), dtype=np.float32)
    stamp = np.ascontiguousarray(sectors[:, 14:18]).view("<u4").ravel().astype(np.int64)
    months = ((stamp >> 26 & 63) + 30) * 12 + (stamp >> 22 & 15) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + (stamp >> 17 & 31) - 1
    second = days * 86400 + (stamp >> 12 & 31) * 3600 + (stamp >> 6 & 63) * 60 + (stamp & 63)
    fraction = (words[:, 2] & 0x7FFF).astype(np.int64)
    stamped = np.ascontiguousarray(sectors[:, 26:28]).view("<i2").ravel() + ((fraction << 1) * definition.RATE >> 16)
    return samples, np.arange(len(sectors)) * count + stamped, second + fraction / 32768


def read_actipy(path):
    """The same by actipy, with the times that it gives each sample."""
    import actipy

    table, _ = actipy.read_device(
        path, lowpass_hz=None, calibrate_gravity=False, detect_nonwear=False, resample_hz=None, verbose=False)
    samples = np.ascontiguousarray(table[["x", "y", "z"]].to_numpy(np.float32).T)
    index = np.arange(60, len(table), 120)
    return samples, index, table.index[index].as_unit("ns").asi8 / 1e9


def night_of(paths, read, way):
    """The night, and the seconds that each stage took."""
    seconds, last, processor = {}, time.perf_counter(), time.process_time()

    def lap(name):
        nonlocal last
        now = time.perf_counter()
        seconds[name] = seconds.get(name, 0) + now - last
        last = now

    legs, starts = [], []
    for name, path in zip("LR", paths):
        samples, index, times = read(path)
        lap("decode")
        grid, first, start = definition.resample(samples, index, times)
        del samples
        lap("resample")
        slow, wide, band = definition.filtered(grid, way)
        lap("filter")
        leg = definition.Leg(name, slow, wide, band, first)
        lap("envelope_step")
        leg.find_floors()
        lap("floors")
        leg.find_bursts()
        lap("bursts")
        leg.find_movements()
        lap("movements")
        legs.append(leg)
        starts.append(start)
    night.label(legs)
    lap("labels")
    counts = night.scored(legs, starts)
    lap("rules")
    seconds["total"] = sum(seconds.values())
    seconds["processor"] = time.process_time() - processor
    return legs, counts, seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("left")
    parser.add_argument("right")
    parser.add_argument("out")
    parser.add_argument("--reader", default="numpy", choices=("numpy", "actipy"))
    parser.add_argument("--filter", default="oaconvolve", choices=("oaconvolve", "shared"))
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    read = read_cwa if options.reader == "numpy" else read_actipy
    laps = []
    for _ in range(options.repeat):
        legs, counts, seconds = night_of((options.left, options.right), read, options.filter)
        laps.append({name: round(value, 5) for name, value in seconds.items()})
    movements = [
        {"leg": m["leg"], "onset": m["onset"], "offset": m["offset"], "kind": m["kind"]}
        for leg in legs for m in leg.movements]
    with open(options.out, "w") as file:
        json.dump({**counts, "movements": movements}, file)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "reader": options.reader, "filter": options.filter, "seconds": laps, "peak_rss_mib": round(usage.ru_maxrss / 1024, 1),
        **counts}))


if __name__ == "__main__":
    main()
