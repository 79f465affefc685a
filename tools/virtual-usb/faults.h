// SPDX-License-Identifier: GPL-3.0-or-later
// Faults: which, when, on which leg. Written as TIME:LEG:KIND[:AMOUNT][:WORD], or drawn by chance.
#ifndef FAULTS_H
#define FAULTS_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    double at;        ///< scenario seconds
    int leg;          ///< 0 left, 1 right
    char kind[16];
    double amount;    ///< seconds or a number of frames, by kind
    char word[16];
    bool done;
} fault;

typedef struct { fault *list; int count; } faults;

bool faults_parse(faults *into, const char *text);
bool faults_read(faults *into, const char *path);
/// Draws faults between 60 s and two minutes before the end, each kind at least once where the number allows it.
void faults_draw(faults *into, int number, double seconds, int legs, uint64_t seed);
void faults_sort(faults *all);
void faults_print_kinds(void);
#endif
