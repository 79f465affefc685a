// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that really happened at a leg: the truth that a detection is held against.
public struct SimulatedMovement: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case legMovement = "lm"
        /// As a leg movement, of less than half a second.
        case twitch
        case posture
        case gait
        case footTremor = "hft"
        case alternating = "alma"
        /// Not of the leg: the bed, the linen, a knock.
        case artefact
    }

    /// How much of it the file holds.
    public enum Recorded: String, Hashable, Sendable {
        case whole = "no"
        case cut = "partial"
        case lost = "full"
    }

    /// The number of the event, the same on both legs where it is one.
    public let event: Int
    /// What it is.
    public let kind: Kind
    /// Which of its kind.
    public let detail: String
    /// The shape of a leg movement, empty for others.
    public let shape: String
    /// From onset to offset, in seconds of true time: 5 % of the displacement.
    public let span: Range<Double>
    /// The same on the sensor's clock.
    public let shownSpan: Range<Double>
    /// The largest change of the direction of gravity, in degrees.
    public let tilt: Double
    /// The change that stays, in degrees.
    public let lastingTilt: Double
    /// The largest linear acceleration, in g.
    public let acceleration: Double
    /// The largest change of what the sensor measures, in g.
    public let peak: Double
    /// How much of it was lost.
    public internal(set) var recorded = Recorded.whole

    /// Whether it can be seen at all: 1° or 20 mg.
    public var isVisible: Bool { tilt >= 1 || acceleration >= 0.020 }
}

extension SimulatedMovement {
    /// What an event was in truth, by its waveform; nil for an echo.
    init?(_ event: LegEvent, _ wave: Waveform, from gravity: Vector, clock: LegClock) {
        let span = wave.edges ?? event.span
        switch event.kind {
        case .flexion(let flexion):
            kind = span.upperBound - span.lowerBound < 0.5 ? .twitch : .legMovement
            detail = flexion.role
            shape = (flexion.isSlow ? "slow-" : "") + flexion.shape.rawValue
        case .turn(let turn): (kind, detail, shape) = (.posture, turn.name, "")
        case .walk: (kind, detail, shape) = (.gait, "walk", "")
        case .train(let train):
            kind = train.name == "alma" ? .alternating : .footTremor
            detail = "\((train.frequency * 100).rounded() / 100)Hz"
            shape = ""
        case .bedMotion(let motion): (kind, detail, shape) = (.artefact, motion.name, "")
        case .echo: return nil
        }
        self.event = event.number
        self.span = span
        shownSpan = clock.shown(at: span.lowerBound)..<clock.shown(at: span.upperBound)
        var (tilt, acceleration, peak) = (0.0, 0.0, 0.0)
        for index in 0..<wave.count {
            acceleration = max(acceleration, wave.linear[index].length)
            guard index < wave.gravity.count else { continue }
            tilt = max(tilt, gravity.angle(to: wave.gravity[index]))
            peak = max(peak, (wave.gravity[index] + wave.linear[index] - gravity).length)
        }
        self.tilt = tilt * 180 / .pi
        self.acceleration = acceleration
        self.peak = max(peak, acceleration)
        lastingTilt = (wave.gravity.last.map { gravity.angle(to: $0) } ?? 0) * 180 / .pi
    }
}
