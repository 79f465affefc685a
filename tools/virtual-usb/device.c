// SPDX-License-Identifier: GPL-3.0-or-later
#include "device.h"
#include "ledger.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void device_init(device *d, const char *name, const char *serial, int leg, int port, uint64_t seed, int rate, int range_mg) {
    memset(d, 0, sizeof *d);
    d->name = name, d->leg = leg, d->port = port, d->seed = seed;
    strncpy(d->serial, serial, 16);
    d->chance = mixed(seed ^ (uint64_t)(leg + 1) << 40);
    d->rate_millihertz = (uint64_t)rate * 1000, d->range_mg = range_mg;
    d->rate_error = leg == 1 ? -0.004 : 0.011;          // real "100 Hz" sensors run up to 1.6 % off
    d->clock_error = leg == 1 ? -45e-6 : 30e-6;
    d->buffer = 65536, d->battery_mv = 3900;
}

double device_period_us(const device *d) { return 1e9 / (double)d->rate_millihertz * (1 + d->rate_error); }
double device_time(const device *d, double now) {
    return d->set_time_us + (now - d->set_at) * 1e6 / (1 + d->clock_error);
}
static double sampled_at(const device *d, uint32_t index) {
    return d->set_at + (index - d->set_index) * device_period_us(d) * 1e-6 * (1 + d->clock_error);
}
static uint64_t stamp(const device *d, uint32_t index) {
    return (uint64_t)llround(d->set_time_us + (index - d->set_index) * device_period_us(d));
}

static void forget(frame **list) {
    while (*list) {
        frame *f = *list;
        *list = f->next;
        if (f->taken == f->reaped) free(f);  // else a transfer still points to it: a few bytes are lost to the test
    }
}

void device_power_off(device *d) {
    forget(&d->head), forget(&d->held);
    d->tail = NULL, d->queued = 0;
    d->powered = d->started = d->sampling = d->stalled = d->silent = d->frozen = false;
    d->drop = d->corrupt = d->truncate = d->duplicate = d->reorder = d->garbage = d->chunked = 0;
    d->babble = d->protocol_error = 0;
}

void device_boot(device *d, double now) {
    device_power_off(d);
    do d->boot = (uint16_t)random_below(&d->chance, 65536);  // a real one may come twice in 65536 starts: the ledger could not tell
    while (d->boots_used[d->boot / 8] >> d->boot % 8 & 1);
    d->boots_used[d->boot / 8] |= (uint8_t)(1 << d->boot % 8);
    d->powered = true, d->born = now, d->sequence = d->index = d->set_index = 0, d->overrun = false, d->dropped = 0;
    d->set_at = now, d->set_time_us = 250000 + random_below(&d->chance, 100000);
    d->next_status = now + 1;
    ledger_boot(d, now);
}

static frame *frame_new(device *d, int kind, int size, double now) {
    frame *f = calloc(1, sizeof *f + (size_t)size);
    f->kind = kind, f->size = size, f->when = now, f->session = -2, f->boot = d->boot, f->intact = true;
    return f;
}
static void enqueue(device *d, frame *f) {
    if (!d->head) d->head = f, d->oldest = f->when;
    else d->tail->next = f;
    d->tail = f, f->next = NULL, d->queued += f->size;
}
/// Queues a frame other than data; these pass even where the buffer is full, as they are few.
static void send_frame(device *d, int type, double now, const uint8_t *payload, int count) {
    frame *f = frame_new(d, type, count + frame_overhead, now);
    frame_write(f->bytes, type, 0, d->boot, d->sequence++, (uint64_t)device_time(d, now), payload, (size_t)count);
    enqueue(d, f);
}

static int info(const device *d, uint8_t *out) {
    memset(out, 0, 37);
    out[0] = 1, out[1] = 1, out[2] = d->leg < 2 ? (uint8_t)d->leg : 2;
    put32(out + 3, (uint32_t)d->rate_millihertz);
    put16(out + 7, (uint16_t)d->range_mg);
    put_float(out + 9, 1.0f / (float)(2048 * device_gain(d)));
    memcpy(out + 13, "VIRTUAL ", 8);
    memcpy(out + 21, d->serial, strlen(d->serial));
    return 37;
}
static void send_info(device *d, double now) {
    uint8_t payload[64];
    send_frame(d, frame_info, now, payload, info(d, payload));
}
static void send_status(device *d, double now) {
    uint8_t payload[20] = {0};
    put16(payload, (uint16_t)d->battery_mv), put16(payload + 2, 3150), put32(payload + 4, (uint32_t)d->dropped);
    put64(payload + 8, (uint64_t)((now - d->born) * 1e6)), put_float(payload + 16, (float)device_period_us(d));
    send_frame(d, frame_status, now, payload, 20);
}
void device_mark(device *d, double now) { send_frame(d, frame_mark, now, NULL, 0); }
void device_send_unknown(device *d, double now) {
    uint8_t payload[40];
    for (int i = 0; i < 40; i++) payload[i] = (uint8_t)random_below(&d->chance, 256);
    send_frame(d, frame_unknown, now, payload, 1 + (int)random_below(&d->chance, 40));
}

static void send_garbage(device *d, double now) {
    int size = 1 + (int)random_below(&d->chance, 200);
    frame *f = frame_new(d, frame_garbage, size, now);
    for (int i = 0; i < size; i++) f->bytes[i] = (uint8_t)random_below(&d->chance, 256);
    if (size > 8 && random_below(&d->chance, 2)) {  // looks like a header, with a length that swallows real frames
        int at = (int)random_below(&d->chance, (uint32_t)size - 7);
        f->bytes[at] = 0xA5, f->bytes[at + 1] = 0x5A, f->bytes[at + 2] = frame_data, f->bytes[at + 3] = 0;
        put16(f->bytes + at + 4, (uint16_t)random_below(&d->chance, 1100));
    }
    if (!random_below(&d->chance, 3)) f->bytes[size - 1] = 0xA5;  // half a sync before a real one
    enqueue(d, f);
}

static void measure(device *d, uint32_t first, int count, double now) {
    uint8_t payload[largest_payload] = {0};
    int flags = (d->overrun ? flag_overrun : 0) | (d->battery_mv < 3400 ? flag_low_battery : 0);
    put32(payload, first), put16(payload + 4, (uint16_t)flags);
    payload[6] = (uint8_t)count, payload[7] = 0;
    for (int i = 0; i < count; i++) {
        int16_t sample[3];
        sample_at(d->seed, d->leg, d->boot, first + (uint32_t)i, device_gain(d), sample);
        for (int axis = 0; axis < 3; axis++) put16(payload + 8 + 6 * i + 2 * axis, (uint16_t)sample[axis]);
    }
    int size = data_overhead + 6 * count + frame_overhead;
    if (d->queued + size > d->buffer) {  // the host does not read: the newest are lost, and the next frame says so
        d->overrun = true, d->dropped += count;
        return;
    }
    d->overrun = false;
    if (d->garbage > 0) d->garbage--, send_garbage(d, now);
    frame *f = frame_new(d, frame_data, size, now);
    f->first = first, f->count = (uint32_t)count;
    frame_write(f->bytes, frame_data, 0, d->boot, d->sequence++, stamp(d, first), payload, (size_t)(size - frame_overhead));
    if (d->drop > 0) {
        d->drop--;
        free(f);
        return;
    }
    if (d->corrupt > 0) {
        d->corrupt--, f->intact = false;
        f->bytes[random_below(&d->chance, (uint32_t)size)] ^= (uint8_t)(1u << random_below(&d->chance, 8));
    } else if (d->truncate > 0) {
        d->truncate--, f->intact = false;
        f->size = 1 + (int)random_below(&d->chance, (uint32_t)size - 1);
    } else if (d->duplicate > 0 || d->reorder > 0) {
        bool twice = d->duplicate > 0;
        frame *later = f;
        if (twice) {
            d->duplicate--;
            later = frame_new(d, frame_data, size, now);
            memcpy(later, f, sizeof *f + (size_t)size);
        } else d->reorder--;
        later->late = true, later->delay = (twice ? 0 : 1) + (int)random_below(&d->chance, 3);
        later->next = d->held, d->held = later;
        if (!twice) return;
    }
    enqueue(d, f);
    for (frame **p = &d->held; *p;) {
        frame *h = *p;
        if (h->delay-- > 0) p = &h->next;
        else *p = h->next, enqueue(d, h);
    }
}

void device_advance(device *d, double now) {
    if (!d->powered || !d->sampling) return;
    int count = (int)(d->rate_millihertz / 20000);
    count = count < 1 ? 1 : count > 100 ? 100 : count;
    while (sampled_at(d, d->index + (uint32_t)count - 1) <= now) {
        double then = sampled_at(d, d->index + (uint32_t)count - 1);
        if (then >= d->next_status) {
            if (d->started && d->queued + 64 < d->buffer) send_status(d, then);
            d->next_status += 1;
        }
        if (d->started) measure(d, d->index, count, then);
        d->index += (uint32_t)count;
    }
}

void device_skip_samples(device *d, int count) { d->index += (uint32_t)count, d->overrun = true, d->dropped += count; }

int device_take(device *d, uint8_t *to, int room, int session, portion portions[], int *portion_count) {
    int taken = 0;
    *portion_count = 0;
    if (d->chunked > 0) {
        d->chunked--;
        int chunk = random_below(&d->chance, 10) ? 1 + (int)random_below(&d->chance, 64) : 0;  // now and then a packet of no bytes
        if (chunk < room) room = chunk;
    }
    while (d->head && taken < room && *portion_count < portions_per_transfer) {
        frame *f = d->head;
        int bytes = f->size - f->taken < room - taken ? f->size - f->taken : room - taken;
        memcpy(to + taken, f->bytes + f->taken, (size_t)bytes);
        f->session = f->session == -2 || f->session == session ? session : -1;
        f->taken += bytes, taken += bytes, d->queued -= bytes;
        portions[(*portion_count)++] = (portion){f, bytes};
        if (f->taken == f->size) {
            d->head = f->next;
            if (d->head) d->oldest = d->head->when;
            else d->tail = NULL;
        }
    }
    return taken;
}

/// Begins a stretch of one setting at the next sample, which the ledger notes.
static void set_anew(device *d) {
    double at = sampled_at(d, d->index), time = d->set_time_us + (d->index - d->set_index) * device_period_us(d);
    d->set_at = at, d->set_time_us = time, d->set_index = d->index;
}
void device_set_rate(device *d, double now, int hertz) {
    set_anew(d);
    d->rate_millihertz = (uint64_t)hertz * 1000;
    ledger_setting(d, now);
    if (d->started) send_info(d, now);
}
void device_set_range(device *d, double now, int range_mg) {
    set_anew(d);
    d->range_mg = range_mg;
    ledger_setting(d, now);
    if (d->started) send_info(d, now);
}

int device_control(device *d, double now, int request, int value, const uint8_t *data, int count, uint8_t *reply) {
    switch (request) {
    case request_get_info: return info(d, reply);
    case request_start:
        device_advance(d, now);
        if (!d->sampling) {
            double time = device_time(d, now);
            d->sampling = true, d->set_at = now, d->set_time_us = time, d->set_index = d->index, d->next_status = now + 1;
            ledger_setting(d, now);
        }
        d->started = true;
        send_info(d, now);
        return 0;
    case request_stop: d->started = false; return 0;
    case request_set_time: return count == 8 && data ? 0 : -1;
    case request_set_rate:
        if (value < 25 || value > 400) return -1;
        device_set_rate(d, now, value);
        return 0;
    default: return -1;
    }
}

bool device_obey(device *d, double now, const uint8_t *bytes, int count) {
    if (count < frame_overhead || bytes[0] != 0xA5 || bytes[1] != 0x5A) return false;
    int length = bytes[4] | bytes[5] << 8, end = frame_overhead - 4 + length;
    if (length > 16 || end + 4 != count) return false;
    uint32_t checksum = crc32_of(bytes + 2, (size_t)end - 2);
    for (int i = 0; i < 4; i++)
        if (bytes[end + i] != (uint8_t)(checksum >> 8 * i)) return false;
    const uint8_t *payload = bytes + frame_overhead - 4;
    int request = bytes[2] & 0x7F, value = length >= 2 ? payload[0] | payload[1] << 8 : 0;
    uint8_t reply[64];
    if (!(bytes[2] & 0x80) || bytes[3] != 0) return false;
    if (request == request_set_rate) {
        if (value >= 25 && value <= 400 && (uint64_t)value * 1000 != d->rate_millihertz) device_set_rate(d, now, value);
        else send_info(d, now);
    } else if (request == request_get_info) send_info(d, now);
    else if (device_control(d, now, request, value, payload, length, reply) < 0) return false;
    else if (request != request_start) send_status(d, now);
    return true;
}
