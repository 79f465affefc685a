// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded into the command: saving to disk takes long. SLOW_DISK=EACH[:ONCE] gives seconds of the world: how long each
// fdatasync takes, and how much longer the fourth.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fdatasync(int descriptor) {
    static int (*next)(int);
    static int calls;
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *text = getenv("SLOW_DISK"), *once = text ? strchr(text, ':') : NULL;
    double seconds = text ? atof(text) : 0;
    if (++calls == 4 && once) seconds += atof(once + 1);
    usleep((useconds_t)(seconds * 1e6));
    return next(descriptor);
}
