"""Prints a night log (NightLog.md): read_nightlog.py FILE [--dump FLOAT32FILE]."""  # SPDX-License-Identifier: GPL-3.0-or-later
import re, sys, numpy as np
SECTOR = np.dtype([("magic", "S4"), ("version", "u1"), ("kind", "u1"), ("stream", "u1"), ("channels", "u1"), ("tag", "<u4"),
    ("host", "<u4"), ("sequence", "<u8"), ("first", "<i8"), ("device_time", "<u8"), ("boot_time", "<i8"), ("utc", "<i8"),
    ("device", "<u4"), ("offset", "<i4"), ("flags", "<u2"), ("count", "<u2"), ("rate", "<f4"), ("scale", "<f4"),
    ("rotation", "<f4"), ("leg", "S1"), ("zero", "V3"), ("range", "<f4"), ("counts", "<i2", 210), ("crc", "<u4")])
def crc32c(rows):  # of each row
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8): table = table >> 1 ^ np.where(table & 1, np.uint32(0x82F63B78), np.uint32(0))
    crc = ~np.zeros(len(rows), np.uint32)
    for byte in rows.T: crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return ~crc
raw = open(sys.argv[1], "rb").read()
starts = np.array([m.start() for m in re.finditer(b"NLGS", raw) if m.start() + 512 <= len(raw)])
blocks = np.frombuffer(raw, np.uint8)[starts[:, None] + np.arange(512)]
sectors = blocks[crc32c(blocks[:, :508]) == blocks.view(SECTOR)["crc"][:, 0]].view(SECTOR)[:, 0]
sectors = sectors[sectors["tag"] == int.from_bytes(raw[8:12], "little")]
before = np.maximum.accumulate(np.r_[-1, sectors["sequence"].astype(np.int64)])[:-1]
sectors, dumped, zone = sectors[sectors["sequence"] > before], [], int.from_bytes(raw[44:48], "little", signed=True)
for stream in np.unique(sectors["stream"][sectors["kind"] == 1]):
    s = sectors[(sectors["kind"] == 1) & (sectors["stream"] == stream)]
    run = sectors[[np.argmax(sectors["host"] == host) for host in s["host"]]]  # the first sector of the host's run
    time = (run["utc"] + s["boot_time"] - run["boot_time"]) / 1e9 + zone - s["offset"] / s["rate"]
    set_up = s[["host", "device", "rate", "scale", "rotation", "range", "leg"]]
    new = (s["first"] != np.r_[0, (s["first"] + s["count"])[:-1]]) | (s["flags"] & 7 > 0) | np.r_[False, set_up[1:] != set_up[:-1]]
    scale = np.repeat(np.stack([s["scale"], s["rotation"]], 1), 3, 1)[:, :s["channels"][0]]
    dumped += [(x["counts"][:x["count"] * len(k)].reshape(-1, len(k)) * k).astype("<f4") for x, k in zip(s, scale)]
    last = time[-1] + (s["count"][-1] - 1) / s["rate"][-1]
    print(f"stream {stream} {s['leg'][0].decode()}: {s['count'].sum()} samples, {time[0]:.6f} to {last:.6f}, {new.sum()} gaps")
if "--dump" in sys.argv: open(sys.argv[sys.argv.index("--dump") + 1], "wb").write(b"".join(d.tobytes() for d in dumped))
