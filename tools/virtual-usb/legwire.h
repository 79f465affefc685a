// SPDX-License-Identifier: GPL-3.0-or-later
// LegWire 1 as a device speaks it: its frames, and the samples of the virtual sensor.
#ifndef LEGWIRE_H
#define LEGWIRE_H
#include <stddef.h>
#include <stdint.h>

enum { frame_data = 1, frame_info, frame_status, frame_mark, frame_unknown = 9, frame_garbage = 255 };
enum { request_get_info = 1, request_start, request_stop, request_set_time, request_set_rate };
enum { flag_overrun = 1, flag_clipped = 2, flag_low_battery = 4, flag_estimated_clock = 8 };
enum { frame_overhead = 24, data_overhead = 8, largest_payload = 1024 };

uint32_t crc32_of(const uint8_t *bytes, size_t count);

/// Writes a whole frame and gives its length; `out` has room for `count` + frame_overhead bytes.
size_t frame_write(uint8_t *out, int type, int stream, uint16_t boot, uint32_t sequence, uint64_t microseconds,
                   const uint8_t *payload, size_t count);

/// The sample with this index: a pure function, the same in check_ledger.py. Counts of 1/2048 g, times `gain`.
void sample_at(uint64_t seed, int leg, uint16_t boot, uint32_t index, int gain, int16_t sample[3]);

/// A well-mixed number out of any other (splitmix64's last step).
uint64_t mixed(uint64_t value);

/// The next of a sequence of pseudo-random numbers below `bound`.
uint32_t random_below(uint64_t *state, uint32_t bound);

void put16(uint8_t *to, uint16_t value);
void put32(uint8_t *to, uint32_t value);
void put64(uint8_t *to, uint64_t value);
void put_float(uint8_t *to, float value);
#endif
