// SPDX-License-Identifier: GPL-3.0-or-later
// A LegWire sensor on a serial port of USB, as a gadget of the real kernel: dummy_hcd carries it back to the same kernel's host
// side, where cdc_acm takes the port before the recorder does. Runs as root inside the guest, after `init` made the gadget.
// gadget-device LEDGER SECONDS SERIAL SEED [FAULT…], with the faults unplug and those of frames.
//
// What is on its way cannot be asked back from the kernel. So the sensor falls silent before it is unplugged, ends before the
// recorder does, and is silent for a second after SIGUSR1, before the host sleeps: everything that it gave to the kernel arrives.
#include "clock.h"
#include "device.h"
#include "faults.h"
#include "ledger.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const char controller[] = "/sys/kernel/config/usb_gadget/leg/UDC", name[] = "dummy_udc.0";
static const double drain_seconds = 0.3;
static device sensor;
static int port = -1;
static volatile sig_atomic_t stop, asked_to_be_silent;

static void terminate(int number) { (void)number, stop = true; }
static void be_silent(int number) { (void)number, asked_to_be_silent = true; }

/// Opens the port, which hangs up whenever the host's side resets it.
static bool open_port(void) {
    struct termios raw;
    if (port >= 0) close(port);
    port = open("/dev/ttyGS0", O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (port >= 0 && !tcgetattr(port, &raw)) cfmakeraw(&raw), tcsetattr(port, TCSANOW, &raw);
    return port >= 0;
}

static bool plug(void) {
    int file = open(controller, O_WRONLY);
    bool good = file >= 0 && write(file, name, sizeof name - 1) > 0;
    if (!good) perror("gadget-device: UDC");
    close(file);
    for (int i = 0; !open_port() && i < 100; i++) usleep(20000);
    ledger_host(&sensor, clock_scenario(), "plugged", 0);
    return good && port >= 0;
}
static void unplug(void) {
    close(port), port = -1;
    int file = open(controller, O_WRONLY);
    if (file < 0 || write(file, "\n", 1) < 0) perror("gadget-device: UDC");
    close(file);
    ledger_host(&sensor, clock_scenario(), "unplugged", 0);
}

/// The driver of the data interface on the host's side.
static bool driver_is(const char *wanted) {
    char link[256];
    for (int bus = 1; bus < 40; bus++) {
        char path[64];
        snprintf(path, sizeof path, "/sys/bus/usb/devices/%d-1:1.1/driver", bus);
        ssize_t count = readlink(path, link, sizeof link - 1);
        if (count < 0) continue;
        link[count] = 0;
        const char *slash = strrchr(link, '/');
        return slash && !strcmp(slash + 1, wanted);
    }
    return false;
}

/// Hands what waits to the kernel, as much as it takes at once.
static void pump(double now) {
    int waiting = 0;
    while (port >= 0 && sensor.head && !ioctl(port, TIOCOUTQ, &waiting) && waiting < 2048) {
        uint8_t data[512];
        portion portions[portions_per_transfer];
        int count = 0, bytes = device_take(&sensor, data, sizeof data, 1, portions, &count);
        if (write(port, data, (size_t)bytes) != bytes) {  // what was taken is gone, and was never sent
            fprintf(stderr, "gadget-device: the port did not take %d bytes at %.3f: %s\n", bytes, now, strerror(errno));
            open_port();
            return;
        }
        for (int i = 0; i < count; i++) {
            frame *f = portions[i].frame;
            f->reaped += portions[i].bytes;
            if (f->reaped < f->size) continue;
            ledger_frame(&sensor, f);
            free(f);
        }
    }
}

int main(int count, char **arguments) {
    if (count < 5) return 64;
    faults all = {0};
    for (int i = 5; i < count; i++)
        if (!faults_parse(&all, arguments[i])) return 64;
    faults_sort(&all);
    double seconds = atof(arguments[2]), replug = 0, begun = -1, silent_until = 0, away = 0, loud_at = 0;
    bool was_read = false;
    if (!ledger_open(arguments[1], 1, seconds)) return 1;
    signal(SIGTERM, terminate), signal(SIGUSR1, be_silent), signal(SIGPIPE, SIG_IGN), signal(SIGHUP, SIG_IGN);
    device_init(&sensor, "left", arguments[3], 0, 1, strtoull(arguments[4], NULL, 10), 100, 8000);
    ledger_device(&sensor);
    clock_start(1);
    device_boot(&sensor, 0);
    if (!plug()) return 1;
    while (!stop) {
        usleep(2000);
        double now = clock_scenario();
        bool is_read = port >= 0 && driver_is("usbfs");
        if (is_read != was_read) {  // that the line is open cannot be asked here; that cdc_acm had to go, can
            was_read = is_read;
            ledger_host(&sensor, now, is_read ? "claim" : "close", 0);
            fprintf(stderr, "gadget-device: %s has the port at %.3f\n", is_read ? "the recorder" : driver_is("cdc_acm") ? "cdc_acm" : "nobody", now);
            if (is_read) {
                open_port();
                usleep(50000);
                device_control(&sensor, clock_scenario(), request_start, 0, NULL, 0, NULL);
                if (begun < 0) begun = now;
                ledger_host(&sensor, now, "start", 0);
            }
        }
        if (begun >= 0 && now >= begun + seconds - 1) sensor.started = false;
        if (asked_to_be_silent) asked_to_be_silent = false, sensor.started = false, loud_at = now + 1;
        if (loud_at > 0 && now >= loud_at) loud_at = 0, sensor.started = is_read;
        for (int i = 0; begun >= 0 && i < all.count && begun + all.list[i].at <= now; i++) {
            fault *f = &all.list[i];
            if (f->done || !sensor.started) continue;
            f->done = true;
            ledger_fault(&sensor, now, "fault", f->kind, f->word);
            int amount = (int)f->amount;
            if (!strcmp(f->kind, "garbage")) sensor.garbage += amount;
            else if (!strcmp(f->kind, "corrupt")) sensor.corrupt += amount;
            else if (!strcmp(f->kind, "drop")) sensor.drop += amount;
            else if (!strcmp(f->kind, "chunks")) sensor.chunked += amount;
            else if (!strcmp(f->kind, "unplug")) sensor.started = false, silent_until = now + drain_seconds, away = f->amount;
        }
        device_advance(&sensor, now), pump(now);
        if (silent_until > 0 && now >= silent_until) {
            silent_until = 0, replug = now + away;
            unplug();
            device_power_off(&sensor);
        }
        if (replug > 0 && now >= replug) {
            replug = 0;
            device_boot(&sensor, now);
            if (!plug()) stop = true;
        }
    }
    if (port >= 0) unplug();
    ledger_close(clock_scenario(), 0);
    return 0;
}
