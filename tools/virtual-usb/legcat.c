// SPDX-License-Identifier: GPL-3.0-or-later
// legcat: the least that reads LegWire sensors through libusb and writes a night log. It proves the virtual bus and the
// checker while they are changed, and shares no code with either; `nattro record` is the program for nights.
#include <getopt.h>
#include <libusb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { transfers = 8, transfer_size = 512, header_size = 20, longest_payload = 1024, per_sector = 70 };

typedef struct {
    const char *serial;
    int stream;
    libusb_device_handle *handle;
    struct libusb_transfer *transfer[transfers];
    int in_flight, failures;
    bool lost, stalled, broken, draining, seen;
    double last_bytes, next_try;
    int rung;
    uint8_t pending[8192];
    size_t pending_count;
    // What was decoded
    bool begun;
    uint16_t boot;
    uint32_t next;
    uint64_t offset;                  // stream index = device index + offset within one boot
    uint32_t rate_mhz;
    uint16_t range_mg;
    float lsb;
    unsigned flags;                   // of the next sector
    long frames, samples, marks, statuses, infos, crc_errors, skipped, missing, late, boots, opened, stalls, unknown;
    // The sector being filled
    int16_t counts[per_sector][3];
    int count;
    uint64_t first, device_time;
    int64_t boot_time;
    unsigned sector_flags;
} leg;

static libusb_context *context;
static leg legs[2];
static int leg_count;
static double scale = 1, last_look;
static volatile sig_atomic_t stop;
static bool look, verbose, denied, busy, strangers;
static FILE *out;
static uint64_t sector_number;
static uint32_t tag = 0x4C454743;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static double began;
static int64_t boot_time_now(void) { return (int64_t)((began + (seconds() - began) * scale) * 1e9); }
static void say(const leg *l, const char *text, int code) {
    if (verbose) fprintf(stderr, "%9.3f %s %s (%d)\n", seconds() - began, l ? l->serial : "-", text, code);
}

// The night log

static uint32_t crc_of(uint32_t polynomial, const uint8_t *bytes, size_t count) {
    static uint32_t tables[2][256];
    uint32_t *table = tables[polynomial == 0x82F63B78u];
    if (!table[1])
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ polynomial : c >> 1;
            table[i] = c;
        }
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 255];
    return ~crc;
}
static void write_block(uint8_t block[512]) {
    uint32_t crc = crc_of(0x82F63B78u, block, 508);
    memcpy(block + 508, &crc, 4);
    if (out) fwrite(block, 512, 1, out);
}
#define PUT(block, at, type, value) do { type put_ = (value); memcpy((block) + (at), &put_, sizeof put_); } while (0)

static void write_header(void) {
    uint8_t block[512] = "NLGH";
    block[4] = 1, block[5] = (uint8_t)leg_count;
    PUT(block, 8, uint32_t, tag);
    PUT(block, 24, int64_t, (int64_t)time(NULL) * 1000000000);
    PUT(block, 32, int64_t, boot_time_now());
    PUT(block, 40, uint32_t, 1);
    for (int i = 0; i < leg_count; i++) {
        uint8_t *stream = block + 96 + 100 * i;
        stream[0] = legs[i].stream ? 'R' : 'L', stream[1] = 3;
        PUT(stream, 4, float, 100.0f);
        PUT(stream, 8, float, 8.0f);
        PUT(stream, 12, float, 1.0f / 4096);
        snprintf((char *)stream + 60, 24, "%s", legs[i].serial);
    }
    write_block(block);
    write_block(block);
}
static void begin_sector(uint8_t block[512], int kind, int stream) {
    memset(block, 0, 512);
    memcpy(block, "NLGS", 4);
    block[4] = 1, block[5] = (uint8_t)kind, block[6] = (uint8_t)stream;
    PUT(block, 8, uint32_t, tag);
    PUT(block, 12, uint32_t, 1);
    PUT(block, 16, uint64_t, sector_number++);
    PUT(block, 40, int64_t, boot_time_now());
    PUT(block, 48, int64_t, (int64_t)time(NULL) * 1000000000);
}
static void write_entry(int kind, int stream, int value, const char *text) {
    uint8_t block[512];
    begin_sector(block, kind, stream);
    PUT(block, 66, uint16_t, (uint16_t)strlen(text));
    PUT(block, 88, int32_t, value);
    memcpy(block + 92, text, strlen(text));
    write_block(block);
}
static void flush_sector(leg *l) {
    if (!l->count) return;
    uint8_t block[512];
    begin_sector(block, 1, (int)(l - legs));
    block[7] = 3;
    PUT(block, 24, uint64_t, l->first);
    PUT(block, 32, uint64_t, l->device_time);
    PUT(block, 40, int64_t, l->boot_time);
    PUT(block, 56, uint32_t, l->boot);
    PUT(block, 64, uint16_t, (uint16_t)l->sector_flags);
    PUT(block, 66, uint16_t, (uint16_t)l->count);
    PUT(block, 68, float, (float)l->rate_mhz / 1000);
    PUT(block, 72, float, l->lsb);
    block[80] = l->stream ? 'R' : 'L';
    PUT(block, 84, float, (float)l->range_mg / 1000);
    memcpy(block + 88, l->counts, (size_t)l->count * 6);
    write_block(block);
    l->count = 0;
}

// Frames

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t get32(const uint8_t *p) { return get16(p) | (uint32_t)get16(p + 2) << 16; }
static uint64_t get64(const uint8_t *p) { return get32(p) | (uint64_t)get32(p + 4) << 32; }

static void take_info(leg *l, const uint8_t *p, size_t count) {
    if (count < 21 || p[0] != 1) return;
    flush_sector(l);
    l->rate_mhz = get32(p + 3), l->range_mg = get16(p + 7);
    uint32_t bits = get32(p + 9);
    memcpy(&l->lsb, &bits, 4);
    l->infos++;
}
static void take_data(leg *l, uint16_t boot, uint64_t time_us, const uint8_t *p, size_t count) {
    uint32_t first = get32(p);
    int n = p[6];
    if (count < 8 || p[7] > 1 || count < 8u + (size_t)n * (p[7] ? 8 : 6)) return;
    if (!l->begun || boot != l->boot) {
        flush_sector(l);
        l->offset = (l->begun ? l->offset + l->next : 0) - first;
        l->flags |= l->begun ? 4 | 8 : 0;
        l->begun = true, l->boot = boot, l->next = first, l->boots++;
    }
    if ((int32_t)(first - l->next) < 0) {
        l->late++;
        return;
    }
    if (first != l->next) l->missing += first - l->next, l->flags |= 2;
    if (get16(p + 4) & 1) l->flags |= 1;
    for (int i = 0; i < n; i++) {
        if (l->count == per_sector || (l->count && l->flags)) flush_sector(l);
        if (!l->count) {
            l->first = l->offset + first + (unsigned)i, l->sector_flags = l->flags, l->flags = 0;
            l->device_time = time_us + (uint64_t)(1e9 * i / l->rate_mhz), l->boot_time = boot_time_now();
        }
        for (int axis = 0; axis < 3; axis++) l->counts[l->count][axis] = (int16_t)get16(p + 8 + (p[7] ? 8 : 6) * i + 2 * axis);
        l->count++;
    }
    l->next = first + (unsigned)n, l->samples += n, l->frames++;
}
static void take_frame(leg *l, const uint8_t *p, size_t payload) {
    switch (p[2]) {
    case 1: take_data(l, get16(p + 6), get64(p + 12), p + 20, payload); break;
    case 2: take_info(l, p + 20, payload); break;
    case 3: l->statuses++; break;
    case 4: l->marks++, write_entry(3, (int)(l - legs), 1, "button"); break;
    default: l->unknown++;
    }
}
/// Decodes what is there; at the `end` of a connection also what follows a frame that never was completed.
static void decode(leg *l, bool end) {
    size_t at = 0;
    while (l->pending_count - at >= (end ? 1 : 6)) {
        const uint8_t *p = l->pending + at;
        size_t left = l->pending_count - at, payload = left >= 6 ? get16(p + 4) : 0;
        if (left < 24 ? (end || p[0] != 0xA5 || p[1] != 0x5A) : (p[0] != 0xA5 || p[1] != 0x5A || payload > longest_payload)) {
            at++, l->skipped++;
            continue;
        }
        if (left < payload + 24) {
            if (!end) break;
            at++, l->skipped++;
            continue;
        }
        if (crc_of(0xEDB88320u, p + 2, 18 + payload) != get32(p + 20 + payload)) {
            at++, l->skipped++, l->crc_errors++;
            continue;
        }
        take_frame(l, p, payload);
        at += payload + 24;
    }
    memmove(l->pending, l->pending + at, l->pending_count - at);
    l->pending_count -= at;
    if (end) l->pending_count = 0, flush_sector(l);
}

// USB

static void LIBUSB_CALL returned(struct libusb_transfer *t) {
    leg *l = t->user_data;
    l->in_flight--;
    if (t->actual_length) {
        l->last_bytes = seconds(), l->rung = 0;
        if (l->pending_count + (size_t)t->actual_length > sizeof l->pending) decode(l, false);
        memcpy(l->pending + l->pending_count, t->buffer, (size_t)t->actual_length);
        l->pending_count += (size_t)t->actual_length;
        decode(l, false);
    }
    switch (t->status) {
    case LIBUSB_TRANSFER_COMPLETED: break;
    case LIBUSB_TRANSFER_CANCELLED: return;
    case LIBUSB_TRANSFER_NO_DEVICE: l->lost = true; return;
    case LIBUSB_TRANSFER_STALL: l->stalled = true; return;
    default: l->broken = true; return;
    }
    if (!l->lost && !l->stalled && !l->broken && !l->draining && libusb_submit_transfer(t) == 0) l->in_flight++;
}
static void wait_events(double real) {
    struct timeval t = {0, (suseconds_t)(real * 1e6)};
    libusb_handle_events_timeout_completed(context, &t, NULL);
}
static void cancel_all(leg *l) {
    l->draining = true;
    for (int i = 0; i < transfers; i++)
        if (l->transfer[i]) libusb_cancel_transfer(l->transfer[i]);
    for (double end = seconds() + 2; l->in_flight && seconds() < end;) wait_events(0.01);
    if (l->in_flight) fprintf(stderr, "%9.3f %s: %d transfers never came back\n", seconds() - began, l->serial, l->in_flight);
    l->draining = false;
}
static void close_leg(leg *l) {
    cancel_all(l);
    for (int i = 0; i < transfers; i++) libusb_free_transfer(l->transfer[i]), l->transfer[i] = NULL;
    libusb_release_interface(l->handle, 0);
    libusb_close(l->handle);
    l->handle = NULL, l->lost = l->stalled = l->broken = false;
    decode(l, true);
    say(l, "closed", 0);
}
static void submit_all(leg *l) {
    l->stalled = l->broken = false;
    for (int i = 0; i < transfers; i++) {
        if (!l->transfer[i]) {
            l->transfer[i] = libusb_alloc_transfer(0);
            libusb_fill_bulk_transfer(l->transfer[i], l->handle, 0x81, malloc(transfer_size), transfer_size, returned, l, 0);
            l->transfer[i]->flags = LIBUSB_TRANSFER_FREE_BUFFER;
        }
        if (libusb_submit_transfer(l->transfer[i]) == 0) l->in_flight++;
    }
}
static bool start(leg *l, libusb_device_handle *handle) {
    uint8_t info[170];
    libusb_set_auto_detach_kernel_driver(handle, 1);
    int code = libusb_claim_interface(handle, 0);
    if (code) {
        busy |= code == LIBUSB_ERROR_BUSY;
        say(l, "cannot claim", code);
        return false;
    }
    l->handle = handle;
    libusb_clear_halt(handle, 0x81);
    int count = libusb_control_transfer(handle, 0xC0, 1, 0, 0, info, sizeof info, 500);
    if (count > 0) take_info(l, info, (size_t)count);
    code = libusb_control_transfer(handle, 0x40, 2, 0, 0, NULL, 0, 500);
    l->seen = true, l->last_bytes = seconds(), l->rung = 0, l->lost = false, l->opened++;
    say(l, "opened", code);
    submit_all(l);
    if (code < 0) l->broken = true;
    return true;
}
static void search(void) {
    libusb_device **list;
    ssize_t count = libusb_get_device_list(context, &list);
    for (ssize_t i = 0; i < count; i++) {
        struct libusb_config_descriptor *config;
        if (libusb_get_active_config_descriptor(list[i], &config)) continue;
        const struct libusb_interface_descriptor *face = config->bNumInterfaces ? config->interface[0].altsetting : NULL;
        bool ours = face && face->bInterfaceClass == 0xFF && face->bInterfaceSubClass == 0x4C && face->bInterfaceProtocol == 1;
        libusb_free_config_descriptor(config);
        for (int j = 0; ours && j < leg_count; j++)
            if (legs[j].handle && libusb_get_device(legs[j].handle) == list[i]) ours = false;
        libusb_device_handle *handle;
        struct libusb_device_descriptor descriptor;
        if (!ours || libusb_get_device_descriptor(list[i], &descriptor)) continue;
        int code = libusb_open(list[i], &handle);
        if (code) {
            denied |= code == LIBUSB_ERROR_ACCESS;
            say(NULL, "cannot open", code);
            continue;
        }
        unsigned char serial[64] = "";
        libusb_get_string_descriptor_ascii(handle, descriptor.iSerialNumber, serial, sizeof serial);
        bool taken = false, known = false;
        for (int j = 0; j < leg_count; j++) {
            if (strcmp((char *)serial, legs[j].serial)) continue;
            known = true;
            if (!legs[j].handle && seconds() >= legs[j].next_try) {
                taken = start(&legs[j], handle);
                if (!taken) legs[j].next_try = seconds() + 0.5 / scale;
            }
        }
        strangers |= !known;
        if (!taken) libusb_close(handle);
    }
    libusb_free_device_list(list, 1);
}
static int LIBUSB_CALL changed(libusb_context *c, libusb_device *d, libusb_hotplug_event event, void *user) {
    (void)c, (void)d, (void)user;
    say(NULL, event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? "ARRIVED" : "LEFT", 0);
    look = true;
    return 0;
}
static void watch(leg *l) {
    double now = seconds(), patience = 2 / scale > 0.05 ? 2 / scale : 0.05;
    if (l->count && (double)(boot_time_now() - l->boot_time) > 4e9) flush_sector(l);
    if (!l->handle) return;
    if (l->lost) close_leg(l), look = true;
    else if (l->stalled || (l->rung == 0 && now - l->last_bytes > patience)) {
        if (l->stalled) l->stalls++;
        else l->rung = 1;
        cancel_all(l);
        say(l, "clear halt", libusb_clear_halt(l->handle, 0x81));
        if (!l->lost) submit_all(l);
    } else if (l->rung == 1 && now - l->last_bytes > 2 * patience) {
        l->rung = 2;
        cancel_all(l);
        int code = libusb_reset_device(l->handle);
        say(l, "reset", code);
        if (code) l->lost = true;
        else if (!l->lost) submit_all(l);
    } else if (l->broken || (l->rung == 2 && now - l->last_bytes > 3 * patience)) {
        close_leg(l);
        look = true;
    }
}
static void on_signal(int number) { (void)number, stop = 1; }

int main(int count, char **arguments) {
    static const struct option options[] = {{"left", 1, 0, 'l'}, {"right", 1, 0, 'r'}, {"hours", 1, 0, 'H'}, {"seconds", 1, 0, 'S'},
        {"out", 1, 0, 'o'}, {"time-scale", 1, 0, 'x'}, {"json", 0, 0, 'j'}, {"verbose", 0, 0, 'v'}, {0}};
    double span = 3;
    const char *path = NULL;
    int option;
    while ((option = getopt_long(count, arguments, "v", options, NULL)) != -1) switch (option) {
        case 'l': legs[leg_count].serial = optarg, legs[leg_count++].stream = 0; break;
        case 'r': legs[leg_count].serial = optarg, legs[leg_count++].stream = 1; break;
        case 'H': span = atof(optarg) * 3600; break;
        case 'S': span = atof(optarg); break;
        case 'o': path = optarg; break;
        case 'x': scale = atof(optarg); break;
        case 'v': verbose = true; break;
        case 'j': break;
        default: return 64;
        }
    if (!leg_count) legs[leg_count++].serial = "LW-LEFT";
    for (int i = 0; i < leg_count; i++) legs[i].rate_mhz = 100000, legs[i].range_mg = 8000, legs[i].lsb = 1.0f / 4096;
    if (path && !(out = fopen(path, "wx"))) return perror(path), 2;
    signal(SIGINT, on_signal), signal(SIGTERM, on_signal);
    began = seconds();
    write_header();
    write_entry(2, 255, 0, "UTC");
    if (libusb_init(&context)) return 2;
    libusb_hotplug_register_callback(context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0, LIBUSB_HOTPLUG_MATCH_ANY,
                                     LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, changed, NULL, NULL);
    long wakes = 0;
    look = true;
    while (!stop && seconds() - began < span / scale) {
        wait_events(0.01), wakes++;
        for (int i = 0; i < leg_count; i++) watch(&legs[i]);
        double rest = 0.5 / scale > 0.05 ? 0.5 / scale : 0.05;
        if (look || seconds() - last_look > rest) look = false, last_look = seconds(), search();
    }
    int code = 0;
    double took = seconds() - began;
    for (int i = 0; i < leg_count; i++) {
        leg *l = &legs[i];
        if (l->handle) libusb_control_transfer(l->handle, 0x40, 3, 0, 0, NULL, 0, 500), close_leg(l);
        printf("%s: %ld frames (%.0f/s), %ld samples, %ld missing, %ld late, %ld boots, %ld openings, %ld stalls, %ld CRC errors, %ld bytes "
               "skipped, %ld marks, %ld infos\n", l->serial, l->frames, (double)l->frames / took, l->samples, l->missing, l->late, l->boots,
               l->opened, l->stalls, l->crc_errors, l->skipped, l->marks, l->infos);
        if (!l->seen) code = 4;
        else if (!code && (l->missing || l->boots > 1)) code = 3;
    }
    printf("%ld wake-ups in %.2f s%s%s%s\n", wakes, took, denied ? "; access was denied" : "", busy ? "; the sensor was busy" : "",
           strangers ? "; another sensor was seen" : "");
    write_entry(5, 255, 0, "end");
    if (out) fclose(out);
    libusb_exit(context);
    return code;
}
