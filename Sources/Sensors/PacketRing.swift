// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import Synchronization

/// Packets from the thread that runs USB to the one that records: one writer, one reader, no lock.
///
/// Bounded. When it is full, packets are dropped and counted, and the next one that fits is preceded by one of the kind
/// ``PacketKind/overflow`` that says how many bytes are missing: never silent. News that are no samples have a reserve of
/// their own, so that they outlast a flood.
@safe
final class PacketRing: @unchecked Sendable {  // head is written by the reader alone, tail by the writer alone
    /// What a packet holds.
    enum Kind: UInt8 {
        /// Bytes as the sensor sent them.
        case bytes
        /// News about the sensor, see ``USBNews``.
        case news
        /// A count of bytes that were dropped.
        case overflow
    }

    /// A packet as it is read.
    struct Packet: Hashable {
        var kind: Kind
        var sensor: Int
        /// The host's boot time when it came.
        var bootTime: UInt64
        var payload: [UInt8]
    }

    /// Kind, sensor, length, boot time.
    private static let headerSize = 16
    private static let newsReserve = 1 << 16

    /// The bytes that it has room for.
    let capacity: Int
    private let storage: UnsafeMutableRawBufferPointer
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    /// Written by the writer alone; bytes dropped since the last packet that fitted.
    private var dropped: [Int: UInt64] = [:]
    /// A pipe; without one the reader only waits longer.
    private let doorbell: (reading: Int32, writing: Int32)
    private let ringing = Atomic<Bool>(false)

    /// A ring of so many bytes, a power of two.
    init(capacity: Int = 1 << 20) {
        precondition(capacity >= 1 << 17 && capacity & (capacity - 1) == 0, "a ring of \(capacity) bytes")
        self.capacity = capacity
        unsafe storage = .allocate(byteCount: capacity, alignment: 16)
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        doorbell = (ends[0], ends[1])
    }

    deinit {
        unsafe storage.deallocate()
        close(doorbell.reading)
        close(doorbell.writing)
    }

    // MARK: The writer's side

    /// Bytes of a sensor; false if they had to be dropped.
    @discardableResult
    func push(_ bytes: UnsafeRawBufferPointer, sensor: Int, at bootTime: UInt64) -> Bool {
        // The count goes in only together with the bytes after it.
        let both = 2 * Self.headerSize + 8 + bytes.count
        if let missing = dropped[sensor], room(reserve: Self.newsReserve) >= both {
            let noted = unsafe withUnsafeBytes(of: missing.littleEndian) {
                unsafe put(.overflow, sensor, bootTime, $0, reserve: Self.newsReserve)
            }
            if noted { dropped[sensor] = nil }
        }
        guard dropped[sensor] == nil, unsafe put(.bytes, sensor, bootTime, bytes, reserve: Self.newsReserve) else {
            dropped[sensor, default: 0] += UInt64(bytes.count)
            return false
        }
        return true
    }

    private func room(reserve: Int) -> Int {
        capacity - (tail.load(ordering: .relaxed) - head.load(ordering: .acquiring)) - reserve
    }

    /// News about a sensor; false if even the reserve is full.
    @discardableResult
    func push(news: [UInt8], sensor: Int, at bootTime: UInt64) -> Bool {
        unsafe news.withUnsafeBytes { unsafe put(.news, sensor, bootTime, $0, reserve: 0) }
    }

    /// Wakes the reader, if it has not been woken for what it has not yet read. Not for callbacks: it is a system call.
    func ring() {
        guard !ringing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = unsafe write(doorbell.writing, &byte, 1)
    }

    private func put(
        _ kind: Kind, _ sensor: Int, _ bootTime: UInt64, _ payload: UnsafeRawBufferPointer, reserve: Int
    ) -> Bool {
        let end = tail.load(ordering: .relaxed)
        let needed = Self.headerSize + payload.count
        guard room(reserve: reserve) >= needed else { return false }
        store(UInt32(payload.count), at: end)
        store(UInt16(kind.rawValue), at: end + 4)
        store(UInt16(truncatingIfNeeded: sensor), at: end + 6)
        store(bootTime, at: end + 8)
        let start = (end + Self.headerSize) & (capacity - 1)
        let first = min(payload.count, capacity - start)
        unsafe copy(UnsafeRawBufferPointer(rebasing: payload[..<first]), to: start)
        if first < payload.count { unsafe copy(UnsafeRawBufferPointer(rebasing: payload[first...]), to: 0) }
        tail.store(end + needed, ordering: .releasing)
        return true
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, to place: Int) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: storage[place..<place + bytes.count]).copyMemory(from: bytes)
    }

    private func store<Value: FixedWidthInteger>(_ value: Value, at place: Int) {
        for byte in 0..<Value.bitWidth / 8 {
            let shifted = UInt8(truncatingIfNeeded: value >> Value(truncatingIfNeeded: 8 * byte))
            unsafe storage[(place + byte) & (capacity - 1)] = shifted
        }
    }

    // MARK: The reader's side

    /// Waits until something was pushed, for at most so many milliseconds.
    func wait(milliseconds: Int) {
        if head.load(ordering: .relaxed) == tail.load(ordering: .acquiring) {
            var descriptor = pollfd(fd: doorbell.reading, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&descriptor, 1, Int32(clamping: max(0, milliseconds)))
        }
        ringing.store(false, ordering: .releasing)
        var bytes: (UInt64, UInt64) = (0, 0)
        _ = unsafe read(doorbell.reading, &bytes, 16)
    }

    /// The next packet; nil if there is none.
    func pop() -> Packet? {
        let start = head.load(ordering: .relaxed)
        guard start != tail.load(ordering: .acquiring) else { return nil }
        let count = Int(load(UInt32.self, at: start))
        let kind = Kind(rawValue: UInt8(truncatingIfNeeded: load(UInt16.self, at: start + 4))) ?? .bytes
        let packet = Packet(
            kind: kind, sensor: Int(load(UInt16.self, at: start + 6)), bootTime: load(UInt64.self, at: start + 8),
            payload: (0..<count).map { unsafe storage[(start + Self.headerSize + $0) & (capacity - 1)] })
        head.store(start + Self.headerSize + count, ordering: .releasing)
        return packet
    }

    private func load<Value: FixedWidthInteger>(_ type: Value.Type, at place: Int) -> Value {
        var value: Value = 0
        for byte in 0..<Value.bitWidth / 8 {
            let loaded = unsafe storage[(place + byte) & (capacity - 1)]
            value |= Value(truncatingIfNeeded: loaded) << Value(truncatingIfNeeded: 8 * byte)
        }
        return value
    }
}
