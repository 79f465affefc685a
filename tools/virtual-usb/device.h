// SPDX-License-Identifier: GPL-3.0-or-later
// A virtual leg sensor: what it measures, sends and suffers. Knows neither USB plumbing nor the clock: time comes in.
#ifndef DEVICE_H
#define DEVICE_H
#include "legwire.h"
#include <stdbool.h>

/// Bytes on their way to the host, with what the ledger must know about them.
typedef struct frame {
    struct frame *next;
    int kind;            ///< a frame_… constant
    bool intact;         ///< false: damaged on purpose
    bool late;           ///< sent after a frame of later samples, or for the second time
    uint16_t boot;
    uint32_t first, count;
    double when;         ///< scenario seconds at which it was made
    int size, taken, reaped;
    int session;         ///< the host's opening that took its first byte; -1 when none or several did
    int delay;           ///< frames that overtake it
    uint8_t bytes[];
} frame;

/// Some bytes of a frame inside one transfer.
typedef struct { frame *frame; int bytes; } portion;
enum { portions_per_transfer = 48 };

/// What ends a fault that would go on.
typedef enum { until_time, until_clear_halt, until_reset, until_reopen } remedy;

typedef struct device {
    const char *name;    ///< "left", "right" or "stranger"
    char serial[17];
    int leg, port;
    uint64_t seed, chance;

    uint16_t boot;
    uint8_t boots_used[8192];  ///< a bit each
    bool powered, started, sampling;
    uint32_t sequence, index;         ///< of the next frame and sample
    uint64_t rate_millihertz;
    int range_mg;
    double rate_error, clock_error;   ///< sampling period and device clock against nominal, as fractions
    double set_at, set_time_us;       ///< scenario and device time of sample `set_index`
    uint32_t set_index;
    double next_status;
    double born;                      ///< scenario seconds of power-up
    int battery_mv, dropped;
    bool overrun;

    frame *head, *tail, *held;        ///< to be sent; to be sent late
    int queued, buffer;               ///< bytes waiting, and the most that may
    double oldest;                    ///< when the oldest waiting byte came

    // Faults at work
    int drop, corrupt, truncate, duplicate, reorder, garbage, chunked;  ///< frames still to be hit
    int babble, protocol_error, stalled_once;
    bool stalled, silent, frozen, busy, denied;
    remedy stall_remedy, silence_remedy;
    double silent_until, busy_until, denied_until;
} device;

void device_init(device *d, const char *name, const char *serial, int leg, int port, uint64_t seed, int rate, int range_mg);

/// Power-up: a new boot id, clock and index start anew, nothing is queued.
void device_boot(device *d, double now);
void device_power_off(device *d);

/// Measures and queues frames up to this scenario time.
void device_advance(device *d, double now);

/// Takes at most `room` bytes for one transfer; gives their number.
int device_take(device *d, uint8_t *to, int room, int session, portion portions[], int *portion_count);

/// Answers a vendor request; gives the number of bytes in `reply`, or -1 for a stall.
int device_control(device *d, double now, int request, int value, const uint8_t *data, int count, uint8_t *reply);

/// Obeys a command that came as a frame, as a sensor on a serial port does; false if it is none.
bool device_obey(device *d, double now, const uint8_t *bytes, int count);

void device_set_rate(device *d, double now, int hertz);
void device_set_range(device *d, double now, int range_mg);
void device_mark(device *d, double now);
void device_send_unknown(device *d, double now);
void device_skip_samples(device *d, int count);

static inline int device_gain(const device *d) { return 16000 / d->range_mg; }
double device_time(const device *d, double now);
double device_period_us(const device *d);
#endif
