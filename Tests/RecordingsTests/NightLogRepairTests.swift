// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

@Suite struct NightLogRepairTests {
    let folder: TemporaryFolder
    let tiny: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        tiny = try KnownNight.tiny(in: folder)
    }

    private func repaired(_ bytes: [UInt8], _ name: String = "a") throws -> (String, NightLog.Repair) {
        let damaged = folder.file("\(name)-damaged.nightlog")
        try write(bytes, to: damaged)
        let path = folder.file("\(name)-repaired.nightlog")
        return (path, try NightLog.repair(from: damaged, to: path))
    }

    private func damaged(_ seed: Int) -> [UInt8] {
        var generator = SeededGenerator(state: UInt64(seed))
        var bytes = tiny
        for _ in 0..<3 { bytes[Int.random(in: 512..<bytes.count, using: &generator)] ^= 0x40 }
        bytes.insert(contentsOf: [1, 2, 3], at: Int.random(in: 1024..<bytes.count, using: &generator))
        bytes.removeLast(Int.random(in: 0..<1500, using: &generator))
        return bytes
    }

    @Test func aSoundLogStaysAsItIs() throws {
        let (path, repair) = try repaired(tiny)
        #expect(try bytes(of: path) == tiny)
        #expect(repair.report.isEmpty)
        #expect(repair.samples == [300, 75])
    }

    @Test(arguments: 0..<20) func aRepairedLogReadsAsTheDamagedOne(seed: Int) throws {
        let before = try ReadNight(damaged(seed))
        let (path, repair) = try repaired(damaged(seed))
        let after = try ReadNight(path: path)
        #expect(after.stretches.map(\.values) == before.stretches.map(\.values))
        #expect(after.stretches.map(\.firstIndex) == before.stretches.map(\.firstIndex))
        #expect(after.stretches.map(\.anchor) == before.stretches.map(\.anchor))
        #expect(after.stretches.map { $0.gap?.samples } == before.stretches.map { $0.gap?.samples })
        #expect(after.stretches.map { $0.gap == nil } == before.stretches.map { $0.gap == nil })
        #expect(after.isClosed)
        #expect(after.report.items.allSatisfy { $0.what == "sectors missing by their numbers" })
        #expect(!repair.report.isEmpty)
        let again = folder.file("again.nightlog")
        _ = try NightLog.repair(from: path, to: again)
        #expect(try bytes(of: again) == bytes(of: path))
    }

    @Test func withoutAHeaderTheSectorsTell() throws {
        var headless = tiny
        headless.replaceSubrange(0..<1024, with: repeatElement(0, count: 1024))
        let (path, repair) = try repaired(headless)
        #expect(!repair.unknownFields.isEmpty)
        let reader = try NightLogReader(path: path)
        #expect(reader.log.zone == KnownNight.zone)
        #expect(reader.log.streams.map(\.leg) == [.left, .right])
        #expect(reader.log.streams.map(\.scale) == KnownNight.streams.map(\.scale))
        #expect(try ReadNight(reader).stretches == ReadNight(tiny).stretches)
    }

    @Test func aHeaderOutOfItsPlaceIsFound() throws {
        let (path, repair) = try repaired([1, 2, 3] + tiny)
        #expect(repair.unknownFields.isEmpty)
        #expect(try bytes(of: path) == tiny)
    }

    @Test func aRepairNeverOverwrites() throws {
        let source = folder.file("source.nightlog")
        try write(tiny, to: source)
        for destination in [source, folder.file("there.nightlog")] {
            if destination != source { try write([9], to: destination) }
            let before = try bytes(of: destination)
            let error = #expect(throws: RecordingError.self) { try NightLog.repair(from: source, to: destination) }
            #expect(error?.reason == .alreadyExists)
            #expect(try bytes(of: destination) == before)
        }
    }

    @Test func whereNothingIsLeftNothingIsWritten() throws {
        let source = folder.file("noise.nightlog")
        try write([UInt8](repeating: 3, count: 4000), to: source)
        let error = #expect(throws: RecordingError.self) {
            try NightLog.repair(from: source, to: folder.file("new.nightlog"))
        }
        #expect(error?.reason == .noSamples)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("new") }.isEmpty)
    }

    @Test func aRepairThatFailsLeavesNothingBehind() throws {
        let source = folder.file("source.nightlog")
        try write(tiny, to: source)
        for failing in 1...2 {
            let calls = FailingCalls(failing: failing, code: ENOSPC).calls
            let error = #expect(throws: RecordingError.self) {
                try NightLog.repair(from: source, to: folder.file("new.nightlog"), calls: calls)
            }
            #expect(error?.reason == .noSpace)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("new") }.isEmpty)
        }
    }
}
