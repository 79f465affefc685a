// SPDX-License-Identifier: GPL-3.0-or-later
internal import CGSL
internal import Glibc

/// The noncentral t distribution, which GSL does not have.
enum NoncentralT {
    /// The probability of a value below `t`: Lenth's algorithm AS 243 (Applied Statistics 38:185, 1989).
    static func lowerTail(_ t: Double, degreesOfFreedom: Double, noncentrality: Double) -> Double {
        if t < 0 {
            return 1 - lowerTail(-t, degreesOfFreedom: degreesOfFreedom, noncentrality: -noncentrality)
        }
        var sum = StandardNormal.lowerTail(-noncentrality)
        let share = t * t / (t * t + degreesOfFreedom)
        guard share > 0 else { return sum }
        let half = noncentrality * noncentrality / 2
        var even = 0.5 * exp(-half)
        var odd = 0.5 * noncentrality * (2 / Double.pi).squareRoot() * exp(-half)
        // The weights of the Poisson mixture rise up to about `half` and then die away.
        let last = 200 + Int(half + 20 * half.squareRoot())
        for index in 0...last {
            let order = Double(index)
            if index > 0 {
                even *= half / order
                odd *= half / (order + 0.5)
            }
            sum +=
                even * gsl_cdf_beta_P(share, order + 0.5, degreesOfFreedom / 2)
                + odd * gsl_cdf_beta_P(share, order + 1, degreesOfFreedom / 2)
        }
        return min(1, max(0, sum))
    }
}
