// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Sensors

@Suite struct PacketRingTests {
    private func push(_ ring: PacketRing, _ bytes: [UInt8], sensor: Int = 0, at time: UInt64 = 0) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe ring.push($0, sensor: sensor, at: time) }
    }

    @Test func packetsComeOutInOrderAroundTheEnd() {
        let ring = PacketRing(capacity: 1 << 17)
        var generator = SplitMix(state: 1)
        for number in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...600, using: &generator)).map { UInt8(truncatingIfNeeded: $0 ^ number) }
            #expect(push(ring, bytes, sensor: number % 3, at: UInt64(number)))
            #expect(ring.pop() == .init(kind: .bytes, sensor: number % 3, bootTime: UInt64(number), payload: bytes))
        }
        #expect(ring.pop() == nil)
    }

    @Test func whatDoesNotFitIsCountedAndSaidBeforeTheNext() {
        let ring = PacketRing(capacity: 1 << 17)
        let bytes = [UInt8](repeating: 1, count: 1000)
        var taken = 0
        while push(ring, bytes) { taken += 1 }
        #expect(!push(ring, bytes))
        // News still fit.
        #expect(ring.push(news: [9], sensor: 0, at: 5))
        for _ in 0..<taken { #expect(ring.pop()?.kind == .bytes) }
        #expect(ring.pop()?.kind == .news)
        #expect(push(ring, bytes))
        let overflow = ring.pop()
        #expect(overflow?.kind == .overflow)
        #expect(overflow?.payload == [0xD0, 0x07, 0, 0, 0, 0, 0, 0])
        let isWhole = ring.pop()?.payload == bytes
        #expect(isWhole)
    }

    @Test func twoThreadsNeitherLoseNorMixPackets() {
        let ring = PacketRing(capacity: 1 << 17)
        let count = 50_000
        let writer = Thread {
            for number in 0..<count {
                var bytes = [UInt8](repeating: 7, count: 8 + number % 100)
                for byte in 0..<8 { bytes[byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
                while !ring.push(news: bytes, sensor: 0, at: UInt64(number)) { ring.ring() }
                ring.ring()
            }
        }
        writer.start()
        var next = 0
        while next < count {
            ring.wait(milliseconds: 100)
            while let packet = ring.pop() {
                let isRight =
                    packet.bootTime == UInt64(next) && packet.payload.count == 8 + next % 100
                    && packet.payload.dropFirst(8).allSatisfy { $0 == 7 }
                if !isRight { Issue.record("packet \(next) is \(packet)") }
                next += 1
            }
        }
    }
}
