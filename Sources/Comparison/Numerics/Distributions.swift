// SPDX-License-Identifier: GPL-3.0-or-later
internal import CGSL

/// Student's t distribution.
enum StudentT {
    static func lowerTail(_ t: Double, degreesOfFreedom: Double) -> Double { gsl_cdf_tdist_P(t, degreesOfFreedom) }

    static func upperTail(_ t: Double, degreesOfFreedom: Double) -> Double { gsl_cdf_tdist_Q(t, degreesOfFreedom) }

    /// The probability of a value at least as far from 0.
    static func twoSided(_ t: Double, degreesOfFreedom: Double) -> Double {
        2 * upperTail(abs(t), degreesOfFreedom: degreesOfFreedom)
    }

    /// The value below which lies the probability.
    static func quantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
        gsl_cdf_tdist_Pinv(probability, degreesOfFreedom)
    }
}

/// The standard normal distribution.
enum StandardNormal {
    static func lowerTail(_ z: Double) -> Double { gsl_cdf_ugaussian_P(z) }

    static func twoSided(_ z: Double) -> Double { 2 * gsl_cdf_ugaussian_Q(abs(z)) }

    static func quantile(_ probability: Double) -> Double { gsl_cdf_ugaussian_Pinv(probability) }

    /// The half-width of a 95 % interval in standard errors.
    static let halfWidth95 = quantile(0.975)
}

/// The upper tail of the χ² distribution.
func chiSquaredUpperTail(_ value: Double, degreesOfFreedom: Double) -> Double {
    gsl_cdf_chisq_Q(value, degreesOfFreedom)
}

/// The logarithm of the gamma function.
func logGamma(_ x: Double) -> Double { gsl_sf_lngamma(x) }

/// The derivative of `logGamma`.
func digamma(_ x: Double) -> Double { gsl_sf_psi(x) }
