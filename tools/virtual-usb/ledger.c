// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger.h"
#include "clock.h"
#include <stdio.h>
#include <string.h>

enum { longest_range = 20000, ways = 3, legs = 3 };
static const char *const way_names[ways] = {"intact", "late", "split"};

/// Samples that follow each other, not yet written.
typedef struct { uint16_t boot; uint32_t first, count; double begin, end; } range;
static range ranges[legs][ways];
static const device *owners[legs];
static FILE *file;

static void flush_range(int leg, int way) {
    range *r = &ranges[leg][way];
    if (r->count && file)
        fprintf(file, "{\"kind\":\"sent\",\"device\":\"%s\",\"boot\":%u,\"first\":%u,\"count\":%u,\"way\":\"%s\",\"t\":[%.3f,%.3f]}\n",
                owners[leg]->name, r->boot, r->first, r->count, way_names[way], r->begin, r->end);
    r->count = 0;
}
static void flush_device(const device *d) {
    for (int way = 0; way < ways; way++) flush_range(d->leg, way);
}

bool ledger_open(const char *path, double time_scale, double seconds) {
    if (!path) return true;
    if (!(file = fopen(path, "w"))) return false;
    fprintf(file, "{\"kind\":\"ledger\",\"version\":1,\"time_scale\":%g,\"seconds\":%g}\n", time_scale, seconds);
    return true;
}
void ledger_device(const device *d) {
    owners[d->leg] = d;
    if (file)
        fprintf(file, "{\"kind\":\"device\",\"device\":\"%s\",\"serial\":\"%s\",\"leg\":%d,\"seed\":%llu}\n", d->name, d->serial, d->leg,
                (unsigned long long)d->seed);
}
void ledger_boot(const device *d, double now) {
    if (file) fprintf(file, "{\"kind\":\"boot\",\"t\":%.3f,\"device\":\"%s\",\"boot\":%u}\n", now, d->name, d->boot);
}
void ledger_setting(const device *d, double now) {
    if (file)
        fprintf(file, "{\"kind\":\"setting\",\"t\":%.3f,\"device\":\"%s\",\"boot\":%u,\"index\":%u,\"time_us\":%.3f,\"period_us\":%.9f,"
                "\"rate_mhz\":%llu,\"range_mg\":%d,\"gain\":%d}\n", now, d->name, d->boot, d->set_index, d->set_time_us,
                device_period_us(d), (unsigned long long)d->rate_millihertz, d->range_mg, device_gain(d));
}
void ledger_frame(const device *d, const frame *f) {
    if (!f->intact || !file) return;
    if (f->kind != frame_data) {
        static const char *const names[] = {[frame_info] = "info", [frame_status] = "status", [frame_mark] = "mark"};
        if (f->kind == frame_mark)
            fprintf(file, "{\"kind\":\"%s\",\"device\":\"%s\",\"boot\":%u,\"way\":\"%s\",\"t\":%.3f}\n", names[f->kind], d->name, f->boot,
                    way_names[f->session < 0 ? 2 : 0], f->when);
        return;
    }
    int way = f->late ? 1 : f->session < 0 ? 2 : 0;
    range *r = &ranges[d->leg][way];
    if (r->count && (r->boot != f->boot || r->first + r->count != f->first || r->count + f->count > longest_range)) flush_range(d->leg, way);
    if (!r->count) *r = (range){f->boot, f->first, 0, f->when, f->when};
    r->count += f->count, r->end = f->when;
}
void ledger_fault(const device *d, double now, const char *line, const char *fault, const char *word) {
    if (!file) return;
    flush_device(d);
    fprintf(file, "{\"kind\":\"%s\",\"t\":%.3f,\"device\":\"%s\",\"fault\":\"%s\",\"word\":\"%s\",\"boot\":%u,\"measured\":%u,\"queued\":%d}\n", line,
            now, d->name, fault, word, d->boot, d->index, d->queued);
}
void ledger_host(const device *d, double now, const char *what, int result) {
    if (file)
        fprintf(file, "{\"kind\":\"host\",\"t\":%.3f,\"real\":%.4f,\"device\":\"%s\",\"did\":\"%s\",\"result\":%d}\n", now, clock_real(), d->name,
                what, result);
}
void ledger_close(double now, int status) {
    if (!file) return;
    for (int leg = 0; leg < legs; leg++)
        if (owners[leg]) flush_device(owners[leg]);
    fprintf(file, "{\"kind\":\"end\",\"t\":%.3f,\"real\":%.4f,\"status\":%d}\n", now, clock_real(), status);
    fclose(file);
    file = NULL;
}
