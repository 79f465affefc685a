#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a made night of two legs as Axivity AX3 files (100 Hz, 10-bit packed): OUT/left.cwa and OUT/right.cwa.

usage: generate.py OUT SEED [HOURS] [REPEATS]

The legs' clocks run 0.21 % fast and 0.16 % slow. A night holds series of flexions, jerks, changes of posture, foot trains, shakes
of the bed and one walk, so that each kind of movement is compared. REPEATS > 1 plays the same night again and again in one
recording: 21 nights of 8 h are a week. The same seed gives the same bytes.
"""
import os
import struct
import sys

import numpy as np

RATE = 100
IN_SECTOR = 120
DRIFT = {"left": 1.0021, "right": 0.9984}
START = np.datetime64("2026-01-01T22:00:00")


def night_plan(rng, seconds):
    """What happens: (time, leg or 'both', kind, length in s, size in g)."""
    plan, at, walked = [], 120.0, False
    while at < seconds - 120:
        chance = rng.random()
        if chance < 0.30:
            period = rng.uniform(15, 40)
            for _ in range(rng.integers(2, 25)):
                leg = ("left", "right", "both")[rng.choice(3, p=(0.4, 0.3, 0.3))]
                plan.append((at, leg, "flexion", rng.uniform(0.8, 4.5), rng.uniform(0.04, 0.4)))
                at += max(5, rng.normal(period, 3))
                if at > seconds - 120:
                    break
        elif chance < 0.60:
            plan.append((at, ("left", "right")[rng.integers(2)], "jerk", 10 ** rng.uniform(-1, 1.1), 10 ** rng.uniform(-2, 0)))
        elif chance < 0.75:
            plan.append((at, ("left", "right", "both")[rng.integers(3)], "turn", rng.uniform(1, 4), rng.uniform(0.1, 0.6)))
        elif chance < 0.85:
            plan.append((at, ("left", "right")[rng.integers(2)], "train", rng.uniform(6, 25), rng.uniform(0.05, 0.3)))
        elif chance < 0.95 or walked or seconds < 3600:
            plan.append((at, "both", "shake", rng.uniform(0.6, 2), rng.uniform(0.02, 0.06)))
        else:
            walked = True
            plan.append((at, "both", "rise", 3.0, 0.5))
            plan.append((at + 5, "both", "walk", 40.0, 0.5))
            plan.append((at + 50, "both", "lie", 3.0, 0.5))
            at += 60
        at += 5 + rng.exponential(60)
    return plan


def signal(rng, plan, leg, seconds, beats):
    """The acceleration of a leg in g, three rows. `beats` is the generator that both legs share for a shake of the bed."""
    rate = RATE * DRIFT[leg]
    count = int(seconds * rate) // IN_SECTOR * IN_SECTOR
    lying = rng.normal(size=3) * (1, 1, 0.3)
    lying /= np.linalg.norm(lying)
    posture = np.repeat(lying[:, None], count, axis=1)
    upright = np.array((0.05, 0.1, 0.99))
    added = rng.normal(0, 0.004, (3, count))
    for time, who, kind, length, size in plan:
        if who not in (leg, "both"):
            continue
        first, more = int(time * rate), max(8, int(length * rate))
        if first + more >= count:
            continue
        t = np.arange(more) / RATE
        across = np.cross(posture[:, first], rng.normal(size=3))
        across /= np.linalg.norm(across)
        if kind in ("turn", "rise", "lie"):
            target = upright if kind == "rise" else posture[:, first] + rng.normal(size=3) * rng.uniform(0.05, 1)
            target = target / np.linalg.norm(target)
            way = 0.5 - 0.5 * np.cos(np.pi * np.arange(more) / more)
            start = posture[:, first].copy()
            posture[:, first : first + more] = start[:, None] * (1 - way) + target[:, None] * way
            posture[:, first + more :] = target[:, None]
            added[:, first : first + more] += size * 0.2 * np.sin(np.pi * t / t[-1]) * rng.normal(size=(3, more))
        elif kind == "flexion":
            edge = min(more // 3, int(0.4 * RATE))
            shape = np.ones(more)
            shape[:edge] = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
            shape[more - edge :] = shape[:edge][::-1]
            wave = shape * (1 + 0.2 * np.sin(2 * np.pi * rng.uniform(2, 7) * t))
            added[:, first : first + more] += size * across[:, None] * wave
        elif kind == "jerk":
            wave = np.sqrt(np.maximum(0, np.sin(np.pi * t / t[-1]))) * (np.sin(2 * np.pi * rng.uniform(2, 7) * t) + 0.4 * rng.normal(size=more))
            added[:, first : first + more] += size * across[:, None] * wave
        elif kind == "train":
            wave = np.maximum(0, np.sin(2 * np.pi * rng.uniform(0.5, 2) * t)) ** 4
            added[:, first : first + more] += size * across[:, None] * wave
        elif kind == "walk":
            phase = 2 * np.pi * 0.9 * t + (np.pi if leg == "right" else 0)
            added[0, first : first + more] += size * np.sin(phase)
            added[2, first : first + more] += size * 0.6 * np.sin(2 * phase) + 0.3 * size * np.maximum(0, np.sin(phase)) ** 8
        else:
            wave = np.sin(np.pi * t / t[-1]) * np.sin(2 * np.pi * 4 * t + beats.get(time, 0))
            added[:, first : first + more] += size * wave
    return (posture + added).astype(np.float32)


def packed(samples):
    """Three axes in steps of 1/256 g as words of 10:10:10 bits and a shared exponent."""
    steps = np.clip(np.rint(samples * 256), -2048, 2047).astype(np.int32)
    largest = np.abs(steps).max(axis=0)
    exponent = (largest > 511).astype(np.int32) + (largest > 1022) + (largest > 2044)
    x, y, z = (np.clip(steps >> exponent, -512, 511) & 1023).astype(np.uint32)
    return (exponent.astype(np.uint32) << 30 | z << 20 | y << 10 | x).astype("<u4")


def stamps(seconds):
    """Whole seconds from the start as the device's packed date and time."""
    moment = START + seconds.astype("timedelta64[s]")
    year, month, day = (moment.astype(f"datetime64[{unit}]") for unit in "YMD")
    second = (moment - day).astype(np.int64)
    fields = (
        ((year.astype(np.int64) - 30) & 63, 26), ((month - year).astype(np.int64) + 1, 22),
        ((day - month).astype(np.int64) + 1, 17), (second // 3600, 12), (second // 60 % 60, 6), (second % 60, 0))
    return sum(value << shift for value, shift in fields).astype(np.uint32)


def sectors(words, first, rate):
    """Sectors numbered from `first` on, as bytes."""
    count = len(words) // IN_SECTOR
    block = np.zeros((count, 512), np.uint8)

    def put(at, values, kind):
        values = np.ascontiguousarray(np.broadcast_to(values, count).astype(kind))
        block[:, at : at + values.itemsize] = values.view(np.uint8).reshape(count, -1)

    number = first + np.arange(count)
    stamped = IN_SECTOR // 2
    time = (number * IN_SECTOR + stamped) / rate
    second = np.floor(time)
    fraction = np.floor((time - second) * 32768).astype(np.int64)
    put(0, 0x5841, "<u2")
    put(2, 508, "<u2")
    put(4, 0x8000 | fraction, "<u2")
    put(6, 1, "<u4")
    put(10, number, "<u4")
    put(14, stamps(second.astype(np.int64)), "<u4")
    put(18, 100, "<u2")
    put(20, 250, "<u2")
    put(23, 200, "u1")
    put(24, 0x4A, "u1")
    put(25, 0x30, "u1")
    # The device moves the offset back by the fraction, for readers that know none.
    put(26, stamped - ((fraction << 1) * RATE >> 16), "<i2")
    put(28, IN_SECTOR, "<u2")
    block[:, 30:510] = words.reshape(count, IN_SECTOR).view(np.uint8)
    total = block.view("<u2").astype(np.uint32).sum(axis=1)
    put(510, -total.astype(np.int64) & 0xFFFF, "<u2")
    return block.tobytes()


def header(serial, seconds):
    start, end = stamps(np.array([0, int(seconds) + 60]))
    head = bytearray(b"\xff" * 1024)
    struct.pack_into("<2sHBHIH", head, 0, b"MD", 1020, 0x17, serial, 1, 0)
    struct.pack_into("<III", head, 13, start, end, 0)
    head[26] = head[35] = 0
    head[36] = 0x4A
    struct.pack_into("<I", head, 37, start)
    head[41] = 50
    struct.pack_into("<h", head, 42, -1)
    head[64:512] = b" " * 448
    return bytes(head)


def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    seconds = float(sys.argv[3] if len(sys.argv) > 3 else 8) * 3600
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    os.makedirs(folder, exist_ok=True)
    plan = night_plan(np.random.default_rng(seed), seconds)
    phases = np.random.default_rng(seed + 1)
    beats = {time: phases.uniform(0, 6) for time, _, kind, _, _ in plan if kind == "shake"}
    for number, leg in enumerate(DRIFT):
        words = packed(signal(np.random.default_rng([seed, number]), plan, leg, seconds, beats))
        with open(os.path.join(folder, f"{leg}.cwa.part"), "wb") as file:
            file.write(header(1000 + number, seconds * repeats))
            for repeat in range(repeats):
                file.write(sectors(words, repeat * len(words) // IN_SECTOR, RATE * DRIFT[leg]))
        os.replace(file.name, os.path.join(folder, f"{leg}.cwa"))


if __name__ == "__main__":
    main()
