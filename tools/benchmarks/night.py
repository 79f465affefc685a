# SPDX-License-Identifier: GPL-3.0-or-later
"""What the movements of two legs are called, and the rules of the WASM of 2016, as in MovementLabels.swift and Rules/."""
import math

import numpy as np

from definition import RATE, SHORTEST, angle

SMALLEST_WIDE, SMALLEST_SLOW = 32.0, 16.0
POSTURE, POSTURE_BESIDE, POSTURE_OTHER, POSTURE_NEAR = 6.0, 2.0, 15.0, 3.0
RHYTHM_SHORTEST, RHYTHM_PERIOD, RHYTHM_CYCLES, RHYTHM_BESIDE, RHYTHM_REST = 4.0, 3.4, 4.0, 0.3, 0.16
TRAIN_BURST, TRAIN_EVEN, TRAIN_SHORTEST = 1.5, 1.5, 4.0
GAIT_ENVELOPE, GAIT_SWING, GAIT_PERIOD, RISING, RISING_REACH = 150.0, 170.0, 3.0, 30.0, 90.0
UPRIGHT, OUTING, OUTING_LEAD, OUTING_WALK = 30.0, 300.0, 20.0, 8.0
PAIR, COMMON, COMMON_LAG, COMMON_SLOW, COMMON_RATIO, ECHO, ECHO_RATIO = 0.2, 0.9, 0.5, 20.0, 2.5, 0.8, 0.1
TENTHS = 10


def label(legs):
    """Names the movements of one leg or two, in place."""
    sides = [leg.movements for leg in legs]
    pair(sides)
    for own in sides:
        for movement in own:
            movement["turn"] = not movement["closed"] and movement["lasting_angle"] >= POSTURE
    for side, own in enumerate(sides):
        for number, movement in enumerate(own):
            movement["turns"] = turns_with_others(own, number, movement)
    for side, own in enumerate(sides):
        sides[side] = legs[side].movements = joined_trains(own)
    pair(sides)
    find_gait(legs, sides)
    for own in sides:
        walks = [movement for movement in own if movement["gait"]]
        for movement in own:
            movement["kind"] = kind(movement, own, walks, legs)


def pair(sides):
    """For each movement those of the other leg at the same time."""
    for side, own in enumerate(sides):
        others, first = sides[1 - side] if len(sides) == 2 else [], 0
        for movement in own:
            while first < len(others) and others[first]["offset"] + PAIR <= movement["onset"]:
                first += 1
            last = first
            while last < len(others) and others[last]["onset"] < movement["offset"] + PAIR:
                last += 1
            movement["partners"] = others[first:last]


def turns_with_others(own, number, movement):
    if movement["turn"]:
        return True
    if movement["lasting_angle"] < POSTURE_BESIDE:
        return False
    if any(other["turn"] and other["lasting_angle"] >= POSTURE_OTHER for other in movement["partners"]):
        return True
    return not movement["closed"] and any(
        near["turn"] and max(near["onset"] - movement["offset"], movement["onset"] - near["offset"]) < POSTURE_NEAR
        for near in own[max(number - 1, 0) : number] + own[number + 1 : number + 2])


def joined_trains(own):
    """Brief movements that follow each other evenly become the first of them."""
    brief = [
        m for m in own
        if m["closed"] and not m["turns"] and m["bursts"] == 1 and not m["is_rhythmic"] and m["duration"] > 0
        and m["amplitude"] >= SMALLEST_WIDE and (m["duration"] <= TRAIN_BURST or m["resting"] <= RHYTHM_REST)]
    dropped, start = set(), 0
    while start < len(brief):
        end, beats = start, list(brief[start]["beats"])
        while end + 1 < len(brief) and brief[end + 1]["beats"][0] - beats[-1] <= RHYTHM_PERIOD:
            end += 1
            beats += brief[end]["beats"]
        gaps = [b - a for a, b in zip(beats, beats[1:])]
        if (
            len(beats) >= RHYTHM_CYCLES and beats[-1] - beats[0] >= TRAIN_SHORTEST and max(gaps) <= RHYTHM_PERIOD
            and max(gaps) <= TRAIN_EVEN * min(gaps)
        ):
            first = brief[start]
            first["is_train"] = True
            first["offset"] = max(m["offset"] for m in brief[start : end + 1])
            first["duration"] = first["offset"] - first["onset"]
            dropped |= {id(m) for m in brief[start + 1 : end + 1]}
        start = end + 1
    return [m for m in own if id(m) not in dropped]


def is_rising(movement):
    return movement["turn"] and movement["lasting_angle"] >= RISING


def is_strong_rhythm(movement):
    return (
        movement["has_rhythm"] and movement["envelope_peak"] >= GAIT_ENVELOPE
        and movement["slow_amplitude"] >= GAIT_SWING)


def find_gait(legs, sides):
    risings = [m["offset"] for own in sides for m in own if is_rising(m)]
    for side, own in enumerate(sides):
        for m in own:
            m["walk"] = is_strong_rhythm(m) and m["rhythm_period"] <= GAIT_PERIOD
            if m["walk"] and len(sides) == 2:
                other = legs[1 - side]
                if other.first / RATE <= m["onset"] and m["offset"] <= (other.first + other.count) / RATE:
                    m["walk"] = any(p["envelope_peak"] >= GAIT_ENVELOPE for p in m["partners"])
            m["gait"] = m["walk"] and (
                is_rising(m) or any(end <= m["onset"] and m["onset"] - end <= RISING_REACH for end in risings))
    for _ in range(2):
        for own in sides:
            for m in own:
                if not m["gait"] and is_strong_rhythm(m):
                    m["gait"] = any(is_out_of_bed(m, walk, own) for walk in own if walk["gait"])


def is_out_of_bed(movement, walk, own):
    if movement is walk or movement["gait"] or walk["duration"] < OUTING_WALK:
        return False
    if movement["onset"] >= walk["offset"]:
        return (
            movement["onset"] - walk["offset"] <= OUTING and angle(movement["before"], walk["after"]) <= UPRIGHT
            and not any(
                is_rising(m) and walk["onset"] < m["onset"] < movement["onset"] for m in own if m is not walk))
    return (
        movement["offset"] <= walk["onset"] and not movement["turn"]
        and walk["onset"] - movement["offset"] <= OUTING_LEAD
        and angle(movement["before"], walk["before"]) <= UPRIGHT
        and not any(is_rising(m) and movement["onset"] < m["onset"] < walk["onset"] for m in own))


def kind(m, own, walks, legs):
    if m["duration"] < SHORTEST and not m["is_train"]:
        return "short"
    if m["gait"] or any(is_out_of_bed(m, walk, own) for walk in walks):
        return "gait"
    if m["turns"]:
        return "posture"
    beside = (
        m["duration"] >= RHYTHM_SHORTEST and m["rhythm_height"] >= RHYTHM_BESIDE
        and any(p["is_rhythmic"] for p in m["partners"]))
    if m["is_rhythmic"] or m["is_train"] or m["walk"] or beside:
        return "rhythmic"
    if m["amplitude"] < SMALLEST_WIDE and m["slow_amplitude"] < SMALLEST_SLOW:
        return "small"
    return "artefact" if any(is_bed_motion(m, p, legs) for p in m["partners"]) else "LM"


def is_bed_motion(movement, other, legs):
    reach = round(COMMON_LAG * TENTHS)
    alike = max(correlation(movement, other, legs, lag) for lag in range(-reach, reach + 1))
    ratio = movement["envelope_peak"] / max(other["envelope_peak"], 1e-30)
    if (
        alike >= COMMON and max(movement["slow_amplitude"], other["slow_amplitude"]) < COMMON_SLOW
        and 1 / COMMON_RATIO < ratio < COMMON_RATIO
    ):
        return True
    return alike >= ECHO and ratio < ECHO_RATIO and movement["slow_amplitude"] < COMMON_SLOW


def correlation(one, other, legs, lag):
    """The correlation of the two envelopes at whole tenths of a second, 0.3 s beyond both and at most 1 s beyond each, with the
    other one read `lag` tenths later."""
    shift = lag / TENTHS
    start = math.ceil((min(one["onset"], other["onset"] - shift) - 0.3) * TENTHS)
    end = math.floor((max(one["offset"], other["offset"] - shift) + 0.3) * TENTHS) + 1
    by_name = {leg.name: leg for leg in legs}
    for movement, later in ((one, 0), (other, lag)):
        leg = by_name[movement["leg"]]
        onset, offset = (instant / RATE for instant in movement["trace"])
        start = max(start, math.ceil((onset - 1) * TENTHS) - later, math.ceil(leg.first / RATE * TENTHS) - later)
        last = min(math.floor((offset + 1) * TENTHS), math.floor((leg.first + leg.count - 1) / RATE * TENTHS))
        end = min(end, last + 1 - later)
    if end - start < 3:
        return 0.0
    hop = RATE // TENTHS

    def values(movement, later):
        leg = by_name[movement["leg"]]
        return leg.envelope[(start + later) * hop - leg.first :: hop][: end - start].astype(np.float64)

    first, second = values(one, 0), values(other, lag)
    first, second = first - first.mean(), second - second.mean()
    return float(first @ second / np.sqrt(max(1e-9, (first @ first) * (second @ second))))


# --- the rules, in whole milliseconds from the start of the night


def milliseconds(time, start):
    return math.floor((time - start) * 1000 + 0.5)


def single_leg(movements):
    """(onset, offset, exclusion) of one leg, joined across rests below 0.5 s, those below 0.5 s left out."""
    joined = []
    for onset, offset, exclusion in sorted(movements, key=lambda m: m[:2]):
        if joined and onset < joined[-1][1] + 500:
            last = joined[-1]
            joined[-1] = (last[0], max(last[1], offset), last[2] or exclusion)
        else:
            joined.append((onset, offset, exclusion))
    return [m for m in joined if m[1] - m[0] >= 500]


def scored(legs, starts):
    """Series, counts and the index per hour of the whole recording."""
    start = min(starts)
    end = max((leg.first + leg.count) / RATE for leg in legs)
    parts = []
    for leg in legs:
        kept = [m for m in leg.movements if m["kind"] in ("LM", "posture", "gait", "rhythmic")]
        spans = []
        for m in kept:
            onset = milliseconds(m["onset"], start)
            spans.append((onset, max(onset, milliseconds(m["offset"], start)), "" if m["kind"] == "LM" else m["kind"]))
        parts += [(onset, offset, leg.name, exclusion) for onset, offset, exclusion in single_leg(spans)]
    groups = []
    for part in sorted(parts):
        if groups and part[0] < groups[-1][1] + 500:
            groups[-1][1] = max(groups[-1][1], part[1])
            groups[-1][2].append(part)
        else:
            groups.append([part[0], part[1], [part]])
    series, open_series, from_onset, last_onset, candidates = [], [], None, None, []
    for onset, offset, members in groups:
        bilateral = len({part[2] for part in members}) == 2
        if (
            any(part[3] for part in members) or any(part[1] - part[0] > 10_000 for part in members)
            or bilateral and (len(members) > 4 or offset - onset > 15_000)
        ):
            series.append(open_series)
            open_series, from_onset, last_onset = [], None, onset
            continue
        candidates.append(onset)
        interval = None if from_onset is None else onset - from_onset
        if interval is not None and 10_000 <= interval <= 90_000:
            open_series.append(onset)
        else:
            series.append(open_series)
            free = last_onset is None or onset - last_onset >= 10_000
            open_series = [onset] if free and (interval is None or interval > 90_000) else []
        from_onset = last_onset = onset
    series = [s for s in (*series, open_series) if len(s) >= 4]
    rest = (0, milliseconds(end, start))
    periodic = sum(rest[0] <= onset < rest[1] for s in series for onset in s)
    return dict(
        start=start, n_lm=len(groups), n_clm=len(candidates), n_plm=sum(map(len, series)), n_series=len(series),
        plm_index=periodic * 3_600_000 / (rest[1] - rest[0]))
