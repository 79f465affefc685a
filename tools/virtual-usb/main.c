// SPDX-License-Identifier: GPL-3.0-or-later
// virtual-usb: runs a command on a virtual USB bus with one or two LegWire sensors that fail on request.
#include "bus.h"
#include "clock.h"
#include "faults.h"
#include "ledger.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <linux/limits.h>
#include <unistd.h>

/// A device and what will happen to its plug.
typedef struct {
    device device;
    double plug_at, unplug_at;  // scenario seconds; 0 for never
    bool keep_power, deny;
} port;

enum { left, right, stranger, port_count };
static port ports[port_count];
static volatile sig_atomic_t signal_caught;
static pid_t child;

static void catch_signal(int number) { signal_caught = number; }

static void plug(port *p, double now) {
    bus_lock();
    if (!p->device.powered) device_boot(&p->device, now);
    bus_unlock();
    bus_plug(&p->device, p->deny);
    p->plug_at = 0, p->deny = false;
}
static void unplug(port *p, double now, double seconds, bool keep_power) {
    bus_unplug(&p->device);
    if (!keep_power) {
        bus_lock();
        device_power_off(&p->device);
        bus_unlock();
    }
    p->plug_at = seconds > 0 ? now + seconds : 0;
}

/// Carries out a fault; false when it must wait until the host reads the device.
static bool inject(const fault *f, double now) {
    port *p = &ports[f->leg], *other = &ports[stranger];
    device *d = &p->device;
    const char *kind = f->kind;
    int amount = (int)f->amount;
    if (f->at > 0 && !(bus_is_plugged(d) && bus_is_read(d))) return false;
    if ((!strcmp(kind, "swap") || !strcmp(kind, "stranger")) && bus_is_plugged(&other->device)) return false;
    bus_lock();
    ledger_fault(d, now, "fault", kind, f->word);
    bool handled = true;
    if (!strcmp(kind, "stall")) {
        d->stalled = true, d->stalled_once = strcmp(f->word, "one") ? 1 << 30 : 1;
        d->stall_remedy = strcmp(f->word, "reset") ? until_clear_halt : until_reset;
    } else if (!strcmp(kind, "chunks")) d->chunked += amount;
    else if (!strcmp(kind, "garbage")) d->garbage += amount;
    else if (!strcmp(kind, "corrupt")) d->corrupt += amount;
    else if (!strcmp(kind, "truncate")) d->truncate += amount;
    else if (!strcmp(kind, "drop")) d->drop += amount;
    else if (!strcmp(kind, "overrun")) device_skip_samples(d, amount);
    else if (!strcmp(kind, "duplicate")) d->duplicate += amount;
    else if (!strcmp(kind, "reorder")) d->reorder += amount;
    else if (!strcmp(kind, "unknown")) device_send_unknown(d, now);
    else if (!strcmp(kind, "babble")) d->babble += amount;
    else if (!strcmp(kind, "protocol")) d->protocol_error += amount;
    else if (!strcmp(kind, "range")) device_set_range(d, now, atoi(f->word) ? atoi(f->word) : amount);
    else if (!strcmp(kind, "rate")) device_set_rate(d, now, atoi(f->word) ? atoi(f->word) : amount);
    else if (!strcmp(kind, "battery")) d->battery_mv = amount;
    else if (!strcmp(kind, "mark")) device_mark(d, now);
    else if (!strcmp(kind, "reboot")) {
        device_boot(d, now);
        device_control(d, now, request_start, 0, NULL, 0, NULL);
    } else if (!strcmp(kind, "hang")) {
        d->silent = true, d->silent_until = now + f->amount;
        d->silence_remedy = !strcmp(f->word, "clear-halt") ? until_clear_halt : !strcmp(f->word, "reset") ? until_reset
                          : !strcmp(f->word, "reopen") ? until_reopen : until_time;
    } else if (!strcmp(kind, "freeze")) d->frozen = true, d->silent_until = now + (strcmp(f->word, "reset") ? f->amount : 1e9);
    else handled = false;
    bus_unlock();
    if (handled) return true;
    double away = f->amount;
    bool keep_power = !strcmp(f->word, "battery");
    if (!strcmp(kind, "busy") || !strcmp(kind, "denied")) away = f->at > 0 ? f->amount / 2 : 0;
    if (!strcmp(kind, "busy")) d->busy = true, d->busy_until = now + f->amount;
    if (!strcmp(kind, "denied")) p->deny = d->denied = true, d->denied_until = now + f->amount;
    if (!strcmp(kind, "swap") || !strcmp(kind, "stranger")) {
        other->device.port = !strcmp(kind, "swap") ? d->port : 3;
        other->unplug_at = now + f->amount * 0.9;
        if (!strcmp(kind, "swap")) unplug(p, now, away, false);
        plug(other, now);
    } else if (bus_is_plugged(d)) unplug(p, now, away, keep_power);
    else if (away > 0) p->plug_at = now + away;
    return true;
}

static void timers(port *p, double now) {
    device *d = &p->device;
    if (p->unplug_at > 0 && now >= p->unplug_at) unplug(p, now, 0, false), p->unplug_at = 0;
    if (p->plug_at > 0 && now >= p->plug_at) {
        plug(p, now);
    }
    bus_lock();
    if (d->silent && d->silence_remedy == until_time && now >= d->silent_until) d->silent = false, ledger_fault(d, now, "fault-end", "hang", "time");
    if (d->frozen && now >= d->silent_until) d->frozen = false, ledger_fault(d, now, "fault-end", "freeze", "time");
    if (d->busy && now >= d->busy_until) d->busy = false, ledger_fault(d, now, "fault-end", "busy", "time");
    bus_unlock();
    if (d->denied && now >= d->denied_until) d->denied = p->deny = false, bus_permit(d);
}

/// Starts the command in the testbed, with `node-permissions.so` before umockdev's library.
static pid_t run(char **command, const char *self) {
    pid_t pid = fork();
    if (pid) return pid;
    char preload[PATH_MAX];
    snprintf(preload, sizeof preload, "%.*s/node-permissions.so:libumockdev-preload.so.0", (int)(strrchr(self, '/') - self), self);
    setenv("LD_PRELOAD", preload, 1);
    setenv("VIRTUAL_USB", "1", 1);
    execvp(command[0], command);
    fprintf(stderr, "virtual-usb: cannot run %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

static bool is_preloaded(void) {
    char line[PATH_MAX + 100];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && !found && fgets(line, sizeof line, maps)) found = strstr(line, "libumockdev-preload") != NULL;
    if (maps) fclose(maps);
    return found;
}

static int usage(void) {
    puts("virtual-usb [options] -- COMMAND [ARGUMENT…]\n"
         "  --left SERIAL, --right SERIAL   the sensors (LW-LEFT alone by default)\n"
         "  --rate HZ --range MG            of both at power-up (100, 8000)\n"
         "  --time-scale N                  the devices live N times as fast (1)\n"
         "  --hours H | --seconds S         span of the scenario in the devices' time (3 s); faults by chance lie in it\n"
         "  --stop-after S                  SIGTERM to the command after S of the devices' seconds\n"
         "  --fault TIME:LEG:KIND[:AMOUNT][:WORD]   times and durations in the devices' seconds; time 0: before the command starts\n"
         "  --faults FILE                   such lines\n"
         "  --random N --seed S             N faults by chance; the seed also makes the samples\n"
         "  --cdc                           the sensors are serial ports (CDC-ACM), as CircuitPython boards are\n"
         "  --buffer KIB                    what a sensor keeps while nobody reads (64)\n"
         "  --ledger FILE                   what was sent and injected, as JSON lines\n"
         "  --pid-file FILE                 the command's process id\n"
         "kinds of fault:");
    faults_print_kinds();
    return 64;
}

int main(int count, char **arguments) {
    char self[PATH_MAX] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return 1;
    if (!is_preloaded()) {  // the sender of uevents must run under the preload, too
        if (getenv("VIRTUAL_USB_SELF")) {
            fputs("virtual-usb: libumockdev-preload.so.0 is missing; install umockdev\n", stderr);
            return 1;
        }
        setenv("LD_PRELOAD", "libumockdev-preload.so.0", 1);
        setenv("VIRTUAL_USB_SELF", "1", 1);
        execv(self, arguments);
        return 1;
    }
    unsetenv("VIRTUAL_USB_SELF");
    static const struct option options[] = {
        {"left", 1, 0, 'l'}, {"right", 1, 0, 'r'}, {"rate", 1, 0, 'R'}, {"range", 1, 0, 'g'}, {"time-scale", 1, 0, 'x'}, {"hours", 1, 0, 'H'},
        {"seconds", 1, 0, 'S'}, {"stop-after", 1, 0, 'T'}, {"fault", 1, 0, 'f'}, {"faults", 1, 0, 'F'}, {"random", 1, 0, 'n'}, {"seed", 1, 0, 's'},
        {"buffer", 1, 0, 'b'}, {"cdc", 0, 0, 'c'}, {"ledger", 1, 0, 'L'}, {"pid-file", 1, 0, 'p'}, {"help", 0, 0, 'h'}, {0}};
    const char *serials[2] = {NULL, NULL}, *ledger = NULL, *pid_file = NULL;
    double scale = 1, seconds = 3, stop_after = 0;
    int rate = 100, range = 8000, random = 0, buffer = 64, option;
    uint64_t seed = 1;
    faults all = {0};
    while ((option = getopt_long(count, arguments, "+h", options, NULL)) != -1) switch (option) {
        case 'l': serials[left] = optarg; break;
        case 'r': serials[right] = optarg; break;
        case 'R': rate = atoi(optarg); break;
        case 'g': range = atoi(optarg); break;
        case 'x': scale = atof(optarg); break;
        case 'H': seconds = atof(optarg) * 3600; break;
        case 'S': seconds = atof(optarg); break;
        case 'T': stop_after = atof(optarg); break;
        case 'f': if (!faults_parse(&all, optarg)) return fprintf(stderr, "virtual-usb: no such fault: %s\n", optarg), 64; break;
        case 'F': if (!faults_read(&all, optarg)) return fprintf(stderr, "virtual-usb: cannot use %s\n", optarg), 64; break;
        case 'n': random = atoi(optarg); break;
        case 's': seed = strtoull(optarg, NULL, 10); break;
        case 'c': bus_use_serial_ports(); break;
        case 'b': buffer = atoi(optarg); break;
        case 'L': ledger = optarg; break;
        case 'p': pid_file = optarg; break;
        default: return usage();
        }
    if (optind >= count) return usage();
    if (!serials[left] && !serials[right]) serials[left] = "LW-LEFT";
    if (random) faults_draw(&all, random, seconds, serials[left] && serials[right] ? 2 : 1, seed);
    if (!serials[left]) for (int i = 0; i < all.count; i++) all.list[i].leg = right;
    faults_sort(&all);

    if (!ledger_open(ledger, scale, seconds)) return fprintf(stderr, "virtual-usb: cannot write %s\n", ledger), 1;
    static const char *const names[] = {"left", "right", "stranger"};
    for (int i = 0; i < port_count; i++) {
        device *d = &ports[i].device;
        if (i < stranger && !serials[i]) continue;
        device_init(d, names[i], i < stranger ? serials[i] : "LW-STRANGER", i, i + 1, seed, rate, range);
        d->buffer = buffer * 1024;
        ledger_device(d);
    }
    bus_open();
    clock_start(scale);
    for (int i = 0; i < all.count; i++)
        if (all.list[i].at <= 0 && ports[all.list[i].leg].device.name) all.list[i].done = inject(&all.list[i], 0);
    for (int i = 0; i < stranger; i++)
        if (ports[i].device.name && ports[i].plug_at <= 0) plug(&ports[i], 0);

    struct sigaction action = {.sa_handler = catch_signal};
    sigaction(SIGINT, &action, NULL), sigaction(SIGTERM, &action, NULL), sigaction(SIGHUP, &action, NULL);
    child = run(arguments + optind, self);
    if (pid_file) {
        FILE *file = fopen(pid_file, "w");
        if (file) fprintf(file, "%d\n", child), fclose(file);
    }
    int status = 0, waiting = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        double now = clock_scenario();
        waiting = 0;
        for (int i = 0; i < all.count && all.list[i].at <= now; i++)
            if (!all.list[i].done && ports[all.list[i].leg].device.name && !(all.list[i].done = inject(&all.list[i], now))) waiting++;
        for (int i = 0; i < port_count; i++)
            if (ports[i].device.name) timers(&ports[i], now);
        bus_tick();
        if (signal_caught) kill(child, signal_caught), signal_caught = 0;
        if (stop_after > 0 && now >= stop_after) kill(child, SIGTERM), stop_after = 0;
        usleep(1000);
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ledger_close(clock_scenario(), code);
    bus_close();
    return code;
}
