// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Synchronization
import Testing

@Suite struct NightLogWriterTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("night.nightlog")
    }

    @Test func aFileThatExistsIsNeverOverwritten() throws {
        try write([1, 2, 3], to: path)
        let error = #expect(throws: RecordingError.self) {
            _ = try NightLogWriter.create(path, KnownNight.header).header
        }
        #expect(error?.reason == .alreadyExists)
        #expect(try bytes(of: path) == [1, 2, 3])
    }

    @Test func onlyItsOwnerMayReadALog() throws {
        _ = try NightLogWriter.create(path, KnownNight.header).header
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aSecondRecorderIsTurnedAway() throws {
        var writer = try NightLogWriter.create(path, KnownNight.header)
        let error = #expect(throws: RecordingError.self) {
            _ = try NightLogWriter.reopen(path, at: KnownNight.stamp(1), zone: KnownNight.zone).header
        }
        #expect(error?.reason == .inUse)
        try writer.finish(at: KnownNight.stamp(2))
    }

    @Test func noMoreThanFiveSecondsAreAtRisk() throws {
        var writer = try NightLogWriter.create(path, KnownNight.header)
        for second in 1...30 {
            try KnownNight.append(to: &writer, seconds: second - 1..<second)
            // What stands in the file is on the disk, or a little more.
            let night = try ReadNight(path: path)
            #expect(night.sampleCount(0) >= (second - 5) * 100)
            #expect(night.sampleCount(1) >= (second - 5) * 25)
            #expect(night.fault == nil)
        }
    }

    @Test func aStreamThatFallsSilentIsSavedByTheOthersAndByTheWatch() throws {
        var writer = try NightLogWriter.create(path, KnownNight.header)
        try writer.append(KnownNight.counts(1, 0..<5).span, to: 1, at: KnownNight.stamp(0))
        try writer.synchronizeIfDue(at: KnownNight.stamp(3.9).bootTime)
        #expect(try ReadNight(path: path).sampleCount(1) == 0)
        try writer.synchronizeIfDue(at: KnownNight.stamp(4).bootTime)
        #expect(try ReadNight(path: path).sampleCount(1) == 5)
    }

    @Test func aLogCutAnywhereInItsLastSectorsGoesOnAfterwards() throws {
        let tiny = try KnownNight.tiny(in: folder, closed: false)
        for length in tiny.count - 1100...tiny.count {
            let path = folder.file("cut-\(length).nightlog")
            try write(Array(tiny[..<length]), to: path)
            let before = try ReadNight(path: path)
            var writer = try NightLogWriter.reopen(
                path, at: KnownNight.stamp(100, hostBoot: 2), zone: KnownNight.zone)
            let next = before.sampleCount(0)
            try writer.append(
                KnownNight.counts(0, next..<next + 70).span, to: 0, at: KnownNight.stamp(101, hostBoot: 2))
            try writer.finish(at: KnownNight.stamp(102, hostBoot: 2))
            let after = try ReadNight(path: path)
            guard after.fault == nil, after.stretches.dropLast() == before.stretches[...], after.isClosed,
                after.stretches.last?.gap == Gap(.restart), try bytes(of: path).count % 512 == 0,
                after.stretches.last?.anchor.time == Double(KnownNight.creationUTC) / 1e9 + 7200 + 101
            else {
                Issue.record("cut at \(length): \(after.fault ?? "\(after.report.items)")")
                continue
            }
        }
    }

    @Test(arguments: [ENOSPC, EIO, EINTR]) func whicheverCallFailsTheLogStaysTrueAndLosesNothing(code: Int32) throws {
        let counter = FailingCalls()
        try KnownNight.writeSmall(to: folder.file("0.nightlog"), calls: counter.calls)
        let expected = try ReadNight(path: folder.file("0.nightlog"))
        let callCount = counter.count
        #expect(callCount > 20)
        for failing in 1...callCount {
            let path = folder.file("\(failing).nightlog")
            let faults = FailingCalls(failing: failing, code: code)
            do {
                try KnownNight.writeSmall(to: path, calls: faults.calls)
                #expect(code == EINTR)
            } catch {
                #expect(error.reason == (code == ENOSPC ? .noSpace : .inputOutput))
                guard FileManager.default.fileExists(atPath: path) else { continue }
                // What was saved is the beginning of the night.
                let night = try ReadNight(path: path)
                #expect(night.fault == nil)
                #expect(night.stretches[...] == expected.stretches.prefix(night.stretches.count))
                continue
            }
            #expect(try ReadNight(path: path).stretches == expected.stretches)
        }
    }

    @Test func afterAFullDiskTheWriterGoesOnWithAllThatItKept() throws {
        let faults = FailingCalls()
        var writer = try NightLogWriter.create(path, KnownNight.header, calls: faults.calls)
        try KnownNight.append(to: &writer, seconds: 0..<1)
        faults.fail(with: ENOSPC, takingBytes: 100)
        for frame in 20..<400 {
            let counts = KnownNight.counts(0, frame * 5..<frame * 5 + 5)
            do throws(RecordingError) {
                try writer.append(counts.span, to: 0, at: KnownNight.stamp(Double(frame) / 20))
            } catch {
                #expect(error.reason == .noSpace)
            }
        }
        #expect(try ReadNight(path: path).fault == nil)
        faults.succeed()
        try writer.finish(at: KnownNight.stamp(20))
        let night = try ReadNight(path: path)
        #expect(night.fault == nil)
        #expect(night.report.isEmpty)
        #expect(night.sampleCount(0) == 2000)
        #expect(writer.droppedSamples == 0)
    }

    @Test func aBacklogThatIsFullDropsAndSaysSo() throws {
        let faults = FailingCalls()
        var writer = try NightLogWriter.create(path, KnownNight.header, calls: faults.calls)
        writer.backlogLimit = 10 * 512
        faults.fail(with: ENOSPC, takingBytes: 0)
        for second in 0..<20 {
            #expect(throws: RecordingError.self) {
                let counts = KnownNight.counts(0, second * 70..<second * 70 + 70)
                try writer.append(counts.span, to: 0, at: KnownNight.stamp(Double(second)))
            }
        }
        #expect(writer.droppedSamples == 700)
        faults.succeed()
        try writer.append(KnownNight.counts(0, 1400..<1470).span, to: 0, at: KnownNight.stamp(20))
        try writer.finish(at: KnownNight.stamp(21))
        let night = try ReadNight(path: path)
        #expect(night.fault == nil)
        #expect(night.gaps(0) == [Gap(.overrun, samples: 700)])
    }

    @Test func aFailedSaveIsWrittenOnceMore() throws {
        let faults = FailingCalls()
        var writer = try NightLogWriter.create(path, KnownNight.header, calls: faults.calls)
        try KnownNight.append(to: &writer, seconds: 0..<3)
        faults.fail(with: EIO, takingBytes: 1 << 20)
        #expect(throws: RecordingError.self) { try writer.synchronize() }
        // The system lost what it could not save.
        try write(Array(bytes(of: path)[..<1536]), to: path)
        faults.succeed()
        try writer.finish(at: KnownNight.stamp(3))
        let night = try ReadNight(path: path)
        #expect(night.fault == nil && night.report.isEmpty)
        #expect(night.sampleCount(0) == 300)
    }
    @Test func aDiskThatRefusesIsAskedAgainEveryTenSecondsAndKeepsFullSectors() throws {
        let faults = FailingCalls()
        var writer = try NightLogWriter.create(path, KnownNight.header, calls: faults.calls)
        faults.fail(with: ENOSPC, takingBytes: 0)
        let before = faults.count
        // In 60 s there are 86 full sectors, and those of six tries that are not full.
        writer.backlogLimit = 100 * 512
        var refused = 0
        for frame in 0..<1200 {
            do throws(RecordingError) {
                let counts = KnownNight.counts(0, frame * 5..<frame * 5 + 5)
                try writer.append(counts.span, to: 0, at: KnownNight.stamp(Double(frame) / 20))
            } catch {
                #expect(error.reason == .noSpace)
                refused += 1
            }
        }
        #expect(refused > 1100)
        #expect(faults.count - before <= 8, "\(faults.count - before) calls in a minute")
        #expect(writer.droppedSamples == 0)
        faults.succeed()
        try writer.finish(at: KnownNight.stamp(61))
        let night = try ReadNight(path: path)
        #expect(night.fault == nil && night.report.isEmpty && night.gaps(0).isEmpty)
        #expect(night.sampleCount(0) == 6000)
    }

    @Test func aPowerCutAtAnyMomentTakesAtMostFiveSeconds() throws {
        let path = path
        let saved = Mutex<[UInt8]>([])
        var calls = NightLogCalls.system
        calls.synchronize = { _ in
            // What is on the disk from here on, whatever happens.
            saved.withLock { $0 = (try? bytes(of: path)) ?? [] }
            return 0
        }
        var writer = try NightLogWriter.create(path, KnownNight.header, calls: calls)
        for frame in 0..<1200 {
            let now = Double(frame + 1) / 20
            try writer.append(
                KnownNight.counts(0, frame * 5..<frame * 5 + 5).span, to: 0, at: KnownNight.stamp(now))
            let night = try ReadNight(saved.withLock { $0 })
            #expect(night.sampleCount(0) >= (frame + 1) * 5 - 500)
            guard frame % 97 == 0 else { continue }
            // Of what was written since, any page may have reached the disk and any not.
            var partly = try bytes(of: path)
            for start in stride(from: saved.withLock { $0.count }, to: partly.count, by: 512) where start % 1024 == 0 {
                let end = min(start + 512, partly.count)
                partly.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
            }
            let cut = try ReadNight(partly)
            #expect(cut.fault == nil)
            #expect(cut.sampleCount(0) >= (frame + 1) * 5 - 500)
        }
    }

    @Test func roomForTheNightIsSetAsideAndGivenBack() throws {
        func allocated() -> Int {
            var status = stat()
            return unsafe stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
        }
        var writer = try NightLogWriter.create(path, KnownNight.header, reservingSeconds: 3600)
        let size = try bytes(of: path).count
        #expect(size < 4096, "the file is as long as what was written")
        try #require(writer.reservationFailure == nil)
        if allocated() <= 8192 {
            print("not tested: this file system sets no room aside")
            return
        }
        #expect(allocated() > 3_000_000)
        try KnownNight.append(to: &writer, seconds: 0..<2)
        try writer.finish(at: KnownNight.stamp(2))
        #expect(allocated() < 65_536)
        #expect(try ReadNight(path: path).report.isEmpty)
    }

    @Test(arguments: [ENOSPC, EOPNOTSUPP, EINTR]) func roomThatCannotBeSetAsideStopsNoNight(code: Int32) throws {
        var calls = NightLogCalls.system
        calls.reserve = { _, _ in code }
        var writer = try NightLogWriter.create(path, KnownNight.header, reservingSeconds: 3600, calls: calls)
        #expect(writer.reservationFailure?.reason == (code == ENOSPC ? .noSpace : nil))
        try KnownNight.append(to: &writer, seconds: 0..<2)
        try writer.finish(at: KnownNight.stamp(2))
        #expect(try ReadNight(path: path).report.isEmpty)
    }

    @Test func theRoomForANightIsEnoughAndNotMuchMore() throws {
        var writer = try NightLogWriter.create(path, KnownNight.header)
        try KnownNight.append(to: &writer, seconds: 0..<600)
        for minute in 0..<10 { try writer.clock(at: KnownNight.stamp(600 + Double(minute)), zone: KnownNight.zone) }
        try writer.finish(at: KnownNight.stamp(611))
        let needed = try bytes(of: path).count
        let planned = NightLog.bytes(of: 600, rate: 100) + NightLog.bytes(of: 600, rate: 25, channels: 6)
        #expect(needed <= planned && planned < needed * 5 / 4, "\(needed) of \(planned)")
    }

    @Test func howALogStandsIsToldToWhoeverGoesOn() throws {
        var writer = try NightLogWriter.create(path, KnownNight.header)
        try KnownNight.append(to: &writer, seconds: 0..<3)
        try writer.synchronize()
        #expect(#expect(throws: RecordingError.self) { try NightLog.standing(path) }?.reason == .inUse)
        try writer.finish(at: KnownNight.stamp(3))
        _ = consume writer
        let closed = try NightLog.standing(path)
        #expect(closed.isClosed && closed.samples == [300, 75] && closed.last == KnownNight.stamp(3))
        try write(Array(bytes(of: path).dropLast(512)), to: path)
        #expect(try !NightLog.standing(path).isClosed)
        #expect(closed.suits(KnownNight.streams))
        var other = KnownNight.streams
        other[0].serial = "NR-0003"
        #expect(!closed.suits(other))
        #expect(!closed.suits([KnownNight.streams[0]]))
        other[0].serial = ""
        #expect(closed.suits(other), "a leg whose sensor never came")
    }
}

/// System calls of which one fails, or all from a moment on.
final class FailingCalls: Sendable {
    private struct State {
        var count = 0
        var failing: Int?
        var code: Int32 = 0
        var allFail = false
        var bytes = 0
    }
    private let state: Mutex<State>

    init(failing: Int? = nil, code: Int32 = 0) {
        state = Mutex(State(failing: failing, code: code))
    }

    var count: Int { state.withLock { $0.count } }

    func fail(with code: Int32, takingBytes bytes: Int) {
        state.withLock {
            $0.code = code
            $0.allFail = true
            $0.bytes = bytes
        }
    }

    func succeed() { state.withLock { $0.allFail = false } }

    /// The error number that this call ends with, 0 if it shall succeed, and the bytes it may take before.
    private func next() -> (code: Int32, bytes: Int) {
        state.withLock { state in
            state.count += 1
            if state.allFail {
                defer { state.bytes = 0 }
                return (state.code, state.bytes)
            }
            return state.count == state.failing ? (state.code, 0) : (0, 0)
        }
    }

    var calls: NightLogCalls {
        NightLogCalls(
            write: { descriptor, bytes, start, offset in
                let (code, allowed) = self.next()
                guard code != 0 else { return NightLogCalls.system.write(descriptor, bytes, start, offset) }
                guard allowed > 0 else { return -Int(code) }
                let part = Array(bytes[..<min(bytes.count, start + allowed)])
                return NightLogCalls.system.write(descriptor, part, start, offset)
            },
            synchronize: { descriptor in
                let code = self.next().code
                return code != 0 ? code : NightLogCalls.system.synchronize(descriptor)
            },
            synchronizeFolder: { descriptor in
                let code = self.next().code
                return code != 0 ? code : NightLogCalls.system.synchronizeFolder(descriptor)
            },
            reserve: { descriptor, bytes in
                let code = self.next().code
                return code != 0 ? code : NightLogCalls.system.reserve(descriptor, bytes)
            })
    }
}
