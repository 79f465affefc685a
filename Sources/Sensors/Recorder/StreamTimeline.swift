// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Whether samples follow those before, and what is missing if not; touches neither USB nor disk.
struct StreamTimeline: Hashable, Sendable {
    /// What to do with samples.
    enum Verdict: Hashable, Sendable {
        /// They were there already, or come too late.
        case drop
        /// They are next; `skipping` so many that were there already.
        case append(after: Gap?, skipping: Int)
    }

    /// The sensor's clock and the count of samples may differ by so many seconds before data are taken to be missing.
    private static let largestTimeError = 0.25
    /// And by this share of the time since the last samples: sensors run up to 2 % off their nominal rate.
    private static let largestRateError = 0.05

    private var boot: UInt32?
    private var nextIndex: UInt32 = 0
    private var lastTime: UInt64 = 0
    private var lastCount = 0

    /// Takes samples.
    ///
    /// - Parameters:
    ///   - time: microseconds on the sensor's clock of the first; 0 where it has none.
    ///   - overrun: whether the sensor said that it dropped samples before these.
    mutating func take(
        firstIndex: UInt32, count: Int, boot: UInt32, time: UInt64, rate: Double, overrun: Bool
    ) -> Verdict {
        guard self.boot == boot else {
            let isFirst = self.boot == nil
            begin(boot, firstIndex, count, time)
            return .append(after: isFirst ? nil : Gap(.restart), skipping: 0)
        }
        let jump = Int32(bitPattern: firstIndex &- nextIndex)
        let skipped = jump < 0 ? Int(-Int64(jump)) : 0
        guard skipped < count else { return .drop }
        defer { begin(boot, firstIndex, count, time) }
        if overrun { return .append(after: Gap(.overrun, samples: jump > 0 ? Int64(jump) : nil), skipping: skipped) }
        if jump > 0 { return .append(after: Gap(.lost, samples: Int64(jump)), skipping: 0) }
        if time > lastTime, lastTime > 0, rate > 0 {
            let passed = Double(time - lastTime) / 1e6
            let expected = Double(lastCount) / rate
            if abs(passed - expected) > Self.largestTimeError + Self.largestRateError * expected {
                return .append(after: Gap(.timeHole), skipping: skipped)
            }
        }
        return .append(after: nil, skipping: skipped)
    }

    private mutating func begin(_ boot: UInt32, _ firstIndex: UInt32, _ count: Int, _ time: UInt64) {
        self.boot = boot
        nextIndex = firstIndex &+ UInt32(count)
        lastTime = time
        lastCount = count
    }
}
