// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// A direction or an acceleration in the sensor's axes.
typealias Vector = SIMD3<Double>

extension SIMD3<Double> {
    func dot(_ other: Self) -> Double { (self * other).sum() }

    func cross(_ other: Self) -> Self {
        Self(
            y * other.z - z * other.y,
            z * other.x - x * other.z,
            x * other.y - y * other.x)
    }

    var length: Double { dot(self).squareRoot() }

    /// The same direction with length 1.
    var unit: Self { self / length }

    /// The angle to another direction, in radians; exact for small ones, unlike an arc cosine.
    func angle(to other: Self) -> Double { atan2(cross(other).length, dot(other)) }

    /// Turned about a unit axis (Rodrigues).
    func rotated(about axis: Self, by angle: Double) -> Self {
        let (sine, cosine) = (sin(angle), cos(angle))
        return self * cosine + axis.cross(self) * sine + axis * (axis.dot(self) * (1 - cosine))
    }
}
