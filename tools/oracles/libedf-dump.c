/* SPDX-License-Identifier: GPL-3.0-or-later
   What libedf (EDFlib) makes of a file: start, signals with all digital samples, annotations. For compare.py. */
#include <edflib.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    static struct edf_hdr_struct header;
    if (count != 3) return 64;
    if (edfopen_file_readonly(words[1], &header, EDFLIB_READ_ALL_ANNOTATIONS)) {
        fprintf(stderr, "libedf refuses the file: %d\n", header.filetype);
        return 1;
    }
    FILE *samples = fopen(words[2], "wb");
    if (!samples) return 2;
    printf("start %04d-%02d-%02dT%02d:%02d:%02d\n", header.startdate_year, header.startdate_month, header.startdate_day,
           header.starttime_hour, header.starttime_minute, header.starttime_second);
    for (int signal = 0; signal < header.edfsignals; signal++) {
        long long number = header.signalparam[signal].smp_in_file;
        int *values = malloc(sizeof(int) * (size_t)number);
        if (!values || edfread_digital_samples(header.handle, signal, (int)number, values) != number) return 3;
        fwrite(values, sizeof(int), (size_t)number, samples);
        printf("signal %lld %s\n", number, header.signalparam[signal].label);
        free(values);
    }
    fclose(samples);
    for (int index = 0; index < header.annotations_in_file; index++) {
        static struct edf_annotation_struct annotation;
        if (edf_get_annotation(header.handle, index, &annotation)) return 4;
        printf("annotation %.4f %s %s\n", (double)annotation.onset / EDFLIB_TIME_DIMENSION,
               annotation.duration[0] ? annotation.duration : "-", annotation.annotation);
    }
    return edfclose_file(header.handle);
}
