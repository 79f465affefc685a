/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* The state of ISA-L holds arrays that are too large for Swift to import. */
static inline void *nattro_inflate_new(void)
{
    struct inflate_state *state = malloc(sizeof *state);
    if (state)
        isal_inflate_init(state);
    return state;
}

/* Unpacks raw deflate data from in to out; gives ISA-L's code, and says whether the data's own end was reached. */
static inline int nattro_inflate(void *opaque, const uint8_t *in, uint32_t in_size, uint8_t *out, uint32_t out_size,
                                 uint32_t *used, uint32_t *made, int *ended)
{
    struct inflate_state *state = opaque;
    state->next_in = (uint8_t *)in;
    state->avail_in = in_size;
    state->next_out = out;
    state->avail_out = out_size;
    int code = isal_inflate(state);
    /* At its end it gives back what it took too much, which may be of an earlier piece. */
    *used = state->avail_in > in_size ? 0 : in_size - state->avail_in;
    *made = out_size - state->avail_out;
    *ended = state->block_state == ISAL_BLOCK_FINISH;
    return code;
}
