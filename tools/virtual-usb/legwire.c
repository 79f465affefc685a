// SPDX-License-Identifier: GPL-3.0-or-later
#include "legwire.h"
#include <string.h>

void put16(uint8_t *to, uint16_t value) { to[0] = value & 255, to[1] = value >> 8; }
void put32(uint8_t *to, uint32_t value) { put16(to, value & 65535), put16(to + 2, value >> 16); }
void put64(uint8_t *to, uint64_t value) { put32(to, (uint32_t)value), put32(to + 4, (uint32_t)(value >> 32)); }
void put_float(uint8_t *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put32(to, bits);
}

uint32_t crc32_of(const uint8_t *bytes, size_t count) {
    static uint32_t table[256];
    if (!table[1])
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
            table[i] = value;
        }
    uint32_t crc = ~0u;
    while (count--) crc = crc >> 8 ^ table[(crc ^ *bytes++) & 255];
    return ~crc;
}

size_t frame_write(uint8_t *out, int type, int stream, uint16_t boot, uint32_t sequence, uint64_t microseconds,
                   const uint8_t *payload, size_t count) {
    out[0] = 0xA5, out[1] = 0x5A, out[2] = (uint8_t)type, out[3] = (uint8_t)stream;
    put16(out + 4, (uint16_t)count);
    put16(out + 6, boot);
    put32(out + 8, sequence);
    put64(out + 12, microseconds);
    if (count) memcpy(out + 20, payload, count);
    put32(out + 20 + count, crc32_of(out + 2, 18 + count));
    return count + frame_overhead;
}

uint64_t mixed(uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

uint32_t random_below(uint64_t *state, uint32_t bound) {
    *state += 0x9E3779B97F4A7C15u;
    return bound ? (uint32_t)((mixed(*state) >> 32) * bound >> 32) : 0;
}

void sample_at(uint64_t seed, int leg, uint16_t boot, uint32_t index, int gain, int16_t sample[3]) {
    static const int gravity[3] = {350, -700, 1890};
    enum { cycle = 2500, burst = 180, wave = 20 };  // samples: a kick of 1.8 s every 25 s at 100 Hz, shaking at 5 Hz
    uint64_t base = seed ^ (uint64_t)leg << 56 ^ (uint64_t)boot << 32;
    uint64_t noise = mixed(base ^ index), kick = mixed(~base ^ index / cycle);
    int kicking = index % cycle < burst && kick % 10 < 7, phase = (int)(index % wave);
    int triangle = phase < wave / 2 ? phase : wave - phase;  // 0 to 10
    for (int axis = 0; axis < 3; axis++) {
        int value = gravity[axis] * (leg == 1 && axis == 0 ? -1 : 1) + (int)(noise >> 8 * axis & 31) - 16;
        if (kicking) value += (triangle - wave / 4) * (int)(10 + (kick >> (16 + 8 * axis) & 63));
        sample[axis] = (int16_t)(value * gain);
    }
}
