// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// Draws from distributions, written out so that a seed gives the same night in every version of the standard library.
extension SplitMix64 {
    /// A generator of its own sequence, so that what one part draws moves no other part's draws.
    mutating func branch() -> SplitMix64 { SplitMix64(seed: next()) }

    /// From 0 up to 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Each factor of a range as likely as any other.
    mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
        exp(uniform(log(range.lowerBound)...log(range.upperBound)))
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
    }

    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    mutating func normal(deviation: Double = 1) -> Double {
        deviation * (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    mutating func logNormal(median: Double, deviation: Double) -> Double { median * exp(normal(deviation: deviation)) }

    mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }

    /// The instants of a Poisson process of `rate` events an hour, in seconds.
    mutating func arrivals(hourly rate: Double, until end: Double) -> [Double] {
        guard rate > 0 else { return [] }
        var times: [Double] = []
        var time = exponential(mean: 3600 / rate)
        while time < end {
            times.append(time)
            time += exponential(mean: 3600 / rate)
        }
        return times
    }

    /// A direction in space, all alike.
    mutating func direction() -> Vector {
        let z = uniform(-1...1)
        let angle = uniform(0...2 * .pi)
        let radius = (1 - z * z).squareRoot()
        return Vector(radius * cos(angle), radius * sin(angle), z)
    }

    /// A direction at right angles to another.
    mutating func direction(across other: Vector) -> Vector {
        while true {
            let candidate = other.cross(direction())
            if candidate.length > 0.1 { return candidate.unit }
        }
    }
}

/// White noise, normally distributed, two numbers from each pair of draws.
struct WhiteNoise {
    private var generator: SplitMix64
    private var spare: Double?

    init(_ generator: SplitMix64) { self.generator = generator }

    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(1 - generator.uniform())).squareRoot()
        let angle = 2 * .pi * generator.uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }
}
