// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded before umockdev: a device node under $UMOCKDEV_DIR/denied cannot be opened, not even by root.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool denied(const char *path) {
    static const char folder[] = "/dev/bus/usb/";
    const char *root = getenv("UMOCKDEV_DIR");
    if (!root || !path || strncmp(path, folder, sizeof folder - 1) || strlen(path) != sizeof folder - 1 + 7) return false;
    char mark[4096];
    const char *node = path + sizeof folder - 1;
    snprintf(mark, sizeof mark, "%s/denied/%.3s-%.3s", root, node, node + 4);
    return access(mark, F_OK) == 0;
}

#define FORWARD(name)                                                          \
    int name(const char *path, int flags, ...) {                               \
        static int (*next)(const char *, int, ...);                            \
        if (!next) next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        va_list list;                                                          \
        va_start(list, flags);                                                 \
        int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, int) : 0;    \
        va_end(list);                                                          \
        if (denied(path)) return errno = EACCES, -1;                           \
        return next(path, flags, mode);                                        \
    }
FORWARD(open)
FORWARD(open64)

// What fortified programs call instead.
#define FORWARD_CHECKED(name)                                                  \
    int name(const char *path, int flags) {                                    \
        static int (*next)(const char *, int);                                 \
        if (!next) next = (int (*)(const char *, int))dlsym(RTLD_NEXT, #name); \
        if (denied(path)) return errno = EACCES, -1;                           \
        return next(path, flags);                                              \
    }
FORWARD_CHECKED(__open_2)
FORWARD_CHECKED(__open64_2)
