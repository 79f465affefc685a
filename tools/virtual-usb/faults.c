// SPDX-License-Identifier: GPL-3.0-or-later
#include "faults.h"
#include "legwire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A kind, how often it is drawn, the range of its amount, and the words it takes.
static const struct {
    const char *kind;
    int weight;
    double least, most;
    const char *words[4];
    const char *says;
} kinds[] = {
    {"stall", 10, 1, 1, {"all", "one"}, "the endpoint halts until clear-halt; WORD all or one: transfers that report it"},
    {"chunks", 8, 20, 200, {""}, "AMOUNT transfers of 0 to 64 bytes"},
    {"garbage", 10, 1, 4, {""}, "up to 200 bytes by chance before each of AMOUNT frames, sometimes with a false header"},
    {"corrupt", 10, 1, 3, {""}, "a bit flips in AMOUNT frames"},
    {"truncate", 5, 1, 2, {""}, "AMOUNT frames are cut short"},
    {"drop", 10, 1, 20, {""}, "AMOUNT frames are never sent; the sequence numbers tell"},
    {"overrun", 5, 5, 200, {""}, "AMOUNT samples are never measured; a flag and the index tell"},
    {"duplicate", 6, 1, 4, {""}, "AMOUNT frames come twice"},
    {"reorder", 6, 1, 3, {""}, "AMOUNT frames come later than their followers"},
    {"unknown", 2, 1, 1, {""}, "a frame of an unknown type"},
    {"reboot", 5, 1, 1, {""}, "the sensor restarts behind its USB connection: new boot id, clock and index"},
    {"reset", 3, 2, 10, {""}, "the whole device restarts and is plugged again after AMOUNT seconds"},
    {"hang", 8, 20, 60, {"clear-halt", "reset", "reopen", "time"}, "no bytes until WORD, or for AMOUNT seconds with time"},
    {"freeze", 3, 20, 60, {"reset", "time"}, "nor an answer to control requests"},
    {"unplug", 12, 5, 120, {"", "battery"}, "for AMOUNT seconds; WORD battery: the sensor goes on measuring"},
    {"swap", 2, 20, 60, {""}, "unplugged, and another sensor in its port, for AMOUNT seconds"},
    {"stranger", 2, 20, 60, {""}, "another sensor is plugged for AMOUNT seconds"},
    {"busy", 2, 20, 60, {""}, "plugged again, and claimed by another program for AMOUNT seconds"},
    {"denied", 3, 5, 60, {""}, "plugged again, and not permitted for AMOUNT seconds"},
    {"babble", 5, 1, 3, {""}, "AMOUNT transfers end with an overflow"},
    {"protocol", 5, 1, 3, {""}, "AMOUNT transfers end with a protocol error"},
    {"range", 2, 1, 1, {"2000", "4000", "16000", "8000"}, "another full scale, WORD mg"},
    {"rate", 2, 1, 1, {"50", "100", "200", "100"}, "another rate, WORD Hz"},
    {"battery", 1, 3200, 3900, {""}, "STATUS and DATA tell AMOUNT mV; low below 3400"},
    {"mark", 5, 1, 1, {""}, "the button is pressed"},
};
enum { kind_count = sizeof kinds / sizeof *kinds };

static fault *add(faults *into) {
    into->list = realloc(into->list, (size_t)(into->count + 1) * sizeof(fault));
    fault *f = &into->list[into->count++];
    memset(f, 0, sizeof *f);
    return f;
}

bool faults_parse(faults *into, const char *text) {
    fault parsed = {.amount = 1};
    char leg[16] = "";
    int given = sscanf(text, "%lf:%15[a-z]:%15[a-z]:%lf:%15[^:\n]", &parsed.at, leg, parsed.kind, &parsed.amount, parsed.word);
    if (given < 3) return false;
    if (given == 3) sscanf(text, "%*f:%*[a-z]:%*[a-z]:%15[a-z]", parsed.word);
    for (int kind = 0; kind < kind_count; kind++)
        if (!strcmp(kinds[kind].kind, parsed.kind)) {
            for (parsed.leg = 0; parsed.leg < 2; parsed.leg++)
                if (!strcmp(leg, parsed.leg ? "right" : "left") || !strcmp(leg, "both")) *add(into) = parsed;
            return !strcmp(leg, "left") || !strcmp(leg, "right") || !strcmp(leg, "both");
        }
    return false;
}

bool faults_read(faults *into, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) return false;
    char line[256];
    bool good = true;
    while (good && fgets(line, sizeof line, file))
        if (line[0] != '#' && line[0] != '\n' && !(good = faults_parse(into, line))) fprintf(stderr, "virtual-usb: no such fault: %s", line);
    fclose(file);
    return good;
}

void faults_draw(faults *into, int number, double seconds, int legs, uint64_t seed) {
    uint64_t chance = mixed(seed + 77);
    int total = 0;
    for (int kind = 0; kind < kind_count; kind++) total += kinds[kind].weight;
    for (int i = 0; i < number; i++) {
        int kind = i;
        if (number < kind_count || i >= kind_count) {
            int drawn = (int)random_below(&chance, (uint32_t)total);
            for (kind = 0; drawn >= kinds[kind].weight; kind++) drawn -= kinds[kind].weight;
        }
        fault *f = add(into);
        int words = 0;
        while (words < 4 && kinds[kind].words[words]) words++;
        f->at = 60 + (seconds - 180) * random_below(&chance, 1000000) / 1e6;
        f->leg = (int)random_below(&chance, (uint32_t)legs);
        f->amount = kinds[kind].least + random_below(&chance, 1 + (uint32_t)(kinds[kind].most - kinds[kind].least));
        strcpy(f->kind, kinds[kind].kind);
        strcpy(f->word, kinds[kind].words[random_below(&chance, (uint32_t)words)]);
    }
}

static int earlier(const void *a, const void *b) {
    double x = ((const fault *)a)->at, y = ((const fault *)b)->at;
    return x < y ? -1 : x > y;
}
void faults_sort(faults *all) { if (all->count) qsort(all->list, (size_t)all->count, sizeof(fault), earlier); }

void faults_print_kinds(void) {
    for (int kind = 0; kind < kind_count; kind++) {
        printf("  %-10s %s\n", kinds[kind].kind, kinds[kind].says);
    }
}
