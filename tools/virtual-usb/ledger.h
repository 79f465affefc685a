// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger: JSON lines of all that the virtual bus did, for check_ledger.py.
#ifndef LEDGER_H
#define LEDGER_H
#include "device.h"

/// Opens the file (NULL: no ledger is kept) and writes its first line.
bool ledger_open(const char *path, double time_scale, double seconds);
void ledger_device(const device *d);
void ledger_boot(const device *d, double now);
/// Rate, range and clock from the device's next sample on.
void ledger_setting(const device *d, double now);
/// A frame of which the host has every byte: samples are noted as ranges.
void ledger_frame(const device *d, const frame *f);
/// A fault at work (`fault`), or at its end (`fault-end`), with a word about it.
void ledger_fault(const device *d, double now, const char *line, const char *fault, const char *word);
/// What the host did: opened, claimed, started, …
void ledger_host(const device *d, double now, const char *what, int result);
void ledger_close(double now, int status);
#endif
