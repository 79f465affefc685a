// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// Powers, which the standard library leaves to C.
enum Power {
    /// 2 to a power.
    static func two(_ exponent: Double) -> Double { exp2(exponent) }
}
