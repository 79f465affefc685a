// SPDX-License-Identifier: GPL-3.0-or-later

/// What to do about a sensor that is silent, stalls or fails: clear the halt, then reset, then open it anew, for ever.
///
/// Touches no libusb and asks no clock: all times are nanoseconds of the host's boot time.
struct Watchdog: Hashable, Sendable {
    /// How long it waits.
    struct Intervals: Hashable, Sendable {
        /// Silence until something is done, and again until the next step.
        var silence: UInt64 = 2_000_000_000
        /// The stalls within ``stallWindow`` that a clear is thought to mend.
        var stallLimit = 2
        var stallWindow: UInt64 = 60_000_000_000
        /// The wait before the first opening anew, doubled each time up to the longest.
        var shortestWait: UInt64 = 500_000_000
        var longestWait: UInt64 = 30_000_000_000
    }

    /// What to do.
    enum Remedy: Hashable, Sendable {
        case clearHalt
        case reset
        /// Close, and open again after so many nanoseconds.
        case reopen(after: UInt64)
    }

    private let intervals: Intervals
    /// Since when nothing came and nothing was done.
    private var quietSince: UInt64
    /// What was tried in this silence.
    private var tried = 0
    /// The openings anew since bytes came last.
    private var reopenings = 0
    private var stalls: [UInt64] = []

    /// A watchdog over a sensor that was opened just now.
    init(_ intervals: Intervals = Intervals(), at now: UInt64) {
        self.intervals = intervals
        quietSince = now
    }

    /// Bytes came.
    mutating func heard(at now: UInt64) {
        quietSince = now
        tried = 0
        reopenings = 0
    }

    /// The sensor was opened anew.
    mutating func opened(at now: UInt64) {
        quietSince = now
        tried = 0
    }

    /// What to do about silence, if it lasted; each answer is given once.
    mutating func check(at now: UInt64) -> Remedy? {
        guard now >= quietSince + intervals.silence else { return nil }
        quietSince = now
        tried += 1
        return switch tried {
        case 1: .clearHalt
        case 2: .reset
        default: failed()
        }
    }

    /// The endpoint stalled.
    mutating func stalled(at now: UInt64) -> Remedy {
        stalls.removeAll { $0 + intervals.stallWindow <= now }
        stalls.append(now)
        if stalls.count > intervals.stallLimit + 1 { return failed() }
        return stalls.count > intervals.stallLimit ? .reset : .clearHalt
    }

    /// A step could not be taken: the next one.
    mutating func failed(_ remedy: Remedy) -> Remedy {
        guard remedy == .clearHalt else { return failed() }
        tried = max(tried, 2)
        return .reset
    }

    /// The bus failed, or a reset: only opening anew is left.
    mutating func failed() -> Remedy {
        tried = 0
        stalls.removeAll(keepingCapacity: true)
        defer { reopenings += 1 }
        return .reopen(after: wait(after: reopenings))
    }

    private func wait(after reopenings: Int) -> UInt64 {
        let doubled = intervals.shortestWait << UInt64(min(reopenings, 20))
        return min(doubled, intervals.longestWait)
    }
}
