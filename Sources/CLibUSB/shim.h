/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libusb.h>

/* Variadic functions cannot be imported. */
static inline int nattro_libusb_set_log_level(libusb_context *context, int level) {
    return libusb_set_option(context, LIBUSB_OPTION_LOG_LEVEL, level);
}
