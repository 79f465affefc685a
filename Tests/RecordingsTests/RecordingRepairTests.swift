// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

/// A damaged file, what a repair says of it, and the repaired one.
private func repair<T>(
    _ bytes: [UInt8], _ check: (RecordingRepair, String) throws -> T
) throws -> T {
    try Fixtures.withTemporaryFolder { folder in
        let (damaged, clean) = (folder.appending(path: "damaged"), folder.appending(path: "clean"))
        try Data(bytes).write(to: damaged)
        let result = try RecordingRepair.repair(from: damaged.path, to: clean.path)
        #expect(try Data(contentsOf: damaged) == Data(bytes), "the damaged file stays as it is")
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == ["damaged", "clean"])
        #expect { try RecordingRepair.repair(from: damaged.path, to: clean.path) } throws: {
            ($0 as? RecordingError)?.reason == .alreadyExists
        }
        return try check(result, clean.path)
    }
}

@Suite struct RecordingRepairTests {
    @Test func aCWAFileKeepsItsGoodSectorsAndItsGap() throws {
        let bytes = try Fixtures.bytes("cwa/ax3_corrupt_blocks.cwa")
        let before = try WholeRecording(bytes: bytes)
        try repair(bytes) { result, path in
            let after = try WholeRecording(path)
            #expect(after.values == before.values && after.times == before.times)
            #expect(after.gaps.map(\.at) == before.gaps.map(\.at).filter { $0 > 0 }, "a lost start is no gap")
            #expect(result.report.items.map(\.count) == [6 * 512])
            #expect(after.header.site == before.header.site)
        }
    }

    @Test func aCWAFileThatLostBytesOrItsHeaderIsFoundAgain() throws {
        let bytes = try Fixtures.bytes("cwa/ax6_testfile.cwa")
        let whole = try WholeRecording(bytes: bytes)
        var shifted = bytes
        shifted.removeSubrange(1024 + 5000..<1024 + 5003)
        #expect(try WholeRecording(bytes: shifted).times.count < 500, "a reader goes sector by sector")
        try repair(shifted) { _, path in
            let after = try WholeRecording(path)
            #expect(after.times.count == whole.times.count - 40)
            #expect(after.gaps.map(\.gap) == [Gap(.lost, samples: 40)])
        }
        try repair(Array(bytes[1000...])) { result, path in
            let after = try WholeRecording(path)
            #expect(after.values == whole.values && after.times == whole.times)
            #expect(after.header.streams[0].channels.count == 6)
            #expect(result.remarks.count == 1)
        }
    }

    @Test func anUnfinishedEDFFileIsFinished() throws {
        let whole = try Fixtures.bytes("damaged/a_finalized_C.edf")
        let expected = try WholeEDF(bytes: whole)
        for (count, cut) in [("-1", 777), ("60", 777), ("40", 0), ("-1", -4096)] {
            var bytes = cut >= 0 ? Array(whole.dropLast(cut)) : whole + [UInt8](repeating: 0, count: -cut)
            bytes.replaceSubrange(
                236..<244, with: Array(count.padding(toLength: 8, withPad: " ", startingAt: 0).utf8))
            try repair(bytes) { result, path in
                let after = try WholeEDF(path)
                #expect(after.reader.report.isEmpty)
                #expect(after.values[0].elementsEqual(expected.values[0].prefix(cut == 777 ? 17700 : 18000)))
                #expect(after.reader.header.streams == expected.reader.header.streams)
                #expect(!result.remarks.isEmpty || cut < 0)
            }
        }
    }

    @Test func holesOfAnEDFFileStayHoles() throws {
        var made = MadeEDF()
        made.annotations = ["0", "1", "2", "62", "63"].map { [MadeEDF.stamp($0)] }
        let before = try WholeEDF(bytes: made.bytes)
        try repair(made.bytes) { result, path in
            let after = try WholeEDF(path)
            #expect(after.times == before.times && after.values == before.values)
            #expect(after.gaps[0].map(\.at) == [300] && after.reader.report.isEmpty)
            #expect(result.remarks.count == 1)
        }
        // A plain file without annotations, zeros within: it gets a signal that tells the times.
        var plain = MadeEDF()
        plain.reserved = ""
        plain.count = "-1"
        plain.signals[0].value = { (200..<300).contains($0) ? 0 : $0 + 1 }
        let whole = try WholeEDF(bytes: plain.bytes)
        #expect(whole.gaps[0].map(\.gap) == [Gap(.damaged)])
        try repair(plain.bytes) { result, path in
            let after = try WholeEDF(path)
            #expect(after.times == whole.times && after.values == whole.values)
            #expect(after.gaps[0].map(\.at) == [200] && after.reader.report.isEmpty)
            #expect(result.remarks.count == 3)
        }
    }

    @Test func aGENEActivFileKeepsItsWholePages() throws {
        let bytes = try Fixtures.bytes("geneactiv/ggir_GENEActiv_testfile.bin")
        let before = try WholeRecording(bytes: bytes)
        try repair(bytes) { result, path in
            let after = try WholeRecording(path)
            #expect(after.values.elementsEqual(before.values.prefix(4800 * 3)))
            #expect(after.report.isEmpty)
            #expect(result.kept == "16 pages")
            #expect(result.remarks == ["Number of Pages:16 stands in the header now"])
        }
    }

    @Test func whatCannotBeSavedIsOneClearError() throws {
        for (bytes, reason) in [
            ([UInt8](), RecordingError.Reason.empty), (Array("time,x,y,z\n1,2,3,4\n".utf8), .unsupported),
            (Array("Device Identity\nx\n".utf8), .noSamples), (Array("PK\u{3}\u{4}rubbish".utf8), .damaged),
        ] {
            #expect { try repair(bytes) { _, _ in } } throws: { ($0 as? RecordingError)?.reason == reason }
        }
    }
}
