// SPDX-License-Identifier: GPL-3.0-or-later
#include "clock.h"
#include <time.h>

static double begin, factor = 1;
static double monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
void clock_start(double scale) { begin = monotonic(), factor = scale; }
double clock_real(void) { return monotonic() - begin; }
double clock_scenario(void) { return clock_real() * factor; }
double clock_scale(void) { return factor; }
