/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

/* GSL's algorithms are global variables, which Swift takes for shared mutable state. */
static inline const gsl_rng_type *cgsl_mersenne_twister(void) { return gsl_rng_mt19937; }
static inline const gsl_root_fsolver_type *cgsl_brent(void) { return gsl_root_fsolver_brent; }
