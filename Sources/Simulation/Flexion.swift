// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// One movement of a leg: it flexes, holds and returns, each with the bell-shaped velocity of a reaching limb.
///
/// The minimum-jerk polynomial is Flash and Hogan's of 1985.
struct Flexion {
    /// How it goes.
    enum Shape: String {
        case hold
        case multi
        case clonic
        case pulse
    }

    /// The start of the rise and the end of the return, in seconds of the night.
    let start: Double
    let duration: Double
    let shape: Shape
    let isSlow: Bool
    /// The turn of the leg at its largest, in radians.
    let angle: Double
    /// The jerky component at its largest, in g.
    let jerk: Double
    /// The turn that stays, in radians.
    var residual = 0.0
    /// The role it plays in the night: "series", "doublet", "isolated", "twitch".
    let role: String
    private let rise: Double
    private let fall: Double
    /// Partial returns in between: where, how long, how far.
    private let dips: [(center: Double, width: Double, depth: Double)]
    private let tremor: (frequency: Double, depth: Double)

    var end: Double { start + duration }

    /// A movement of at least half a second, or a twitch, of a wanted duration and tilt in degrees.
    init(
        at start: Double, duration wanted: Double, tilt: Double, role: String, drawnBy generator: inout SplitMix64
    ) {
        let isTwitch = role == "twitch"
        var shape = Shape.pulse
        var isSlow = false
        if !isTwitch && wanted >= 0.8 {
            let draw = generator.uniform()
            shape = draw < 0.58 ? .hold : draw < 0.77 ? .multi : draw < 0.95 ? .clonic : .pulse
            isSlow = shape != .pulse && wanted >= 2 && generator.chance(0.2)
        }
        var duration = wanted
        if shape == .pulse {
            if !isTwitch { duration = min(wanted, 1.6) }
            rise = duration * generator.uniform(0.35...0.6)
            fall = duration - rise
        } else {
            rise = min(isSlow ? generator.uniform(0.8...2.2) : generator.uniform(0.15...0.6), duration * 0.45)
            fall = min(isSlow ? generator.uniform(1.0...3.0) : generator.uniform(0.25...1.2), duration * 0.5)
        }
        // Most flexions last 0.5 to 5 s; a foot is seldom held for longer than 8 s.
        duration = min(duration, rise + 8 + fall)
        dips =
            shape == .multi
            ? (0..<generator.integer(1...2)).map { _ in
                (
                    generator.uniform(0.25...0.8) * duration, generator.uniform(0.25...0.7),
                    generator.uniform(0.3...0.85)
                )
            } : []
        tremor =
            shape == .clonic ? (generator.uniform(2...4), generator.uniform(0.15...0.4)) : (0, 0)
        self.start = start
        self.duration = duration
        self.shape = shape
        self.isSlow = isSlow
        self.role = role
        angle = min(tilt, 45) * .pi / 180
        jerk = !isSlow && generator.chance(isTwitch ? 0.9 : 0.75) ? generator.logUniform(0.020...0.300) : 0
    }

    /// The share of the largest turn at a time, in seconds of the night; 0 before and after.
    func displacement(at time: Double) -> Double {
        let elapsed = time - start
        guard elapsed > 0, elapsed < duration else { return 0 }
        var value = Self.minimumJerk(elapsed / rise) * (1 - Self.minimumJerk((elapsed - duration + fall) / fall))
        for dip in dips {
            let distance = (elapsed - dip.center) / dip.width
            value *= 1 - dip.depth * exp(-distance * distance)
        }
        if tremor.depth > 0 { value *= 1 + tremor.depth * sin(2 * .pi * tremor.frequency * elapsed) }
        return value
    }

    /// When the displacement first and last passes 5 % of its largest: the edges of the movement.
    var edges: Range<Double> {
        let step = 0.002
        let count = Int(duration / step) + 1
        var values = [Double](repeating: 0, count: count + 1)
        for index in 0...count { values[index] = displacement(at: start + Double(index) * step) }
        let level = (values.max() ?? 0) * 0.05
        let first = values.firstIndex { $0 > level } ?? 0
        let last = values.lastIndex { $0 > level } ?? count
        return start + Double(first) * step..<start + Double(last + 1) * step
    }

    /// A way from 0 to 1 in the time from 0 to 1.
    static func minimumJerk(_ time: Double) -> Double {
        if time <= 0 { return 0 }
        if time >= 1 { return 1 }
        return time * time * time * (10 + time * (-15 + time * 6))
    }
}
