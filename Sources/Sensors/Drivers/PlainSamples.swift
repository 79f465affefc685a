// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Makes events of the samples of a sensor that numbers nothing: it counts them itself, from one interruption to the next.
///
/// What was lost on the way without a trace is not seen: "no gap detection".
struct PlainSamples: Hashable, Sendable {
    let settings: SensorSettings
    private var boot: UInt32 = 1
    private var nextIndex: UInt32 = 0
    private var hasTold = false
    private var isAfterHole = false
    private var damage = TransferDamage()

    /// Samples of a sensor that is set so.
    init(_ settings: SensorSettings) { self.settings = settings }

    /// Appends the event of a sample.
    ///
    /// - Parameter time: microseconds on the sensor's clock; 0 where it has none.
    mutating func append(_ counts: [Int16], time: UInt64 = 0, into events: inout [SensorEvent.Kind]) {
        if !hasTold {
            hasTold = true
            events.append(.settings(settings))
        }
        tell(into: &events)
        let isClipped = counts.contains { $0 == .max || $0 == .min }
        // Before the first sample of a run nothing is missing but what the run itself tells.
        let gap = isAfterHole && nextIndex > 0 ? Gap(.lost) : nil
        isAfterHole = false
        events.append(
            .samples(
                SensorSamples(
                    stream: 0, boot: boot, firstIndex: nextIndex, deviceTime: time, flags: isClipped ? .clipped : [],
                    counts: counts, declaredGap: gap)))
        nextIndex &+= 1
    }

    /// Samples are missing before the next one: how many, nobody knows.
    mutating func hole() { isAfterHole = true }

    /// Bytes were no good; told before the next sample.
    mutating func note(_ damage: TransferDamage) { self.damage += damage }

    /// The sensor was away, or started anew: what comes next is another run of it.
    mutating func restart() {
        guard nextIndex > 0 else { return }
        boot += 1
        nextIndex = 0
        isAfterHole = false
    }

    /// Tells what of the transfer was no good.
    mutating func tell(into events: inout [SensorEvent.Kind]) {
        guard damage != TransferDamage() else { return }
        events.append(.damage(damage))
        damage = TransferDamage()
    }
}

/// A decoder of a sensor that numbers nothing.
protocol PlainDecoder: SensorDecoder {
    /// What it gives.
    var samples: PlainSamples { get set }
    /// Forgets what is begun, and notes the bytes of it.
    ///
    /// - Parameter isNewRun: whether the sensor may have started anew.
    mutating func restart(isNewRun: Bool)
}

extension PlainDecoder {
    mutating func interrupted() {
        restart(isNewRun: false)
        samples.hole()
    }

    mutating func finish(into events: inout [SensorEvent.Kind]) {
        restart(isNewRun: true)
        samples.tell(into: &events)
        samples.restart()
    }
}
