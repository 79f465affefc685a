// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import Sensors

@Suite struct WornDirectionsTests {
    /// A night in which a leg turns about its own length, the sensor's x axis: the gravity goes round in y and z.
    private func night(_ folder: URL, serial: String = "A") throws -> WornDirections {
        let path = folder.appending(path: "\(serial).nightlog").path
        let stream = NightLog.Stream(leg: .left, serial: serial, nominalRate: 25, range: 8, scale: 1 / 4096)
        let creation = NightLog.Stamp(hostBoot: 1, bootTime: 0, utc: 0)
        var writer = try NightLogWriter.create(
            path, NightLog.Header(identifier: .random(), creation: creation, zone: .init(offset: 0), streams: [stream]))
        for second in 0..<1200 {
            // Supine, then slowly on the right side.
            let angle = Double(second) / 1200 * .pi / 2
            let sample = [0, (4096 * sin(angle)).rounded(), (4096 * cos(angle)).rounded()].map { Int16($0) }
            let counts = (0..<25).flatMap { _ in sample }
            try writer.append(
                counts.span, to: 0,
                at: NightLog.Stamp(
                    hostBoot: 1, bootTime: UInt64(second + 1) * 1_000_000_000, utc: Int64(second) * 1_000_000_000))
        }
        try writer.finish(at: NightLog.Stamp(hostBoot: 1, bootTime: 1 << 41, utc: 1 << 41))
        var worn = WornDirections()
        try worn.read(path)
        return worn
    }

    private static let angles: [([Double], Double)] = [
        ([0, 0, 1.02], 3), ([0, 0.7, 0.7], 3), ([0, 0.98, 0], 4), ([0, 0, -1], 93), ([1, 0, 0], 90),
        ([0.5, 0, 0.8660254], 30.5),
    ]

    @Test(arguments: angles)
    func theAngleToAnEarlierNightIsThatToItsNearestMinute(direction: [Double], degrees: Double) throws {
        try Fixtures.withTemporaryFolder { folder in
            let found = try #require(try night(folder).degrees(of: direction, serial: "A", leg: .left))
            #expect(abs(found - degrees) < 3, "\(found)")
        }
    }

    @Test func anotherSensorOrLegIsNotCompared() throws {
        try Fixtures.withTemporaryFolder { folder in
            let worn = try night(folder)
            #expect(worn.degrees(of: [0, 0, 1], serial: "B", leg: .left) == nil)
            #expect(worn.degrees(of: [0, 0, 1], serial: "A", leg: .right) == nil)
            #expect(worn.degrees(of: [0, 0, 1], serial: "A", leg: nil) != nil)
            #expect(worn.degrees(of: [0, 0, 0], serial: "A", leg: .left) == nil)
            #expect(WornDirections().degrees(of: [0, 0, 1], serial: "A", leg: .left) == nil)
        }
    }
}

@Suite struct SelfTestTests {
    @Test func aMinuteTellsOfDriftLatenessAndLosses() throws {
        var test = SelfTest()
        func take(_ kind: SensorEvent.Kind, _ time: Double) {
            test.take(SensorEvent(sensor: 0, bootTime: UInt64(time * 1e9), kind: kind))
        }
        take(.found(serial: "A", driver: "test"), 100)
        take(
            .settings(SensorSettings(serial: "A", streams: [.init(leg: .left, rate: 100, range: 8, scale: 1 / 4096)])),
            100)
        for frame in 0..<2000 where frame != 1000 {
            let device = Double(frame) / 20
            let late = frame == 1500 ? 0.4 : 0
            take(
                .samples(
                    SensorSamples(
                        stream: 0, boot: 1, firstIndex: UInt32(frame * 5), deviceTime: UInt64(device * 1e6) + 1,
                        flags: [],
                        counts: [Int16](repeating: 2365, count: 15))), 100 + device * 1.0001 + late)
        }
        let result = try #require(test.results.first)
        #expect(abs((result.drift ?? 0) - 100) < 2)
        #expect(abs(result.lateness - 0.4) < 0.01)
        #expect(result.missing == 5 && abs(result.dropRate - 0.0005) < 1e-6)
        #expect(result.problems == ["5 samples are missing: try another cable or port"])
    }
}
