// SPDX-License-Identifier: GPL-3.0-or-later
// A LegWire sensor for a real kernel: speaks USB/IP to vhci_hcd over a socket pair. Runs as root inside the guest.
// usbip-device LEDGER SECONDS SERIAL SEED [FAULT…], with the faults stall, babble, protocol, unplug and those of frames.
#include "clock.h"
#include "device.h"
#include "faults.h"
#include "ledger.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { submit = 1, unlink_request, submit_answer, unlink_answer, packet_size = 48, queue_size = 64 };
typedef struct { uint32_t number; int length; } waiting;
static device sensor;
static waiting queue[queue_size];  // transfers of endpoint 0x81 that wait for data
static int queue_count, link_fd = -1;
static bool stop;

static void terminate(int number) { (void)number, stop = true; }
static void must_write(const void *bytes, size_t count) {
    for (const char *at = bytes; count > 0;) {
        ssize_t n = write(link_fd, at, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        at += n, count -= (size_t)n;
    }
}
static bool read_all(void *bytes, size_t count) {
    for (char *at = bytes; count > 0;) {
        ssize_t n = read(link_fd, at, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n, count -= (size_t)n;
    }
    return true;
}
static void answer(uint32_t kind, uint32_t number, int status, int length, const uint8_t *data, int count) {
    uint32_t packet[packet_size / 4] = {htonl(kind), htonl(number), 0, 0, 0, htonl((uint32_t)status), htonl((uint32_t)length)};
    uint8_t all[packet_size + 65536];
    memcpy(all, packet, packet_size);
    if (count) memcpy(all + packet_size, data, (size_t)count);
    must_write(all, packet_size + (size_t)count);
}

static int descriptor(int type, int number, uint8_t *to) {
    static const uint8_t device_bytes[] = {18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 1, 0, 0, 1, 1, 2, 3, 1};
    static const uint8_t configuration[] = {9, 2, 32, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 2, 0xFF, 0x4C, 1, 0, 7, 5, 0x81, 2, 64, 0, 0, 7, 5, 1, 2, 64, 0, 0};
    const char *texts[] = {"", "nattro", "LegWire 1 (virtual)", sensor.serial};
    if (type == 1) return memcpy(to, device_bytes, sizeof device_bytes), (int)sizeof device_bytes;
    if (type == 2) return memcpy(to, configuration, sizeof configuration), (int)sizeof configuration;
    if (type != 3 || number > 3) return -1;
    if (number == 0) return memcpy(to, "\4\3\t\4", 4), 4;
    int count = 2 + 2 * (int)strlen(texts[number]);
    memset(to, 0, (size_t)count);
    to[0] = (uint8_t)count, to[1] = 3;
    for (int i = 2; i < count; i += 2) to[i] = (uint8_t)texts[number][i / 2 - 1];
    return count;
}

static void control(uint32_t number, const uint8_t setup[8], const uint8_t *data, int room) {
    uint8_t reply[1024] = {0};
    int count = -1, value = setup[2] | setup[3] << 8;
    double now = clock_scenario();
    if (setup[0] == 0x80 && setup[1] == 6) count = descriptor(setup[3], setup[2], reply);
    else if (setup[0] == 0x80 && setup[1] == 0) count = 2;
    else if ((setup[0] & 0x60) == 0 && (setup[1] == 9 || setup[1] == 11)) count = 0;  // configuration, interface
    else if (setup[0] == 2 && setup[1] == 1) {  // the host clears a halt
        if (sensor.stalled) ledger_fault(&sensor, now, "fault-end", "stall", "clear-halt");
        sensor.stalled = false, count = 0;
    } else if ((setup[0] & 0x60) == 0x40) {
        count = device_control(&sensor, now, setup[1], value, data, room, reply);
        if (setup[1] == request_start) ledger_host(&sensor, now, "start", count);
    }
    if (count > room) count = room;
    if (count < 0) answer(submit_answer, number, -EPIPE, 0, NULL, 0);
    else if (setup[0] & 0x80) answer(submit_answer, number, 0, count, reply, count);
    else answer(submit_answer, number, 0, room, NULL, 0);
}

static void take_request(void) {
    uint32_t packet[packet_size / 4];
    uint8_t data[65536];
    if (!read_all(packet, packet_size)) {
        close(link_fd), link_fd = -1;
        return;
    }
    uint32_t kind = ntohl(packet[0]), number = ntohl(packet[1]), in = ntohl(packet[3]), endpoint = ntohl(packet[4]);
    int length = (int)ntohl(packet[6]);
    if (kind == unlink_request) {
        uint32_t victim = ntohl(packet[5]);
        for (int i = 0; i < queue_count; i++)
            if (queue[i].number == victim) {
                memmove(queue + i, queue + i + 1, (size_t)(--queue_count - i) * sizeof *queue);
                answer(unlink_answer, number, -ECONNRESET, 0, NULL, 0);
                return;
            }
        answer(unlink_answer, number, 0, 0, NULL, 0);
        return;
    }
    if (kind != submit) return;
    if (!in && length > 0 && length <= (int)sizeof data && !read_all(data, (size_t)length)) return;
    if (endpoint == 0) control(number, (uint8_t *)packet + 40, data, length);
    else if (in && queue_count < queue_size) queue[queue_count++] = (waiting){number, length};
    else answer(submit_answer, number, 0, length, NULL, 0);
}

static void pump(void) {
    while (queue_count && link_fd >= 0) {
        uint8_t data[65536];
        int status = 0, bytes = 0, count = 0;
        portion portions[portions_per_transfer];
        if (sensor.stalled) status = -EPIPE;
        else if (sensor.babble > 0) sensor.babble--, status = -EOVERFLOW;
        else if (sensor.protocol_error > 0) sensor.protocol_error--, status = -EPROTO;
        else if (sensor.head) bytes = device_take(&sensor, data, queue[0].length, 1, portions, &count);
        else return;
        uint32_t number = queue[0].number;
        memmove(queue, queue + 1, (size_t)--queue_count * sizeof *queue);
        answer(submit_answer, number, status, bytes, data, bytes);
        for (int i = 0; i < count; i++) {
            frame *f = portions[i].frame;
            f->reaped += portions[i].bytes;
            if (f->reaped < f->size) continue;
            ledger_frame(&sensor, f);
            free(f);
        }
        if (sensor.stalled) return;
    }
}

static bool plug(void) {
    int pair[2];
    char text[64];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return false;
    int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY), speed = 2;  // full speed
    int count = snprintf(text, sizeof text, "0 %d 65538 %d", pair[1], speed);
    bool good = attach >= 0 && write(attach, text, (size_t)count) == count;
    if (!good) perror("usbip-device: attach");
    close(attach), close(pair[1]);
    link_fd = pair[0], queue_count = 0;
    ledger_host(&sensor, clock_scenario(), "plugged", 0);
    return good;
}

int main(int count, char **arguments) {
    if (count < 5) return 64;
    faults all = {0};
    for (int i = 5; i < count; i++)
        if (!faults_parse(&all, arguments[i])) return 64;
    faults_sort(&all);
    double seconds = atof(arguments[2]), replug = 0, begun = -1;
    if (!ledger_open(arguments[1], 1, seconds)) return 1;
    signal(SIGTERM, terminate), signal(SIGPIPE, SIG_IGN);
    device_init(&sensor, "left", arguments[3], 0, 1, strtoull(arguments[4], NULL, 10), 100, 8000);
    ledger_device(&sensor);
    clock_start(1);
    device_boot(&sensor, 0);
    if (!plug()) return 1;
    while (!stop) {
        struct pollfd wait = {link_fd, POLLIN, 0};
        poll(&wait, 1, 1);
        while (link_fd >= 0 && poll(&wait, 1, 0) > 0) take_request();
        double now = clock_scenario();
        if (begun < 0 && sensor.started) begun = now;  // the faults' times count from here: the guest may be slow
        for (int i = 0; begun >= 0 && i < all.count && begun + all.list[i].at <= now; i++) {
            fault *f = &all.list[i];
            if (f->done || !sensor.started) continue;
            f->done = true;
            ledger_fault(&sensor, now, "fault", f->kind, f->word);
            int amount = (int)f->amount;
            if (!strcmp(f->kind, "stall")) sensor.stalled = true;
            else if (!strcmp(f->kind, "babble")) sensor.babble += amount;
            else if (!strcmp(f->kind, "protocol")) sensor.protocol_error += amount;
            else if (!strcmp(f->kind, "garbage")) sensor.garbage += amount;
            else if (!strcmp(f->kind, "corrupt")) sensor.corrupt += amount;
            else if (!strcmp(f->kind, "drop")) sensor.drop += amount;
            else if (!strcmp(f->kind, "chunks")) sensor.chunked += amount;
            else if (!strcmp(f->kind, "unplug")) {
                close(link_fd), link_fd = -1, queue_count = 0, replug = now + f->amount;
                ledger_host(&sensor, now, "unplugged", 0);
                device_power_off(&sensor);
            }
        }
        if (replug > 0 && now >= replug) {
            replug = 0;
            device_boot(&sensor, now);
            plug();
        }
        if (link_fd >= 0) device_advance(&sensor, now), pump();
    }
    ledger_close(clock_scenario(), 0);
    return 0;
}
