// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds WitMotion's frames in a stream of bytes: 55, type, four 16-bit numbers, and the sum of the ten bytes before.
///
/// Any cut of the stream gives the same frames. Neither is a frame numbered nor is its sum worth much, so where the stream
/// begins, and after damage, a frame counts only if another one begins right behind it.
struct WitMotionParser: Hashable, Sendable {
    /// A frame with a right sum.
    struct Frame: Hashable, Sendable {
        var type: UInt8
        var values: [Int16]
        /// Whether bytes before it were no frame.
        var isAfterDamage: Bool
    }

    /// What was met so far.
    struct Counts: Hashable, Sendable {
        var skippedBytes = 0
        var checksumErrors = 0
    }

    /// The type of a frame with the acceleration, x, y, z, and the temperature.
    static let acceleration: UInt8 = 0x51

    private(set) var counts = Counts()
    private var pending: [UInt8] = []
    private var isLocked = false
    /// Whether any frame was met since the stream began.
    private var hasBegun = false
    private var isDamaged = false

    private static let sync: UInt8 = 0x55
    private static let size = 11
    /// Time, acceleration, rotation, angle, magnetism, ports, pressure, place, speed, quaternion, accuracy.
    private static let types: ClosedRange<UInt8> = 0x50...0x5A

    /// Takes further bytes, and appends the frames that they complete.
    mutating func append(_ bytes: [UInt8], to frames: inout [Frame]) {
        pending += bytes
        var start = 0
        while let step = step(at: start, &frames) { start += step }
        pending.removeFirst(start)
    }

    /// Forgets what is begun: what follows is not its end.
    mutating func restart() {
        counts.skippedBytes += pending.count
        pending.removeAll(keepingCapacity: true)
        isLocked = false
        hasBegun = false
        isDamaged = false
    }

    /// The bytes that are done with from a place on; nil if more must come.
    private mutating func step(at start: Int, _ frames: inout [Frame]) -> Int? {
        let rest = pending[start...]
        // Where a frame is trusted only with the next one's beginning, that must be there too.
        let needed = isLocked ? Self.size : Self.size + 2
        guard rest.first.map({ $0 == Self.sync }) ?? true, rest.count < 2 || Self.types.contains(rest[start + 1]) else {
            return skip(isWrongSum: false)
        }
        guard rest.count >= needed else { return nil }
        let sum = rest[start..<start + Self.size - 1].reduce(UInt8(0)) { $0 &+ $1 }
        guard sum == rest[start + Self.size - 1] else { return skip(isWrongSum: isLocked) }
        if !isLocked {
            let next = start + Self.size
            guard rest[next] == Self.sync, Self.types.contains(rest[next + 1]) else { return skip(isWrongSum: false) }
        }
        isLocked = true
        let values = stride(from: start + 2, to: start + 10, by: 2).map {
            Int16(bitPattern: UInt16(rest[$0]) | UInt16(rest[$0 + 1]) << 8)
        }
        frames.append(Frame(type: rest[start + 1], values: values, isAfterDamage: isDamaged && hasBegun))
        isDamaged = false
        hasBegun = true
        return Self.size
    }

    private mutating func skip(isWrongSum: Bool) -> Int {
        if isWrongSum { counts.checksumErrors += 1 }
        counts.skippedBytes += 1
        isLocked = false
        isDamaged = true
        return 1
    }
}
