// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus.h"
#include "clock.h"
#include "ledger.h"
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <umockdev.h>
#include <unistd.h>

/// A transfer the host submitted.
typedef struct {
    UMockdevIoctlData *urb, *buffer;
    portion portions[portions_per_transfer];
    int portion_count;
} transfer;

/// One opening of a device by the host.
typedef struct {
    UMockdevIoctlClient *handle;
    int session;
    bool claimed;
    GQueue flying, control, completed;  // of transfer
    UMockdevIoctlData *held;            // a REAPURBNDELAY that is answered up to 2 ms later
    double held_since;
} client;

/// A device node: one plugging-in. It outlives the unplugging, since a closed socket would end the host's process.
typedef struct {
    device *device;
    char name[40], path[64], mark[PATH_MAX];
    bool gone;
    UMockdevIoctlBase *handler;
    GList *clients;
} node;

static const double longest_hold = 0.002;
static UMockdevTestbed *testbed;
static char *root;
static bool serial_ports;
static GMutex mutex;
static GList *nodes;
static int plugged_ever = 1, sessions;

void bus_lock(void) { g_mutex_lock(&mutex); }
void bus_unlock(void) { g_mutex_unlock(&mutex); }
const char *bus_root(void) { return root; }
void bus_use_serial_ports(void) { serial_ports = true; }

static struct usbdevfs_urb *urb_of(transfer *t) { return (struct usbdevfs_urb *)t->urb->data; }

static void transfer_free(transfer *t) {
    if (t->buffer) umockdev_ioctl_data_unref(t->buffer);
    umockdev_ioctl_data_unref(t->urb);
    free(t);
}

static void finish(client *c, transfer *t, int status, int bytes) {
    urb_of(t)->status = status, urb_of(t)->actual_length = bytes;
    g_queue_push_tail(&c->completed, t);
}

enum { set_line_coding = 0x20, set_line_state = 0x22 };

/// The host has these bytes now.
static void delivered(const device *d, transfer *t) {
    for (int i = 0; i < t->portion_count; i++) {
        frame *f = t->portions[i].frame;
        f->reaped += t->portions[i].bytes;
        if (f->reaped < f->size) continue;
        ledger_frame(d, f);
        free(f);
    }
}

static void reap(node *n, client *c, UMockdevIoctlData *argument) {
    transfer *t = g_queue_pop_head(&c->completed);
    UMockdevIoctlData *pointer = umockdev_ioctl_data_resolve(argument, 0, sizeof(void *), NULL);
    umockdev_ioctl_data_set_ptr(pointer, 0, t->urb);
    umockdev_ioctl_data_unref(pointer);
    delivered(n->device, t);
    UMockdevIoctlClient *handle = c->handle;
    umockdev_ioctl_client_complete(handle, 0, 0);
    transfer_free(t);
}

/// What of the queue has already gone over the wire when the head of the line is cut off: whole packets of 64 bytes.
static int partial(device *d, client *c, transfer *t) {
    int packets = d->silent || d->frozen || d->stalled || d->chunked ? 0 : d->queued / 64;
    if (packets > 3) packets = 3;
    packets = packets ? (int)random_below(&d->chance, (uint32_t)packets + 1) : 0;
    return packets ? device_take(d, t->buffer->data, packets * 64, c->session, t->portions, &t->portion_count) : 0;
}

/// Fills and ends transfers as the device has something to say.
static void pump(node *n, client *c) {
    device *d = n->device;
    if (n->gone || !d->powered || d->silent || d->frozen) return;
    double patience = clock_scale() > 4 ? 0.004 * clock_scale() : 0;
    while (!g_queue_is_empty(&c->flying)) {
        transfer *head = g_queue_peek_head(&c->flying);
        if (d->stalled) {
            if (!d->stalled_once) return;
            if (d->stalled_once > 0) d->stalled_once--;
            finish(c, g_queue_pop_head(&c->flying), -EPIPE, 0);
        } else if (d->protocol_error > 0) {
            d->protocol_error--;
            finish(c, g_queue_pop_head(&c->flying), -EPROTO, 0);
        } else if (d->babble > 0) {
            d->babble--;
            finish(c, g_queue_pop_head(&c->flying), -EOVERFLOW, 0);
        } else if (d->head && (d->queued >= urb_of(head)->buffer_length || clock_scenario() - d->oldest >= patience)) {
            g_queue_pop_head(&c->flying);
            int bytes = device_take(d, head->buffer->data, urb_of(head)->buffer_length, c->session, head->portions, &head->portion_count);
            finish(c, head, 0, bytes);
        } else return;
    }
}

static void answer_control(node *n, client *c, transfer *t) {
    device *d = n->device;
    const uint8_t *setup = t->buffer->data;
    int room = (setup[6] | setup[7] << 8), value = setup[2] | setup[3] << 8, count = -1;
    double now = clock_scenario();
    uint8_t reply[512] = {0};
    if (setup[0] == 0x80 && setup[1] == 6 && setup[3] == 3) {
        const char *texts[] = {"", "nattro", "LegWire 1 (virtual)", d->serial};
        reply[1] = 3;
        if (setup[2] == 0) count = 4, reply[2] = 9, reply[3] = 4;
        else if (setup[2] < 4) {
            count = 2 + 2 * (int)strlen(texts[setup[2]]);
            for (int i = 2; i < count; i += 2) reply[i] = (uint8_t)texts[setup[2]][i / 2 - 1];
        }
        reply[0] = (uint8_t)count;
    } else if (setup[0] == 0x80 && setup[1] == 0) count = 2;
    else if (serial_ports ? setup[0] == 0x21 && setup[1] == set_line_state : setup[0] == 0xC0 || setup[0] == 0x40) {
        // On a serial port the line that is opened is START, and that it is closed is STOP.
        int request = !serial_ports ? setup[1] : value & 1 ? request_start : request_stop;
        if (request == request_start && d->silent && d->silence_remedy != until_time) {
            d->silent = false;
            ledger_fault(d, now, "fault-end", "hang", "start");
        }
        count = device_control(d, now, request, value, t->buffer->data + 8, room, reply);
        static const char *const names[] = {"?", "get-info", "start", "stop", "set-time", "set-rate"};
        ledger_host(d, now, names[request < 6 ? request : 0], count);
    } else if (serial_ports && setup[0] == 0x21 && setup[1] == set_line_coding) count = room;
    if (count < 0) {
        finish(c, t, -EPIPE, 0);
        return;
    }
    if (count > room) count = room;
    if (setup[0] & 0x80) memcpy(t->buffer->data + 8, reply, (size_t)count);
    else count = room;
    finish(c, t, 0, count);
}

static void submit(node *n, client *c, UMockdevIoctlClient *handle, UMockdevIoctlData *argument) {
    transfer *t = calloc(1, sizeof *t);
    t->urb = umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL);
    struct usbdevfs_urb *urb = urb_of(t);
    if (urb->buffer_length)
        t->buffer = umockdev_ioctl_data_resolve(t->urb, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), (gsize)urb->buffer_length, NULL);
    if (urb->type == USBDEVFS_URB_TYPE_CONTROL && t->buffer) {
        if (n->device->frozen) g_queue_push_tail(&c->control, t);
        else answer_control(n, c, t);
    } else if (urb->type == USBDEVFS_URB_TYPE_BULK && urb->endpoint == 0x81 && t->buffer) {
        g_queue_push_tail(&c->flying, t);
    } else if (urb->type == USBDEVFS_URB_TYPE_BULK && urb->endpoint == 0x01) {
        if (serial_ports && t->buffer)
            ledger_host(n->device, clock_scenario(), device_obey(n->device, clock_scenario(), t->buffer->data, urb->buffer_length) ? "command" : "no-command", t->buffer->data[2]);
        finish(c, t, 0, urb->buffer_length);
    } else {
        transfer_free(t);
        umockdev_ioctl_client_complete(handle, -1, ENOENT);
        return;
    }
    umockdev_ioctl_client_complete(handle, 0, 0);
}

static transfer *find(GQueue *queue, gulong address) {
    for (GList *l = queue->head; l; l = l->next)
        if (((transfer *)l->data)->urb->client_addr == address) return l->data;
    return NULL;
}

static bool discard(node *n, client *c, gulong address) {
    transfer *t = find(&c->flying, address);
    if (t) {
        bool first = t == g_queue_peek_head(&c->flying);
        g_queue_remove(&c->flying, t);
        finish(c, t, -ENOENT, first && !n->gone && n->device->powered ? partial(n->device, c, t) : 0);
        return true;
    }
    if (!(t = find(&c->control, address))) return false;
    g_queue_remove(&c->control, t);
    finish(c, t, -ENOENT, 0);
    return true;
}

static void end_all(client *c, GQueue *queue, int status) {
    transfer *t;
    while ((t = g_queue_pop_head(queue))) finish(c, t, status, 0);
}

static void heal(device *d, remedy by, const char *word) {
    double now = clock_scenario();
    if (d->stalled && d->stall_remedy <= by && d->stall_remedy != until_time) {
        d->stalled = false;
        ledger_fault(d, now, "fault-end", "stall", word);
    }
    if (d->silent && d->silence_remedy <= by && d->silence_remedy != until_time) {
        d->silent = false;
        ledger_fault(d, now, "fault-end", "hang", word);
    }
    if (d->frozen && by >= until_reset) {
        d->frozen = false;
        ledger_fault(d, now, "fault-end", "freeze", word);
    }
}

static client *client_of(node *n, UMockdevIoctlClient *handle) {
    for (GList *l = n->clients; l; l = l->next)
        if (((client *)l->data)->handle == handle) return l->data;
    client *c = calloc(1, sizeof *c);
    c->handle = g_object_ref(handle), c->session = ++sessions;
    g_queue_init(&c->flying), g_queue_init(&c->control), g_queue_init(&c->completed);
    n->clients = g_list_append(n->clients, c);
    ledger_host(n->device, clock_scenario(), "open", 0);
    return c;
}

static void drop_client(node *n, client *c) {
    GQueue *queues[] = {&c->flying, &c->control, &c->completed};
    for (int i = 0; i < 3; i++) {
        transfer *t;
        while ((t = g_queue_pop_head(queues[i]))) transfer_free(t);
    }
    n->clients = g_list_remove(n->clients, c);
    g_object_unref(c->handle);
    free(c);
}

/// Forgets what the host has closed. umockdev has a signal for it, which 0.17 never sends.
static void drop_vanished(node *n) {
    for (GList *l = n->clients, *next; l; l = next) {
        client *c = l->data;
        next = l->next;
        if (umockdev_ioctl_client_get_connected(c->handle)) continue;
        ledger_host(n->device, clock_scenario(), "close", 0);
        drop_client(n, c);
    }
}

static bool claimed_by_another(node *n, client *c) {
    for (GList *l = n->clients; l; l = l->next)
        if (l->data != c && ((client *)l->data)->claimed) return true;
    return false;
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *handle, gpointer user) {
    (void)base;
    node *n = user;
    device *d = n->device;
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(handle);
    gulong request = umockdev_ioctl_client_get_request(handle);
    long result = 0;
    int error = 0;
    bool answered = false;
    bus_lock();
    drop_vanished(n);
    client *c = client_of(n, handle);
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES: {
        UMockdevIoctlData *flags = umockdev_ioctl_data_resolve(argument, 0, sizeof(guint32), NULL);
        *(guint32 *)flags->data = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        umockdev_ioctl_data_unref(flags);
        break;
    }
    case USBDEVFS_CLAIMINTERFACE:
        if (n->gone) error = ENODEV;
        else if (d->busy || claimed_by_another(n, c)) error = EBUSY;
        else c->claimed = true;
        ledger_host(d, clock_scenario(), "claim", error);
        break;
    case USBDEVFS_RELEASEINTERFACE:
        if (n->gone) error = ENODEV;
        end_all(c, &c->flying, -ENOENT);
        c->claimed = false;
        break;
    case USBDEVFS_CLEAR_HALT:
        if (n->gone) error = ENODEV;
        else if (d->frozen) error = ETIMEDOUT;
        else heal(d, until_clear_halt, "clear-halt");
        ledger_host(d, clock_scenario(), "clear-halt", error);
        break;
    case USBDEVFS_RESET:
        if (n->gone) error = ENODEV;
        else {
            end_all(c, &c->flying, -EPROTO);
            heal(d, until_reset, "reset");
        }
        ledger_host(d, clock_scenario(), "reset", error);
        break;
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_SETINTERFACE: error = n->gone ? ENODEV : 0; break;
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL: error = n->gone ? ENODEV : ENODATA; break;
    case USBDEVFS_SUBMITURB:
        if (n->gone) error = ENODEV;
        else submit(n, c, handle, argument), pump(n, c), answered = true;
        break;
    case USBDEVFS_DISCARDURB:
        if (!discard(n, c, *(gulong *)argument->data)) error = EINVAL;
        break;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
        pump(n, c);
        if (!g_queue_is_empty(&c->completed)) reap(n, c, argument), answered = true;
        else if (n->gone) error = ENODEV;
        else c->held = argument, c->held_since = clock_real(), answered = true;
        break;
    default: error = ENOTTY;
    }
    if (!answered) umockdev_ioctl_client_complete(handle, error ? -1 : result, error);
    bus_unlock();
    return TRUE;
}

void bus_open(void) {
    testbed = umockdev_testbed_new();
    root = umockdev_testbed_get_root_dir(testbed);
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/denied", root);
    mkdir(folder, 0755);
    umockdev_testbed_add_from_string(testbed,
        "P: /devices/pci0000:00/usb1\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
        "E: BUSNUM=001\nE: DEVNUM=001\nA: busnum=1\\n\nA: devnum=1\\n\nA: bConfigurationValue=1\\n\nA: speed=480\\n\n"
        "H: descriptors=12010002090001406B1D020001060302010109021900010100E0000904000001090000000705810304000C\n\n", NULL);
}

void bus_plug(device *d, bool denied) {
    node *n = calloc(1, sizeof *n);
    int number = 2 + (plugged_ever - 1) % 120, bus = 1 + (plugged_ever - 1) / 120;
    plugged_ever++;
    n->device = d;
    snprintf(n->name, sizeof n->name, "/dev/bus/usb/%03d/%03d", bus, number);
    snprintf(n->path, sizeof n->path, "/devices/pci0000:00/usb1/%d-%d", bus, d->port);
    snprintf(n->mark, sizeof n->mark, "%s/denied/%03d-%03d", root, bus, number);
    if (denied) fclose(fopen(n->mark, "w"));
    n->handler = umockdev_ioctl_base_new();
    g_signal_connect(n->handler, "handle-ioctl", G_CALLBACK(handle_ioctl), n);
    GError *error = NULL;
    // Before the device: its uevent goes out at once, and a host that opens it first would get ENOTTY.
    if (!umockdev_testbed_attach_ioctl(testbed, n->name, n->handler, &error)) g_error("attach_ioctl: %s", error->message);
    // One interface FF 4C 01 with a pair of bulk endpoints; or a CDC-ACM pair, whose first interface has an interrupt endpoint.
    static const char own_interface[] = "0902200001010080320904000002FF4C0100070581024000000705010240000000";
    static const char port[] = "09023A0002010080320904000001020201000524001001052406000107058203080010"
                               "09040100020A0000000705810240000007050102400000";
    char text[2048];
    snprintf(text, sizeof text,
             "P: %s\nN: bus/usb/%03d/%03d\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: DEVNAME=%s\nE: BUSNUM=%03d\nE: DEVNUM=%03d\n"
             "E: PRODUCT=1209/1/100\nE: ID_VENDOR_ID=1209\nE: ID_MODEL_ID=0001\nE: ID_SERIAL_SHORT=%s\nA: idVendor=1209\\n\nA: idProduct=0001\\n\nA: serial=%s\\n\n"
             "A: busnum=%d\\n\nA: devnum=%d\\n\nA: bConfigurationValue=1\\n\nA: speed=12\\n\n"
             "H: descriptors=120100020000004009120100000101020301%s\n\n",
             n->path, bus, number, n->name, bus, number, d->serial, d->serial, bus, number, serial_ports ? port : own_interface);
    bus_lock();
    nodes = g_list_append(nodes, n);
    ledger_host(d, clock_scenario(), "plugged", denied ? EACCES : 0);
    bus_unlock();
    if (!umockdev_testbed_add_from_string(testbed, text, &error)) g_error("add_from_string: %s", error->message);
}

static node *node_of(const device *d) {
    for (GList *l = nodes; l; l = l->next)
        if (((node *)l->data)->device == d && !((node *)l->data)->gone) return l->data;
    return NULL;
}
bool bus_is_plugged(const device *d) { return node_of(d) != NULL; }

bool bus_is_read(const device *d) {
    bus_lock();
    node *n = node_of(d);
    bool read = false;
    for (GList *l = n ? n->clients : NULL; l; l = l->next) read |= ((client *)l->data)->claimed && d->started;
    bus_unlock();
    return read;
}

void bus_permit(device *d) {
    node *n = node_of(d);
    char path[80];
    if (!n) return;
    snprintf(path, sizeof path, "/sys%s", n->path);
    unlink(n->mark);
    umockdev_testbed_uevent(testbed, path, "change");
}

void bus_unplug(device *d) {
    node *n = node_of(d);
    if (!n) return;
    char path[80];
    snprintf(path, sizeof path, "/sys%s", n->path);
    bus_lock();
    n->gone = true;
    ledger_host(d, clock_scenario(), "unplugged", 0);
    for (GList *l = n->clients; l; l = l->next) {
        client *c = l->data;
        transfer *head = g_queue_peek_head(&c->flying);
        if (head && d->powered) {  // polling sees no error on a plain file: the host learns from its transfers
            g_queue_pop_head(&c->flying);
            finish(c, head, -ESHUTDOWN, partial(d, c, head));
        }
        end_all(c, &c->flying, -ESHUTDOWN), end_all(c, &c->control, -ESHUTDOWN);
    }
    d->started = d->stalled = d->silent = d->frozen = false;
    bus_unlock();
    umockdev_testbed_uevent(testbed, path, "remove");
    umockdev_testbed_remove_device(testbed, path);
    unlink(n->mark);
}

void bus_tick(void) {
    bus_lock();
    double now = clock_scenario(), real = clock_real();
    for (GList *l = nodes; l; l = l->next) {
        node *n = l->data;
        drop_vanished(n);
        if (!n->gone) device_advance(n->device, now);
        for (GList *m = n->clients; m; m = m->next) {
            client *c = m->data;
            if (!n->device->frozen && !n->gone) {
                transfer *t;
                while ((t = g_queue_pop_head(&c->control))) answer_control(n, c, t);
            }
            pump(n, c);
            if (!c->held) continue;
            UMockdevIoctlData *argument = c->held;
            if (!g_queue_is_empty(&c->completed)) c->held = NULL, reap(n, c, argument);
            else if (n->gone) c->held = NULL, umockdev_ioctl_client_complete(c->handle, -1, ENODEV);
            else if (real - c->held_since > longest_hold) c->held = NULL, umockdev_ioctl_client_complete(c->handle, -1, EAGAIN);
        }
    }
    bus_unlock();
}

void bus_close(void) { g_object_unref(testbed); }
