#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Balances a night log against the ledger of the virtual USB bus that it was recorded from.

check_ledger.py LEDGER NIGHTLOG [--strict] [--min-faults N] [--killed SECONDS] [--json FILE]

Every sample that the host got whole and in order must be in the log, with its value, or inside a declared gap; none twice,
none out of order, none that was never sent, and no gap that the log does not declare. Exit 0 if that holds, else 1.
--strict: samples that arrived whole and lie in a declared gap are failures as well. --killed: the recorder was killed, and what
arrived in its last seconds may be lost. --nothing: no sensor could be read, and the log must hold no sample.
"""
import argparse, collections, json, os, sys
import numpy as np

INTACT, LATE, SPLIT = 1, 2, 4  # how a sample was sent; a bit each
OVERRUN, MISSING, ANEW, UNKNOWN = 1, 2, 4, 8  # flags of a data sector


def mixed(value):
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ value >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ value >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return value ^ value >> np.uint64(31)


def samples(seed, leg, boot, index, gain):
    """What sample_at of legwire.c gives."""
    index = np.asarray(index, np.uint64)
    base = np.uint64(seed ^ leg << 56 ^ boot << 32)
    noise, kick = mixed(base ^ index), mixed(~base ^ index // np.uint64(2500))
    kicking = (index % np.uint64(2500) < 180) & (kick % np.uint64(10) < 7)
    phase = (index % np.uint64(20)).astype(np.int64)
    triangle = np.where(phase < 10, phase, 20 - phase)
    axes = []
    for axis, gravity in enumerate((-350 if leg == 1 else 350, -700, 1890)):
        size = 10 + (kick >> np.uint64(16 + 8 * axis) & np.uint64(63)).astype(np.int64)
        value = gravity + (noise >> np.uint64(8 * axis) & np.uint64(31)).astype(np.int64) - 16
        axes.append((value + np.where(kicking, (triangle - 5) * size, 0)) * gain)
    return np.stack(axes, 1).astype(np.int16)


def read_sectors(path):
    """The good sectors of a night log, by the reader beside the format's documentation, without its printing."""
    reader = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "read_nightlog.py")
    source = open(reader).read().split("\nfor stream in", 1)[0]
    argv, sys.argv = sys.argv, [reader, path]
    names = {}
    try:
        exec(compile(source, reader, "exec"), names)
    finally:
        sys.argv = argv
    header = names["raw"][:512]
    serials = [header[96 + 100 * i + 60 : 96 + 100 * i + 84].rstrip(b"\0").decode() for i in range(header[5])]
    return names["sectors"], serials


class Boot:
    """One start of one sensor: what it sent, under which settings."""

    def __init__(self, device, number):
        self.device, self.number, self.settings, self.sent = device, number, [], []
        self.state = self.logged = None

    def grow(self):
        size = max([first + count for first, count, _, _ in self.sent], default=0)
        self.state, self.logged = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
        for first, count, way, _ in self.sent:
            self.state[first : first + count] |= way

    def setting(self, index):
        """The setting in force at a sample, and where another one begins."""
        here = max((s for s in self.settings if s["index"] <= index), key=lambda s: s["index"], default=self.settings[0])
        later = [s["index"] for s in self.settings if s["index"] > here["index"] and any(s[x] != here[x] for x in ("rate_mhz", "range_mg"))]
        return here, min(later, default=1 << 62)

    def index_of(self, time_us):
        """The sample with this device time, which a setting's first sample fixes to a microsecond."""
        here = max((s for s in self.settings if s["time_us"] <= time_us + 2), key=lambda s: s["time_us"], default=self.settings[0])
        return here["index"] + round((time_us - here["time_us"]) / here["period_us"])


def matches(device, boot, sector, index):
    """Whether the sector's first samples have the values of that boot from that index on."""
    count = int(sector["count"])
    if index < 0 or not boot.settings:
        return False
    here, _ = boot.setting(index)
    some = min(count, 8)
    expected = samples(device["seed"], device["leg"], boot.number, np.arange(index, index + some), here["gain"])
    return (sector["counts"][: some * 3].reshape(-1, 3) == expected).all(1).sum() >= max(1, some - 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ledger"), parser.add_argument("nightlog")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--min-faults", type=int, default=0)
    parser.add_argument("--killed", type=float, default=0)
    parser.add_argument("--nothing", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()

    devices, boots, faults, hosts, marks, head = {}, {}, [], [], collections.Counter(), {}
    ended = False
    for line in open(options.ledger):
        x = json.loads(line)
        kind = x["kind"]
        if kind == "ledger": head = x
        elif kind == "device": devices[x["device"]] = x
        elif kind == "boot": boots[x["device"], x["boot"]] = Boot(x["device"], x["boot"])
        elif kind == "setting":  # the last one before a sample is made holds for it
            settings = boots[x["device"], x["boot"]].settings
            settings[:] = [s for s in settings if s["index"] < x["index"]] + [x]
        elif kind == "sent":
            way = {"intact": INTACT, "late": LATE, "split": SPLIT}[x["way"]]
            boots[x["device"], x["boot"]].sent.append((x["first"], x["count"], way, x["t"]))
        elif kind == "mark": marks[x["device"], x["way"]] += 1
        elif kind in ("fault", "fault-end"): faults.append(x)
        elif kind == "host": hosts.append(x)
        elif kind == "end": ended = True
    for boot in boots.values(): boot.grow()

    sectors, serials = read_sectors(options.nightlog)
    by_serial = {x["serial"]: x for x in devices.values()}
    failures, sheet = collections.Counter(), collections.Counter()
    examples = []

    def fail(what, count=1, example=None):
        failures[what] += int(count)
        if count and example and len(examples) < 12: examples.append(f"{what}: {example}")

    for stream, serial in enumerate(serials):
        device = by_serial.get(serial)
        mine = sectors[(sectors["kind"] == 1) & (sectors["stream"] == stream)]
        if device is None:
            if len(mine): fail("samples of an unknown sensor", mine["count"].sum(), serial)
            continue
        name = device["device"]
        own = [b for (d, _), b in boots.items() if d == name]
        position = {b.number: i for i, b in enumerate(own)}
        before = None  # (boot, next device index, next stream index, sector)
        highest = {}
        for sector in mine:
            count, first = int(sector["count"]), int(sector["first"])
            candidates = [b for b in own if b.number == int(sector["device"]) & 0xFFFF] or own
            if len(candidates) > 1 and before: candidates = sorted(candidates, key=lambda b: b is not before[0])
            found = None
            for boot in candidates:
                if not boot.settings: continue
                index = boot.index_of(int(sector["device_time"])) - int(sector["offset"])
                for near in (index, index - 1, index + 1):
                    if matches(device, boot, sector, near):
                        found = (boot, near)
                        break
                if found: break
            if not found:
                fail("samples of no known value", count, f"stream {stream} index {first}, sensor run {int(sector['device'])}")
                before = None
                continue
            boot, index = found
            flags = int(sector["flags"])
            setting, until = boot.setting(index)
            if index + count > until: fail("sectors across a change of setting", 1, f"stream {stream} index {first}")
            values = samples(device["seed"], device["leg"], boot.number, np.arange(index, index + count), setting["gain"])
            fail("wrong values", (sector["counts"][: count * 3].reshape(-1, 3) != values).any(1).sum())
            if (abs(float(sector["rate"]) * 1000 - setting["rate_mhz"]) > 1 or np.float32(sector["scale"]) != np.float32(1 / (2048 * setting["gain"]))
                    or abs(float(sector["range"]) * 1000 - setting["range_mg"]) > 1):
                fail("samples with a wrong rate, scale or range", count, f"stream {stream} index {first}: {sector['rate']} Hz, {sector['range']} g, "
                     f"sent {setting['rate_mhz'] / 1000} Hz, {setting['range_mg'] / 1000} g")
            end = min(index + count, len(boot.logged))
            fail("samples never sent", index + count - end + (boot.state[index:end] == 0).sum(), f"stream {stream} index {first}")
            fail("duplicates", (boot.logged[index:end] > 0).sum(), f"stream {stream} index {first}")
            boot.logged[index:end] += 1
            if index < highest.get(boot.number, 0): fail("reorderings", count, f"stream {stream} index {first}")
            highest[boot.number] = max(highest.get(boot.number, 0), index + count)
            sheet["logged"] += count
            if before and before[0] is boot:
                jump, told = index - before[1], first - before[2]
                declared = flags & 7 or told or any(sector[x] != before[3][x] for x in ("host", "device", "rate", "scale", "range", "leg"))
                if jump > 0 and not declared: fail("undeclared losses", jump, f"stream {stream} index {first}: {jump} samples")
                elif jump > 0:
                    sheet["gaps"] += 1
                    restart = flags & ANEW or flags & UNKNOWN or any(sector[x] != before[3][x] for x in ("host", "device"))
                    if told != jump and not restart:
                        fail("gaps of a wrong length", 1, f"stream {stream} index {first}: {told} declared, {jump} missing")
                elif declared: sheet["gaps without a loss"] += 1
            elif before:
                if position[boot.number] < position[before[0].number]: fail("reorderings", count, f"stream {stream} index {first}: an earlier boot")
                sheet["gaps"] += 1
            before = (boot, index + count, first + count, sector)
    first_logged = {}
    for boot in boots.values():
        if boot.device == "stranger":
            fail("samples of the stranger were read", (boot.state > 0).sum())
            continue
        intact, other = boot.state & INTACT > 0, (boot.state > 0) & (boot.state & INTACT == 0)
        sheet["sent"] += intact.sum()
        sheet["sent late or cut by the host"] += other.sum()
        sheet["intact logged"] += (intact & (boot.logged > 0)).sum()
        sheet["other logged"] += (other & (boot.logged > 0)).sum()
        absent = intact & (boot.logged == 0)
        sheet["arrived whole, in a declared gap"] += absent.sum()
        if absent.any():
            at = np.flatnonzero(absent)
            examples.append(f"not in the log: {boot.device} boot {boot.number}, {len(at)} samples, first {at[0]}, last {at[-1]} of {len(absent)}")
    # A loss at the end of the log has no gap after it: a boot of which nothing was logged, or the tail of the last one.
    lasts = {name: [b for (d, _), b in boots.items() if d == name and (b.logged > 0).any()] for name in devices}
    for name, logged in lasts.items():
        if name == "stranger": continue
        of_device = [b for (d, _), b in boots.items() if d == name]
        tail = of_device[of_device.index(logged[-1]) + 1 :] if logged else of_device
        lost = sum(int((b.state & INTACT > 0).sum()) for b in tail)
        if logged:
            end = np.flatnonzero(logged[-1].logged)[-1] + 1
            lost += int((logged[-1].state[end:] & INTACT > 0).sum())
        rate = max([s["rate_mhz"] / 1000 for b in of_device for s in b.settings], default=100)
        if lost <= options.killed * rate:
            sheet["lost to the kill"] += lost
            sheet["arrived whole, in a declared gap"] -= lost
        elif lost:
            fail("arrived whole after the last logged sample", lost, name)
            sheet["arrived whole, in a declared gap"] -= lost
    if options.strict: fail("arrived whole but not logged", sheet["arrived whole, in a declared gap"])

    kinds, latest = {}, {}
    for boot in boots.values():
        for first, count, way, t in boot.sent:
            if way == INTACT and boot.logged[first : first + count].any(): latest[boot.device] = max(latest.get(boot.device, 0), t[1])
    for fault in faults:
        if fault["kind"] != "fault": continue
        entry = kinds.setdefault(fault["fault"], [0, 0])
        entry[0] += 1
        entry[1] += latest.get(fault["device"], -1) > fault["t"]
    injected, survived = (sum(x[i] for x in kinds.values()) for i in (0, 1))
    if injected != survived and not options.killed and not options.nothing: fail("faults after which nothing was logged", injected - survived)
    if options.nothing: fail("samples where none could be", sheet["logged"])
    if injected < options.min_faults: fail("fewer faults than asked for", options.min_faults - injected)
    if not ended: fail("the ledger has no end")
    pressed = sum(n for (_, way), n in marks.items() if way == "intact")
    marked = int(((sectors["kind"] == 3) & (sectors["counts"].view("<i4")[:, 0] == 1)).sum()) if len(sectors) else 0
    if marked < pressed and not options.killed: fail("marks not logged", pressed - marked)
    if marked > sum(marks.values()): fail("marks never made", marked - sum(marks.values()))

    # From the plug that made the sensor usable to its start.
    waits = {}
    reconnects, away = [], {}
    for x in hosts:
        if x["did"] == "unplugged": away[x["device"]] = True
        elif x["did"] == "plugged": waits[x["device"]] = x["real"] if x["result"] == 0 and away.get(x["device"]) else None
        elif x["did"] == "claim" and x["result"]: waits[x["device"]] = None
        elif x["did"] == "start" and waits.get(x["device"]):
            reconnects.append(x["real"] - waits[x["device"]])
            waits[x["device"]] = None
    print(f"faults injected and survived (time scale {head.get('time_scale', 1):g}):")
    for kind in sorted(kinds): print(f"  {kind:<12} {kinds[kind][0]:5d} {kinds[kind][1]:5d}")
    print(f"  {'all':<12} {injected:5d} {survived:5d}")
    print("balance:")
    balanced = sheet["sent"] == sheet["intact logged"] + sheet["arrived whole, in a declared gap"] + failures["arrived whole after the last logged sample"]
    balanced = balanced or sheet["sent"] == sheet["intact logged"] + sheet["arrived whole, in a declared gap"] + sheet["lost to the kill"]
    print(f"  sent whole and in order   {sheet['sent']:9d}")
    print(f"  = logged                  {sheet['intact logged']:9d}")
    print(f"  + in declared gaps        {sheet['arrived whole, in a declared gap']:9d}")
    if options.killed: print(f"  + lost to the kill        {sheet['lost to the kill']:9d}")
    print(f"  sent late or cut by the host's own closing {sheet['sent late or cut by the host']}, of these logged {sheet['other logged']}")
    print(f"  gaps declared {sheet['gaps']}, beside them without a loss {sheet['gaps without a loss']}; marks {pressed}, logged {marked}")
    for what in ("duplicates", "reorderings", "wrong values", "undeclared losses"): print(f"  {what:<25} {failures[what]:9d}")
    if reconnects:
        print(f"  from replug to start: {len(reconnects)} times, median {np.median(reconnects) * 1e3:.0f} ms, longest {max(reconnects) * 1e3:.0f} ms")
    if not balanced: fail("the sheet does not balance")
    failures = {k: v for k, v in failures.items() if v}
    for example in examples: print(f"  {example}", file=sys.stderr)
    print("BALANCED" if not failures else "NOT BALANCED: " + "; ".join(f"{k} {v}" for k, v in failures.items()))
    if options.json:
        json.dump({"faults": {k: {"injected": v[0], "survived": v[1]} for k, v in kinds.items()}, "sheet": {k: int(v) for k, v in sheet.items()},
                   "failures": failures, "reconnect_ms": [round(x * 1e3, 1) for x in reconnects]}, open(options.json, "w"), indent=1)
    sys.exit(1 if failures else 0)


if __name__ == "__main__": main()
