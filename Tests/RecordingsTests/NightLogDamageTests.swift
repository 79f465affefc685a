// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@Suite struct NightLogDamageTests {
    let folder: TemporaryFolder
    let tiny: [UInt8]
    let whole: ReadNight

    init() throws {
        folder = try TemporaryFolder()
        tiny = try KnownNight.tiny(in: folder)
        whole = try ReadNight(tiny)
    }

    /// The data sectors that are whole in the first so many bytes: their kind stands in byte 5.
    private func wholeDataSectors(in length: Int) -> Int {
        (2..<max(2, length / 512)).count { tiny[$0 * 512 + 5] == 1 }
    }

    private func sector(_ number: Int) -> Range<Int> { number * 512..<(number + 1) * 512 }

    @Test func aLogCutAtAnyByteGivesItsBeginning() throws {
        for length in 0..<tiny.count {
            let cut = Array(tiny[..<length])
            guard length >= 512 else {
                #expect(throws: RecordingError.self) { try ReadNight(cut) }
                continue
            }
            let night = try ReadNight(cut)
            if night.stretches != Array(whole.stretches.prefix(night.stretches.count)) || night.report.isEmpty
                || night.stretches.count != wholeDataSectors(in: length)
            {
                Issue.record("cut at \(length): \(night.report.items)")
            }
        }
    }

    @Test(arguments: [0, 1, 3, 5]) func anyFlippedBitLosesASectorAndAltersNothing(number: Int) throws {
        for bit in 0..<512 * 8 {
            var flipped = tiny
            flipped[number * 512 + bit / 8] ^= 1 << (bit % 8)
            let night = try ReadNight(flipped)
            let lost = whole.stretches.count - night.stretches.count
            if night.fault != nil || night.report.isEmpty || lost != (number < 2 ? 0 : 1) {
                Issue.record("sector \(number), bit \(bit): \(night.fault ?? "\(night.report.items), \(lost) lost")")
            }
        }
    }

    @Test(arguments: [UInt8(0), 0xFF], [1, 100, 512, 5000])
    func aTailOfNothingAddsNothing(filler: UInt8, count: Int) throws {
        let night = try ReadNight(tiny + [UInt8](repeating: filler, count: count))
        #expect(night.stretches == whole.stretches)
        #expect(night.isClosed)
        #expect(night.report.items.first?.firstPlace == "byte \(tiny.count)")
    }

    @Test func lostSectorsAreAGapOfKnownLength() throws {
        // Sectors 3 to 6 are data of both legs.
        let night = try ReadNight(Array(tiny[..<sector(3).lowerBound] + tiny[sector(7).lowerBound...]))
        #expect(night.fault == nil)
        let lost = [0, 1].map { whole.sampleCount($0) - night.sampleCount($0) }
        #expect(night.gaps(0) == [Gap(.lost, samples: Int64(lost[0]))])
        #expect(night.gaps(1) == [Gap(.lost, samples: Int64(lost[1]))])
        #expect(night.report.items == [.missing(4, at: "byte 1536")])
    }

    @Test func aDamagedSectorIsAGapOfKnownLength() throws {
        var damaged = tiny
        damaged[sector(4).lowerBound + 100] ^= 0x55
        let night = try ReadNight(damaged)
        #expect(night.fault == nil)
        #expect(night.gaps(0) + night.gaps(1) == [Gap(.damaged, samples: 35)])
        #expect(night.report.items.map(\.what) == ["sectors with a wrong checksum"])
    }

    @Test func swappedSectorsNeverGoBackInTime() throws {
        var swapped = tiny
        swapped.replaceSubrange(sector(3), with: tiny[sector(4)])
        swapped.replaceSubrange(sector(4), with: tiny[sector(3)])
        let night = try ReadNight(swapped)
        #expect(night.fault == nil)
        #expect(night.stretches.count == whole.stretches.count - 1)
        #expect(night.report.items.contains { $0.what == "sectors met twice or too late" && $0.count == 1 })
    }

    @Test func sectorsMetTwiceAreReadOnce() throws {
        let night = try ReadNight(Array(tiny[..<sector(6).lowerBound] + tiny[sector(3).lowerBound...]))
        #expect(night.stretches == whole.stretches)
        #expect(night.report.items.map(\.count) == [3])
    }

    @Test(arguments: [1, 7, 100, 511, 512, 513, 1500])
    func foreignBytesBetweenSectorsCostNothing(count: Int) throws {
        var damaged = tiny
        damaged.insert(contentsOf: (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31) }, at: sector(5).lowerBound)
        let night = try ReadNight(damaged)
        #expect(night.stretches.map(\.values) == whole.stretches.map(\.values))
        #expect(night.gaps(0).isEmpty && night.gaps(1).isEmpty)
        #expect(!night.report.isEmpty)
    }

    @Test(arguments: [1, 13, 256]) func bytesTakenOutOfASectorCostThatSectorOnly(count: Int) throws {
        var damaged = tiny
        damaged.removeSubrange(sector(5).lowerBound + 50..<sector(5).lowerBound + 50 + count)
        let night = try ReadNight(damaged)
        #expect(night.fault == nil)
        #expect(night.stretches.count == whole.stretches.count - 1)
    }

    @Test func sectorsOfAnotherNightStayOut() throws {
        let path = folder.file("other.nightlog")
        var header = KnownNight.header
        header.identifier = NightLog.Identifier(bytes: Array(1...16))
        var writer = try NightLogWriter.create(path, header)
        try KnownNight.append(to: &writer, seconds: 0..<9)
        try writer.finish(at: KnownNight.stamp(9))
        let night = try ReadNight(tiny + bytes(of: path)[1024...])
        #expect(night.stretches == whole.stretches)
        #expect(night.report.items.map(\.what) == ["sectors of another night"])
    }

    @Test func oneHeaderIsEnough() throws {
        for damagedCopy in [0, 1] {
            var damaged = tiny
            damaged[damagedCopy * 512 + 30] ^= 1
            let night = try ReadNight(damaged)
            #expect(night.stretches == whole.stretches)
            #expect(night.report.items.map(\.what) == ["damaged copies of the header"])
        }
    }

    @Test func withoutAHeaderTheErrorNamesTheRepair() throws {
        var damaged = tiny
        damaged[30] ^= 1
        damaged[542] ^= 1
        let error = #expect(throws: RecordingError.self) { try ReadNight(damaged) }
        #expect(error?.reason == .damaged)
        #expect(error?.description.contains("nattro repair") == true)
    }

    @Test func whatIsNoLogIsSaidToBeNone() throws {
        let foreign = #expect(throws: RecordingError.self) { try ReadNight([UInt8](repeating: 0x41, count: 5000)) }
        #expect(foreign?.reason == .unknownFormat)
        let empty = #expect(throws: RecordingError.self) { try ReadNight([]) }
        #expect(empty?.reason == .empty)
    }

    @Test(arguments: 0..<150) func whateverHappensToALogItsSamplesAreTrueAndInOrder(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        var damaged = tiny
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            // The headers are left alone here: without both nothing can be read.
            guard damaged.count > 1600 else { break }
            let place = Int.random(in: 1024..<damaged.count - 1, using: &generator)
            let length = min(Int.random(in: 1...1200, using: &generator), damaged.count - place)
            let block = place / 512 * 512
            let other = Int.random(in: 2..<tiny.count / 512, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: damaged.removeSubrange(place..<place + length)
            case 2:
                let noise = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                damaged.insert(contentsOf: noise, at: place)
            case 3: damaged.insert(contentsOf: tiny[sector(other)], at: block)
            case 4: damaged.replaceSubrange(place..<place + length, with: repeatElement(0, count: length))
            case 5: damaged.replaceSubrange(block..<min(block + 512, damaged.count), with: tiny[sector(other)])
            default: damaged.removeSubrange(damaged.count - length..<damaged.count)
            }
        }
        let night = try ReadNight(damaged)
        #expect(night.fault == nil)
        #expect(damaged == tiny || !night.report.isEmpty)
    }
}

extension ReadingReport.Item {
    fileprivate static func missing(_ count: Int, at place: String) -> ReadingReport.Item {
        var report = ReadingReport()
        report.note("sectors missing by their numbers", count: count, at: place)
        return report.items[0]
    }
}
