// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import nattro

/// Two minutes of a sensor at rest at 50 Hz, as rows of text.
private let quiet: [String] = (0..<6000).map { row in
    let noise = [row * 7 % 5, row * 11 % 7, row * 13 % 3].map { Double($0 - 2) / 1000 }
    return "\(Double(85_000_000_000 + row) / 50),\(noise[0]),\(noise[1]),\(1 + noise[2])"
}

private func csv(_ rows: some Sequence<String>) -> Data {
    Data((["time,x,y,z"] + rows + [""]).joined(separator: "\n").utf8)
}

/// Scores a file of these bytes.
private func score(_ data: Data, _ more: [String] = [], name: String = "night.csv") throws -> ProgramRun {
    try Fixtures.withTemporaryFolder { folder in
        let file = folder.appending(path: name)
        try data.write(to: file)
        return try ProgramRun("nattro", ["score", file.path] + more)
    }
}

extension ProgramRun {
    /// Expects a refusal: nothing on standard output, and one line of nattro's or one of the parser's on standard error.
    fileprivate func expectRefusal(_ status: Int32, _ words: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(self.status == status && output == "", sourceLocation: location)
        #expect(errors.contains(words), "\(errors)", sourceLocation: location)
        if errors.hasPrefix("nattro: ") {
            #expect(errors.count { $0 == "\n" } == 1, sourceLocation: location)
        } else {
            #expect(errors.hasPrefix("Error: "), "\(errors)", sourceLocation: location)
        }
    }
}

@Suite struct ScoreCommandTests {
    @Test func whatIsNoRecordingIsUnusable() throws {
        try Fixtures.withTemporaryFolder { folder in
            let missing = folder.appending(path: "none.cwa").path
            try ProgramRun("nattro", ["score", missing]).expectRefusal(2, "there is no such file")
            try ProgramRun("nattro", ["score", folder.path]).expectRefusal(2, "is a directory")
            try ProgramRun("nattro", ["score", "--movements", missing]).expectRefusal(2, "there is no such file")
        }
        try score(Data()).expectRefusal(2, "is empty")
        try score(Data((0..<4000).map { UInt8(truncatingIfNeeded: $0 * 251 >> 3) })).expectRefusal(
            2, "no recording that nattro knows")
        try ProgramRun("nattro", ["score", "-"]).expectRefusal(2, "is empty")
    }

    @Test func textWithoutRisingTimesIsUnusable() throws {
        try score(csv(quiet.prefix(1))).expectRefusal(2, "has no two samples at rising times")
        try score(csv(quiet.reversed())).expectRefusal(2, "has no two samples at rising times")
        try score(csv([])).expectRefusal(2, "holds no row with a time and three axes")
        try score(csv(quiet.map { $0.prefix { $0 != "," } + ",NaN,NaN,NaN" })).expectRefusal(2, "too few samples")
    }

    @Test func timeRunningBackwardsIsNamedAndTheRestIsScored() throws {
        let run = try score(csv(quiet[3000...] + quiet[..<3000]))
        #expect(run.status == 1 && run.output.contains("left leg: 60.0 s"))
        #expect(run.errors.contains("places where time runs backwards: 1, the first at line 3002\n"))
        #expect(run.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("nattro: ") })
    }

    @Test func valuesThatAreNoNumbersAreAGap() throws {
        let rows = quiet.enumerated().map { row, text in
            (2000..<2200).contains(row) ? text.prefix { $0 != "," } + ",NaN,NaN,NaN" : text
        }
        let run = try score(csv(rows))
        #expect(run.status == 0 && run.errors == "")
        #expect(run.output.contains("left leg: 116.0 s") && run.output.contains("1 gap of 4.0 s in all"))
        let table = try score(csv(rows), ["--tsv"]).output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(table.count == 2 && table[1][2...3] == ["L", "gap"])
    }

    @Test func hugeValuesAreScored() throws {
        let rows = quiet.enumerated().map { row, text in
            row % 500 < 100 ? text.prefix { $0 != "," } + ",3e38,-3e38,1e30" : text
        }
        #expect(try score(csv(rows), ["--json"]).status == 0)
    }

    @Test func aTimeStampYearsAheadMakesNoNight() throws {
        // Without a limit this took more memory than there is, for one hour after another.
        let rows =
            quiet[..<3000]
            + quiet[3000...].enumerated().map {
                "\(99_000_000_000 + Double($0.offset) / 50)" + $0.element.drop { $0 != "," }
            }
        try score(csv(rows), ["--json"]).expectRefusal(2, "no night is that long")
        let run = try score(csv(rows), ["--wake-up", "2023-11-21T00:00"])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test(
        arguments: [
            (0, 2, "is empty"), (1, 2, "holds no complete line"), (100, 2, "header is cut after 100 of 1024 bytes"),
            (1023, 2, "cut after 1023"),
            (1024, 2, "no sector with samples"), (1535, 2, "no sector with samples"), (1536, 0, nil),
            (1540, 1, "bytes of a cut sector: 4, the first at byte 1536"), (100_000, 1, "bytes of a cut sector: 160"),
            (102_400, 0, nil),
        ] as [(Int, Int32, String?)])
    func aCutRecordingIsScoredAsFarAsItGoes(length: Int, status: Int32, words: String?) throws {
        let run = try score(Data(try Fixtures.bytes("nights/plmd/night_L.cwa").prefix(length)), name: "cut.cwa")
        if status == 2 {
            run.expectRefusal(2, words ?? "nattro")
        } else {
            #expect(run.status == status && run.output.contains("left leg: "))
            #expect(words.map(run.errors.contains) ?? run.errors.isEmpty)
        }
    }
}
