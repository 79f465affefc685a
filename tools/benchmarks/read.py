#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times a reader of CWA files alone. usage: read.py actipy|skdh REPEATS FILE…; prints the seconds of each run as JSON."""
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")
reader, repeats, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if reader == "actipy":
    import actipy

    def read(path):
        actipy.read_device(
            path, lowpass_hz=None, calibrate_gravity=False, detect_nonwear=False, resample_hz=None, verbose=False)
else:
    import skdh

    def read(path):
        skdh.io.ReadCwa().predict(file=path)

seconds = []
for _ in range(repeats):
    start = time.perf_counter()
    for path in paths:
        read(path)
    seconds.append(time.perf_counter() - start)
print(json.dumps(seconds))
