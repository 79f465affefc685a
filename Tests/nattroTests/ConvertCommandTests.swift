// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

private func convert(_ arguments: String...) throws -> ProgramRun { try ProgramRun("nattro", ["convert"] + arguments) }

@Suite struct ConvertCommandTests {
    private static let whole = Fixtures.path("damaged/a_whole.cwa")
    private static let damaged = Fixtures.path("damaged/g_missing_50_sectors.cwa")
    private static let twoLegs = Fixtures.path("nightlog/small.nightlog")

    @Test func aRecordingBecomesTheSameTextInAFileAndOnStandardOutput() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appending(path: "whole.csv")
            let (written, printed) = (try convert(Self.whole, file.path), try convert(Self.whole, "-"))
            #expect(written.status == 0 && written.output == "" && written.errors == "")
            #expect(printed.status == 0 && printed.errors == "")
            #expect(printed.output.hasPrefix("time,x,y,z,gx,gy,gz\n"))
            #expect(try Data(contentsOf: file) == Data(printed.output.utf8))
            // And once more from text, here through standard input.
            let again = try ProgramRun("nattro", ["convert", "-", "-"], input: Array(printed.output.utf8))
            #expect(again.status == 0 && again.output == printed.output)
        }
    }

    @Test func theLossOfADamagedRecordingIsNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appending(path: "damaged.csv")
            let run = try convert(Self.damaged, file.path)
            #expect(run.status == 1 && run.output == "")
            #expect(
                run.errors == "nattro: \(Self.damaged): sectors missing by their numbers: 50, the first at byte 52224\n"
            )
            #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("time,x,y,z,gx,gy,gz\n"))
        }
    }

    @Test func gapsAreMissingRowsUnlessTheyAreHeld() throws {
        let plain = try convert(Self.damaged, "-")
        let held = try convert(Self.damaged, "-", "--hold-gaps")
        #expect(plain.status == 1 && held.status == 1)
        let (rows, heldRows) = (plain.output.split(separator: "\n"), held.output.split(separator: "\n"))
        #expect(heldRows.count > rows.count)
        #expect(Set(rows).isSubset(of: heldRows))
    }

    @Test func aRecordingOfBothLegsNeedsALeg() throws {
        let run = try convert(Self.twoLegs, "-")
        #expect(run.status == 2 && run.output == "")
        #expect(run.errors.hasPrefix("nattro: \(Self.twoLegs): holds 2 streams") && run.errors.contains("--leg L"))
        let (left, right) = (
            try convert(Self.twoLegs, "-", "--leg", "L"), try convert(Self.twoLegs, "-", "--leg", "right")
        )
        #expect(left.status == 0 && right.status == 0 && left.output != right.output)
        let wrong = try convert(Self.twoLegs, "-", "--leg", "X")
        #expect(wrong.status == 64 && wrong.output == "" && wrong.errors.hasPrefix("Error: "))
    }

    @Test func signalsOfAStudyAreChosenByRateOrName() throws {
        let study = Fixtures.path("edf/short_psg.edf")
        let plain = try convert(study, "-")
        #expect(plain.status == 0)
        #expect(plain.output.hasPrefix("time,EEG Fpz-Cz,EEG Pz-Oz,EOG horizontal\n609437580.000000,"))
        #expect(plain.output.split(separator: "\n").count == 30001)
        #expect(plain.errors.contains("--rate or --channel"), "what is left out is said")
        let slow = try convert(study, "-", "--rate", "1")
        #expect(slow.status == 0 && slow.errors == "")
        #expect(slow.output.hasPrefix("time,Resp oro-nasal,EMG submental,Temp rectal,Event marker\n"))
        #expect(slow.output.split(separator: "\n").count == 301)
        let one = try convert(study, "-", "--channel", "EMG submental")
        let column = slow.output.split(separator: "\n").map { $0.split(separator: ",")[2] }
        #expect(one.output.split(separator: "\n").map { $0.split(separator: ",")[1] } == column)
        for (arguments, status) in [
            (["--rate", "7"], 2 as Int32), (["--channel", "LAT"], 2), (["--leg", "L"], 2),
            (["--channel", "EEG Pz-Oz", "--channel", "Temp rectal"], 2), (["--rate", "1", "--leg", "L"], 64),
        ] {
            let run = try ProgramRun("nattro", ["convert", study, "-"] + arguments)
            #expect(run.status == status && run.output == "", "\(arguments)")
        }
        #expect(try convert(Fixtures.path("edf/SC4001EC-Hypnogram.edf"), "-").status == 2)
    }

    @Test func aHoleOfADiscontinuousStudyIsAHoleInTheTable() throws {
        let run = try convert(Fixtures.path("damaged/e_finalized_D_gap.edf"), "-", "--leg", "R")
        #expect(run.status == 0 && run.errors == "")
        let times = run.output.split(separator: "\n").dropFirst().compactMap { Double($0.prefix { $0 != "," }) }
        #expect(times.count == 6000)
        #expect(abs(times[3000] - times[2999] - 300.51) < 1e-5)
    }

    @Test func aStudyWithoutAccelerationCannotBeScoredAsOne() throws {
        let run = try ProgramRun("nattro", ["score", Fixtures.path("edf/test_subsecond.edf")])
        #expect(run.status == 2 && run.output == "")
        #expect(run.errors.split(separator: "\n").count == 1)
        try Fixtures.withTemporaryFolder { folder in
            let log = folder.appending(path: "night.nightlog").path
            let replay = try ProgramRun(
                "nattro", ["replay", Fixtures.path("edf/short_psg.edf"), "--speed", "max", "--out", log])
            #expect(replay.status == 2 && replay.output == "")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func whatWasFoundOutOfATextIsSaid() throws {
        try Fixtures.withTemporaryFolder { folder in
            let phone = folder.appending(path: "phone.csv")
            let text = "Uhrzeit;ax;ay;az\n1700000000,0;0;0;9,81\n1700000000,1;0;0;9,81\n"
            try Data(text.utf8).write(to: phone)
            let refused = try convert(phone.path, "-")
            #expect(refused.status == 2 && refused.errors.contains("--map"))
            let mapped = try convert(phone.path, "-", "--map", "time=Uhrzeit,x=2,y=3,z=az,unit=m/s2")
            #expect(mapped.status == 0)
            #expect(mapped.output.hasPrefix("time,x,y,z\n1700000000.000000,0.0,0.0,1.000"))
            #expect(mapped.errors.contains("time from \"Uhrzeit\""))
            let wrong = try convert(phone.path, "-", "--map", "time=1,x=2")
            #expect(wrong.status == 64 && wrong.errors.contains("x, y and z"))
            let notText = try convert(Self.whole, "-", "--map", "time=1,x=2,y=3,z=4")
            #expect(notText.status == 64 && notText.output == "")
        }
    }

    @Test func theRecordingItselfIsNeverOverwritten() throws {
        try Fixtures.withTemporaryFolder { folder in
            let input = folder.appending(path: "night.csv")
            let bytes = Data("time,x,y,z\n1700000000,0,0,1\n1700000000.02,0,0,1\nbroken\n".utf8)
            try bytes.write(to: input)
            let (link, hardLink) = (folder.appending(path: "link.csv"), folder.appending(path: "hard.csv"))
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: input)
            try FileManager.default.linkItem(at: input, to: hardLink)
            for output in [input.path, "\(folder.path)/./night.csv", link.path, hardLink.path] {
                for (from, to) in [(input.path, output), (output, input.path)] {
                    let run = try convert(from, to)
                    #expect(run.status == 64 && run.output == "", "\(from) to \(to)")
                    #expect(run.errors.hasPrefix("Error: \(to): input and output are the same file"))
                    #expect(try Data(contentsOf: input) == bytes)
                }
            }
        }
    }

    @Test(arguments: [("night.txt", 64), ("none/night.csv", 2)])
    func anOutputThatCannotBeWrittenLeavesNothingBehind(name: String, status: Int32) throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try convert(Self.whole, folder.appending(path: name).path)
            #expect(run.status == status && run.output == "" && run.errors != "")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func anInputThatCannotBeReadLeavesNothingBehind() throws {
        try Fixtures.withTemporaryFolder { folder in
            for input in ["none.cwa", "."] {
                let run = try convert(folder.appending(path: input).path, folder.appending(path: "out.csv").path)
                #expect(run.status == 2 && run.output == "" && run.errors.hasPrefix("nattro: "))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }
}
