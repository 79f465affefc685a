// SPDX-License-Identifier: GPL-3.0-or-later
// The virtual USB bus: plugs devices into an umockdev testbed and answers usbfs for them as the kernel does.
#ifndef BUS_H
#define BUS_H
#include "device.h"

void bus_open(void);
/// From here on what is plugged is a serial port (CDC-ACM): an open line starts it, and it takes its commands as frames.
void bus_use_serial_ports(void);
/// Adds the device to its port, with its uevent; `denied` makes its node one that may not be opened.
void bus_plug(device *d, bool denied);
void bus_unplug(device *d);
bool bus_is_plugged(const device *d);
void bus_permit(device *d);
/// Whether the host has claimed the device and queues transfers.
bool bus_is_read(const device *d);
/// Measures, fills transfers that wait and answers what is due; to be called about every millisecond.
void bus_tick(void);
/// Held by whoever touches a device that is plugged.
void bus_lock(void);
void bus_unlock(void);
/// The folder of the testbed.
const char *bus_root(void);
void bus_close(void);
#endif
