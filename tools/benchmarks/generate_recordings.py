#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a night of a GENEActiv (60 Hz) or of an ActiGraph (100 Hz). usage: generate_recordings.py bin|gt3x FILE HOURS SEED

The samples are a still sleeper's: gravity, noise of a few counts, a movement now and then. 200 pages or 600 seconds are drawn
and repeated, with their times and numbers, so that a week is made in a minute.
"""
import datetime
import io
import sys
import zipfile

import numpy as np

kind, path, hours, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
random = np.random.default_rng(seed)
START = datetime.datetime(2026, 3, 1, 22, 0, 0)


def counts(samples, one_g, limit):
    """Three columns of counts."""
    still = np.array([0.1, -0.2, 0.97]) * one_g + random.normal(0, 0.012 * one_g, (samples, 3))
    bursts = random.random(samples // 50 + 1) < 0.02
    still += random.normal(0, 0.5 * one_g, (samples, 3)) * np.repeat(bursts, 50)[:samples, None]
    return np.clip(still.round(), -limit, limit - 1).astype(np.int16)


def geneactiv():
    raw = counts(200 * 300, 256, 2048).astype(int).reshape(200, 300, 3)
    pages = ["".join(f"{x & 0xFFF:03X}{y & 0xFFF:03X}{z & 0xFFF:03X}0A0" for x, y, z in page) for page in raw.tolist()]
    total = int(hours * 3600 * 60 / 300)
    header = [
        "Device Identity", "Device Unique Serial Code:012345", "Device Type:GENEActiv", "Device Model:1.1",
        "Device Firmware Version:Ver4.08a date14Jul14", "Calibration Date:2019-04-18 12:47:10:000", "",
        "Device Capabilities", "Accelerometer Range:-8 to 8", "Accelerometer Resolution:0.0039",
        "Accelerometer Units:g", "Light Meter Range:0 to 5000", "Light Meter Resolution:5", "Light Meter Units:lux",
        "Temperature Sensor Range:0 to 70", "Temperature Sensor Resolution:0.1", "Temperature Sensor Units:deg. C", "",
        "Configuration Info", "Measurement Frequency:60 Hz", f"Measurement Period:{int(hours)} Hours",
        "Start Time:2026-03-01 22:00:00:000", "Time Zone:GMT +00:00", "", "Trial Info", "Study Centre:", "Study Code:",
        "Investigator ID:", "Exercise Type:", "Config Operator ID:", "Config Time:2026-03-01 20:00:00:000",
        "Config Notes:", "Extract Operator ID:", "Extract Time:2026-03-09 10:00:00:000", "Extract Notes:", "",
        "Subject Info", "Device Location Code:left ankle", "Subject Code:", "Date of Birth:1980-1-1", "Sex:", "Height:",
        "Weight:", "Handedness Code:", "Subject Notes:", "", "Calibration Data", "x gain:25283", "x offset:-395",
        "y gain:25370", "y offset:368", "z gain:24988", "z offset:-295", "Volts:44", "Lux:886", "", "Memory Status",
        f"Number of Pages:{total}", "",
    ]
    with open(path, "w", newline="") as file:
        file.write("\r\n".join(header) + "\r\n")
        for page in range(total):
            time = START + datetime.timedelta(seconds=5 * page)
            file.write(
                f"Recorded Data\r\nDevice Unique Serial Code:012345\r\nSequence Number:{page}\r\n"
                f"Page Time:{time:%Y-%m-%d %H:%M:%S}:000\r\nUnassigned:\r\nTemperature:31.5\r\nBattery voltage:4.0149\r\n"
                f"Device Status:Recording\r\nMeasurement Frequency:60.0\r\n{pages[page % 200]}\r\n")


def gt3x():
    seconds = int(hours * 3600)
    payloads = counts(600 * 100, 256, 2048).astype("<i2").reshape(600, 300).view(np.uint8)
    start = int(START.replace(tzinfo=datetime.timezone.utc).timestamp())
    ticks = 621355968000000000 + start * 10**7
    info = (
        "Serial Number: TAS1H00000001\r\nDevice Type: Link\r\nFirmware: 1.7.2\r\nBattery Voltage: 4.18\r\nSample Rate: 100\r\n"
        f"Start Date: {ticks}\r\nStop Date: {ticks + seconds * 10**7}\r\nLast Sample Time: {ticks + seconds * 10**7}\r\n"
        f"TimeZone: 00:00:00\r\nDownload Date: {ticks + seconds * 10**7}\r\nBoard Revision: 8\r\nUnexpected Resets: 0\r\n"
        "Acceleration Scale: 256.0\r\nAcceleration Min: -8.0\r\nAcceleration Max: 8.0\r\nLimb: Ankle\r\nSide: Left\r\n"
        "Subject Name: made\r\n")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("info.txt", info)
        with archive.open("log.bin", "w", force_zip64=True) as log:
            for first in range(0, seconds, 600):
                number = min(600, seconds - first)
                record = np.empty((number, 609), np.uint8)
                record[:, 0], record[:, 1] = 0x1E, 26
                record[:, 2:6] = (start + first + np.arange(number)).astype("<u4").view(np.uint8).reshape(-1, 4)
                record[:, 6:8] = np.array([600], "<u2").view(np.uint8)
                record[:, 8:608] = payloads[:number]
                record[:, 608] = ~np.bitwise_xor.reduce(record[:, :608], axis=1)
                log.write(record.tobytes())


{"bin": geneactiv, "gt3x": gt3x}[kind]()
