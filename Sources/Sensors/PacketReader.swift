// SPDX-License-Identifier: GPL-3.0-or-later

/// Makes events of the packets that a thread left in its ring: the same for USB and for serial ports.
struct PacketReader: Sendable {
    private let makeDecoder: @Sendable (_ sensor: Int, _ driver: SensorDriver) -> (any SensorDecoder)?
    private var sensors: [Int: any SensorDecoder] = [:]
    private var kinds: [SensorEvent.Kind] = []

    /// A reader that makes what understands a sensor when it is found for the first time.
    init(
        makeDecoder: @escaping @Sendable (_ sensor: Int, _ driver: SensorDriver) -> (any SensorDecoder)?
    ) {
        self.makeDecoder = makeDecoder
    }

    /// Appends what is in the ring.
    mutating func drain(_ packets: PacketRing, into events: inout [SensorEvent]) {
        while let packet = packets.pop() {
            kinds.removeAll(keepingCapacity: true)
            take(packet)
            for kind in kinds {
                events.append(SensorEvent(sensor: packet.sensor, bootTime: packet.bootTime, kind: kind))
            }
        }
    }

    private mutating func take(_ packet: PacketRing.Packet) {
        switch packet.kind {
        case .bytes: sensors[packet.sensor]?.append(packet.payload, into: &kinds)
        case .overflow:
            let bytes: UInt64 = packet.payload.span.integer(at: 0)
            sensors[packet.sensor]?.interrupted()
            kinds.append(.overflow(bytes: bytes))
        case .news:
            guard let news = USBNews(packet.payload) else { return }
            take(news, packet.sensor)
        }
    }

    private mutating func take(_ news: USBNews, _ sensor: Int) {
        switch news {
        case .found(let serial, let driver):
            let driver = SensorDriver.all[driver]
            // The decoder stays over reconnections, so that it knows what it has seen.
            if sensors[sensor] == nil { sensors[sensor] = makeDecoder(sensor, driver) }
            kinds.append(.found(serial: serial, driver: driver.name))
        case .information(let bytes): sensors[sensor]?.take(information: bytes, into: &kinds)
        case .interrupted: sensors[sensor]?.interrupted()
        case .lost(let reason):
            sensors[sensor]?.finish(into: &kinds)
            kinds.append(.lost(reason))
        case .trouble(let trouble, let text): kinds.append(.trouble(trouble, text))
        case .noUSB(let text): kinds.append(.trouble(.notOpened, text))
        }
    }
}

/// A thread that leaves packets in a ring.
protocol PacketEngine {
    var packets: PacketRing { get }
    var clock: HostClock { get }
    /// Whether its thread is done, and all it brought is in the ring.
    var isFinished: Bool { get }
}

extension PacketEngine {
    /// Waits for packets, for at most so many seconds on its clock; true if none follow those that are in the ring then.
    func wait(_ seconds: Double) -> Bool {
        let isLast = isFinished
        if !isLast { packets.wait(milliseconds: clock.milliseconds(for: UInt64(max(0, seconds) * 1e9))) }
        return isLast
    }
}
