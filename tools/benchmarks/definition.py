# SPDX-License-Identifier: GPL-3.0-or-later
"""nattro's definition of a leg movement on one leg, in numpy and scipy: the same steps in the same order as the Swift code.

Units: mg, seconds since the Unix epoch, degrees. Signals are three rows of single precision on the grid k / RATE; `first` is the
grid instant of their first column. The parameters are those of DetectionParameters.swift, in its order.
"""
import numpy as np
from scipy import fft, ndimage, signal

RATE = 100
REACH = 50  # half of each filter
SLOW, WIDE, LOW = 2.0, 10.0, 0.5
ENVELOPE_REACH, STEP_REACH = 10, 50
HOP, RENEWAL, LOOK_BACK, FRACTION, SHORTEST_LOOK_BACK, SUSPEND = 10, 100, 600, 0.2, 100, 20.0
ENVELOPE_ON, ENVELOPE_OFF, STEP_ON, STEP_OFF, ON_FLOORS, OFF_FLOORS = 6.0, 3.0, 8.0, 4.0, 5.0, 2.5
JOIN, LONGEST_BURST = 20, 12000
LEVEL, HOLD, CHAIN = 100, 1500, 4500
RETURN, RETURN_SHARE, FARTHEST, HOLD_SHARE, HOLD_RETURN, REST = 4.0, 0.35, 75.0, 0.4, 3.0, 50
EDGE_SHARE, EDGE_REACH, EDGE_GUESS, EDGE_LOWEST, EDGE_FLOORS, TRIM, SHORTEST = 0.25, 40, 0.05, 2.5, 4.0, 3, 0.5
RHYTHM_SHORTEST, RHYTHM_PERIOD, RHYTHM_HEIGHT, RHYTHM_CYCLES, RHYTHM_REST = 4.0, 3.4, 0.45, 4.0, 0.16
BEAT_JOIN, RHYTHM_HOP = 20, 4
KNOT_SPACING, RATE_SPAN = 10.0, 5.0


def knots(index, time):
    """The clock readings that are used: at least 10 s of samples apart, and the last one where 5 s lie before it."""
    kept, apart = [0], KNOT_SPACING * RATE
    for number in range(1, len(index)):
        if index[number] - index[kept[-1]] >= apart:
            kept.append(number)
    last = len(index) - 1
    if (time[last] - time[kept[-1]]) >= RATE_SPAN:
        kept.append(last)
    return index[kept].astype(np.float64), time[kept]


def resample(samples, index, time):
    """Samples on the grid, the first instant, and the true time of the first sample."""
    at, when = knots(index, time)
    count = samples.shape[1]
    early, late = (when[1] - when[0]) / (at[1] - at[0]), (when[-1] - when[-2]) / (at[-1] - at[-2])
    start = when[0] - at[0] * early
    end = when[-1] + (count - 1 - at[-1]) * late
    at, when = np.r_[0, at, count - 1], np.r_[start, when, end]
    first, last = int(np.ceil(start * RATE - 1e-5)), int(np.floor(end * RATE + 1e-5))
    # Counted from the first instant: a double holds an instant of this century to a ten-thousandth of a sample only.
    position = np.interp(np.arange(last - first + 1.0), when * RATE - first, at)
    left = np.minimum(position.astype(np.int32), count - 2)
    fraction = (position - left).astype(np.float32)
    before = samples[:, left]
    return before + fraction * (samples[:, left + 1] - before), first, start


def low_pass(cutoff):
    tap = np.arange(-REACH, REACH + 1)
    taps = np.sinc(2 * cutoff / RATE * tap) * (0.54 + 0.46 * np.cos(np.pi * tap / REACH))
    return taps / taps.sum()


# In mg from g. The movement band is the wide low-pass less the one at its lower edge.
KERNELS = [
    (1000 * taps).astype(np.float32) for taps in (low_pass(SLOW), low_pass(WIDE), low_pass(WIDE) - low_pass(LOW))]


def filtered(grid, way):
    """The slow, wide and band signals. `way` is scipy's oaconvolve for each, or overlap-save that shares one forward transform."""
    padded = np.pad(grid, ((0, 0), (REACH, REACH)), mode="edge")
    if way == "oaconvolve":
        return [signal.oaconvolve(padded, taps[None], mode="valid", axes=1) for taps in KERNELS]
    size, count = 4096, grid.shape[1]
    valid = size - 2 * REACH
    blocks = -(-count // valid)
    padded = np.pad(padded, ((0, 0), (0, blocks * valid + 2 * REACH - padded.shape[1])))
    spectra = fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::valid], axis=2)
    return [
        fft.irfft(spectra * fft.rfft(taps, size), size, axis=2)[:, :, 2 * REACH :].reshape(3, -1)[:, :count]
        for taps in KERNELS]


def lengths(vectors):
    return np.sqrt(np.einsum("ij,ij->j", vectors, vectors))


def envelope(band):
    """The root mean square of the band within 0.1 s."""
    count = band.shape[1]
    total = np.concatenate(([0.0], np.cumsum(np.einsum("ij,ij->j", band, band), dtype=np.float64)))
    mean = np.empty(count)
    inside = slice(ENVELOPE_REACH, count - ENVELOPE_REACH)
    mean[inside] = (total[2 * ENVELOPE_REACH + 1 :] - total[: -2 * ENVELOPE_REACH - 1]) / (2 * ENVELOPE_REACH + 1)
    for at in (*range(ENVELOPE_REACH), *range(count - ENVELOPE_REACH, count)):
        low, high = max(at - ENVELOPE_REACH, 0), min(at + ENVELOPE_REACH + 1, count)
        mean[at] = (total[high] - total[low]) / (high - low)
    return np.sqrt(np.maximum(mean, 0)).astype(np.float32)


def step(slow):
    """How far the slow signal moves within a second."""
    padded = np.pad(slow, ((0, 0), (STEP_REACH, STEP_REACH)), mode="edge")
    return lengths(padded[:, 2 * STEP_REACH :] - padded[:, : -2 * STEP_REACH])


def quantised(values):
    """The middle of the bin, of 128 in an octave from 2^-64 to 2^64, in which a value lies."""
    bits = np.clip(values.view(np.uint32) >> 16, 63 * 128, 191 * 128 - 1)
    return (bits << 16 | 1 << 15).astype(np.uint32).view(np.float32)


def floor(values, first):
    """The running 20th percentile at each instant: of tenths of a second in the last minute, renewed every second.

    Quantising keeps the order, so the quantised value of a rank is the value of that rank among quantised ones: what a
    histogram gives, exactly.
    """
    kept = values[-first % HOP :: HOP]
    renewals = np.arange(first + -first % RENEWAL, first + len(values), RENEWAL)
    # Of the values kept strictly before each renewal.
    held = -(-(renewals - (first + -first % HOP)) // HOP)
    rank = int(FRACTION * (LOOK_BACK - 1))
    ranked = ndimage.rank_filter(kept, rank, size=LOOK_BACK, origin=LOOK_BACK // 2 - 1)
    renewed = np.zeros(len(renewals), np.float32)
    full = held >= LOOK_BACK
    renewed[full] = ranked[held[full] - 1]
    for number in np.flatnonzero(~full & (held >= SHORTEST_LOOK_BACK)):
        renewed[number] = np.sort(kept[: held[number]])[int(FRACTION * (held[number] - 1))]
    renewed = np.where(held >= SHORTEST_LOOK_BACK, quantised(renewed), np.float32(0))
    counts = np.diff(np.r_[renewals, first + len(values)])
    return np.concatenate((np.zeros(min(-first % RENEWAL, len(values)), np.float32), np.repeat(renewed, counts)))


def runs(mask):
    """The starts and ends of the stretches in which a mask holds."""
    change = np.flatnonzero(np.diff(np.concatenate(([0], mask.view(np.int8), [0]))))
    return change[::2], change[1::2]


def bursts(envelope, step, envelope_floor, step_floor):
    """Starts and ends of activity, by hysteresis: joined across brief pauses, cut where too long, with a trigger in each."""
    on = (envelope > np.maximum(ENVELOPE_ON, ON_FLOORS * envelope_floor)) | (
        step > np.maximum(STEP_ON, ON_FLOORS * step_floor))
    on &= envelope_floor <= SUSPEND
    active = (envelope > np.maximum(ENVELOPE_OFF, OFF_FLOORS * envelope_floor)) | (
        step > np.maximum(STEP_OFF, OFF_FLOORS * step_floor)) | on
    starts, ends = runs(active)
    apart = np.flatnonzero(starts[1:] - ends[:-1] >= JOIN)
    first, last = np.r_[0, apart + 1], np.r_[apart, len(starts) - 1]
    triggers = np.concatenate(([0], np.cumsum(on)))
    pieces = []
    for a, b in zip(first, last) if len(starts) else ():
        if ends[b] - starts[a] < LONGEST_BURST:
            pieces.append((starts[a], ends[b]))
            continue
        begin = last_end = None
        for start, end in zip(starts[a : b + 1], ends[a : b + 1]):
            begin = start if begin is None else begin
            while end - begin >= LONGEST_BURST:
                cut = max(begin + LONGEST_BURST, start + 1)
                pieces.append((begin, cut))
                begin = cut if cut < end else None
                if begin is None:
                    break
            last_end = end
        if begin is not None:
            pieces.append((begin, last_end))
    return [(int(p), int(q)) for p, q in pieces if triggers[q] > triggers[p]]


def away(vectors, start, end, level):
    return lengths(vectors[:, start:end] - level[:, None])


def distance(one, other):
    return float(np.sqrt(((one - other) ** 2).sum()))


def angle(one, other):
    product = float(np.sqrt((one @ one) * (other @ other)))
    return float(np.degrees(np.arccos(max(-1.0, min(1.0, float(one @ other) / product))))) if product > 0 else 0.0


class Leg:
    """The signals of a leg and the movements found in them."""

    def __init__(self, name, slow, wide, band, first):
        self.name, self.slow, self.wide, self.first = name, slow, wide, first
        self.envelope = envelope(band)
        self.step = step(slow)
        self.count = len(self.envelope)

    def find_floors(self):
        self.floor = floor(self.envelope, self.first)
        self.step_floor = floor(self.step, self.first)

    def find_bursts(self):
        self.bursts = bursts(self.envelope, self.step, self.floor, self.step_floor)

    def level(self, start, end, fallback):
        if end <= start:
            return self.slow[:, fallback]
        return self.slow[:, start:end].mean(axis=1, dtype=np.float64).astype(np.float32)

    def find_movements(self):
        """Bursts joined across silent holds, cut where the leg rests, and measured."""
        spans, self.movements = self.bursts, []
        befores, afters = [], []
        for number, (start, end) in enumerate(spans):
            previous = spans[number - 1][1] if number else 0
            following = spans[number + 1][0] if number + 1 < len(spans) else self.count
            befores.append(self.level(max(start - LEVEL, previous), start, start))
            afters.append(self.level(end, min(end + LEVEL, following), min(end, self.count - 1)))
        number = 0
        while number < len(spans):
            (start, end), before, last = spans[number], befores[number], number
            shift = distance(afters[number], before)
            peak = float(away(self.slow, start, end, before).max())
            closed = shift < max(RETURN, min(RETURN_SHARE * peak, FARTHEST))
            if closed and shift >= RETURN:
                # A brief jerk that leaves a small shift may be the start of a hold.
                closed = self.measured(start, end, before, afters[number], True, 1)["duration"] >= SHORTEST
            while (
                not closed and last + 1 < len(spans) and spans[last + 1][0] - spans[last][1] <= HOLD
                and spans[last + 1][1] - start <= CHAIN
            ):
                last += 1
                held = distance(befores[last], before)
                closed = distance(afters[last], before) < max(HOLD_RETURN, min(HOLD_SHARE * held, FARTHEST))
            if not closed:
                last = number
            self.cut(start, spans[last][1], before, afters[last], closed, last - number + 1)
            number = last + 1

    def cut(self, start, end, before, after, closed, bursts):
        whole = self.measured(start, end, before, after, closed, bursts)
        if not closed or whole["has_rhythm"]:
            self.movements.append(whole)
            return
        displacement = away(self.wide, start, end, before)
        limit = max(RETURN, EDGE_FLOORS * self.floor[start], EDGE_GUESS * displacement.max())
        pieces = []
        for a, b in zip(*runs(np.minimum(displacement, away(self.wide, start, end, after)) > limit)):
            if pieces and a - pieces[-1][1] < REST:
                pieces[-1][1] = b
            else:
                pieces.append([a, b])
        # A rest counts only where the slow level is back too.
        kept, limit = [], max(RETURN, EDGE_GUESS * whole["slow_amplitude"])
        for piece in pieces:
            if kept:
                level = self.level(start + kept[-1][1], start + piece[0], start + kept[-1][1])
                if min(distance(level, before), distance(level, after)) > limit:
                    kept[-1][1] = piece[1]
                    continue
            kept.append(piece)
        if len(kept) < 2:
            self.movements.append(whole)
            return
        cuts = [start + int(a[1] + b[0]) // 2 for a, b in zip(kept, kept[1:])]
        levels = [before, *(self.slow[:, cut] for cut in cuts), after]
        borders = [start, *cuts, end]
        for piece in range(len(kept)):
            self.movements.append(
                self.measured(*borders[piece : piece + 2], *levels[piece : piece + 2], True, bursts))

    def measured(self, start, end, before, after, closed, bursts):
        displacement = away(self.wide, start, end, before)
        lowest = max(EDGE_LOWEST, EDGE_FLOORS * float(self.floor[start]))
        amplitude = float(displacement.max())
        onset = edge(displacement, lowest)
        offset = end - start - edge(away(self.wide, start, end, after)[::-1], lowest)
        if offset - onset > 4 * TRIM:
            onset, offset = onset + TRIM, offset - TRIM
        moving = displacement[onset : max(onset + 1, offset)]
        rank = int(0.2 * (len(moving) - 1))
        resting = float(np.partition(moving, rank)[rank]) / max(amplitude, 1e-9)
        seconds = (offset - onset) / RATE
        height, period = rhythm(self.envelope[start + onset : start + offset : RHYTHM_HOP], seconds)
        beats, last = [], -BEAT_JOIN
        for a, b in zip(*runs(moving > max(lowest, EDGE_SHARE * amplitude))):
            if not beats or a - last >= BEAT_JOIN:
                beats.append(int(a))
            last = b
        has_rhythm = height >= RHYTHM_HEIGHT and seconds >= RHYTHM_CYCLES * period and bursts == 1
        origin = self.first + start
        return dict(
            leg=self.name, onset=(origin + onset) / RATE, offset=(origin + offset) / RATE, duration=seconds,
            trace=(origin + onset, origin + offset), amplitude=amplitude, closed=closed, bursts=bursts,
            slow_amplitude=float(away(self.slow, start, end, before).max()),
            envelope_peak=float(self.envelope[start:end].max()), before=before, after=after,
            lasting_angle=angle(before, after), rhythm_height=height, rhythm_period=period, has_rhythm=has_rhythm,
            is_rhythmic=has_rhythm and resting <= RHYTHM_REST, resting=resting, is_train=False,
            beats=[(origin + onset + beat) / RATE for beat in beats or [0]])


def edge(displacement, lowest):
    """The first place where a displacement passes a share of its peak nearby, from a first guess low on its flank."""
    above = displacement > max(lowest, EDGE_GUESS * float(displacement.max()))
    guess = int(above.argmax())
    limit = max(lowest, EDGE_SHARE * float(displacement[guess : guess + EDGE_REACH].max()))
    return guess + int((displacement[guess:] > limit).argmax())


def rhythm(values, seconds):
    """The height and period of the best rhythm over a movement and, where it is long, over its halves."""
    if seconds < RHYTHM_SHORTEST:
        return 0.0, 0.0
    found = [peak(values)]
    if seconds >= 2.5 * RHYTHM_SHORTEST:
        half = len(values) // 2
        found += [peak(values[:half]), peak(values[half:])]
    return max(found)


def peak(values):
    """The first strong peak of the autocorrelation."""
    sampling, count = RATE / RHYTHM_HOP, len(values)
    longest = min(count // 2, int(RHYTHM_PERIOD * sampling))
    if count < 2 * sampling or longest < 3:
        return 0.0, 0.0
    centred = values.astype(np.float64)
    centred -= centred.mean()
    product = np.correlate(centred, centred, "full")[count - 1 : count + longest]
    power = np.concatenate(([0.0], np.cumsum(centred * centred)))
    lags = np.arange(longest + 1)
    correlation = product / np.sqrt(np.maximum(1e-9, power[count - lags] * (power[count] - power[lags])))
    dips = np.flatnonzero(correlation < 0)
    if not len(dips) or dips[0] >= longest - 1:
        return 0.0, 0.0
    beyond = correlation[dips[0] :]
    top = beyond.max()
    if top <= 0:
        return 0.0, 0.0
    middle = beyond[1:-1]
    peaks = np.flatnonzero((middle >= beyond[:-2]) & (middle >= beyond[2:]) & (middle >= 0.8 * top))
    lag = int(dips[0]) + (int(peaks[0]) + 1 if len(peaks) else int(beyond.argmax()))
    return float(np.float32(correlation[lag])), float(np.float32(lag / sampling))
