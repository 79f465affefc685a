// SPDX-License-Identifier: GPL-3.0-or-later
// The scenario's clock: real seconds since its start, and the same times the scale.
#ifndef CLOCK_H
#define CLOCK_H
void clock_start(double scale);
double clock_real(void);
double clock_scenario(void);
double clock_scale(void);
#endif
