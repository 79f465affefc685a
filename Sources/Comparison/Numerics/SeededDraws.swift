// SPDX-License-Identifier: GPL-3.0-or-later
internal import CGSL

/// GSL's Mersenne twister and its distributions: the same seed gives the same draws.
@safe
package struct SeededDraws: ~Copyable {
    /// The generator's name, for reports.
    static let name = "GSL mt19937"

    private let generator: UnsafeMutablePointer<gsl_rng>

    /// The generator at the start of a seed's sequence.
    package init(seed: UInt64) {
        _ = gslReportsInsteadOfAborting
        guard let generator = unsafe gsl_rng_alloc(cgsl_mersenne_twister()) else {
            preconditionFailure("no memory for a random generator")
        }
        unsafe self.generator = generator
        unsafe gsl_rng_set(generator, UInt(seed))
    }

    deinit { unsafe gsl_rng_free(generator) }

    /// From 0 up to 1.
    package mutating func uniform() -> Double { unsafe gsl_rng_uniform(generator) }

    /// A standard normal value.
    package mutating func normal() -> Double { unsafe gsl_ran_gaussian_ziggurat(generator, 1) }

    /// A whole number with the Poisson distribution of a mean.
    mutating func poisson(mean: Double) -> Int { Int(unsafe gsl_ran_poisson(generator, mean)) }
}
