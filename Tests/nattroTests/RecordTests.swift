// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct RecordTests {
    private struct Event: Decodable {
        var schema: String
        var event: String
        var leg: String?
        var onset: Double?
        var offset: Double?
        var exitCode: Int?
    }

    private struct Score: Decodable {
        struct Recording: Decodable { var startUnix: Double }
        var recording: Recording
        var detected: Detected
        struct Detected: Decodable { var movements: [[Cell]] }
        enum Cell: Decodable {
            case number(Double), text(String), other
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .other
                }
            }
            var number: Int { if case .number(let value) = self { Int(value) } else { -1 } }
            var text: String { if case .text(let value) = self { value } else { "" } }
        }
    }

    private func events(_ output: String) throws -> [Event] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try output.split(separator: "\n").map { try decoder.decode(Event.self, from: Data($0.utf8)) }
    }

    /// The movements that `score` finds in a log: leg, onset and duration in ms from its start.
    private func scored(_ path: String) throws -> (start: Double, movements: [[String]]) {
        let run = try ProgramRun("nattro", ["score", path, "--json"])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let score = try decoder.decode(Score.self, from: Data(run.output.utf8))
        let movements = score.detected.movements.map { [$0[0].text, String($0[1].number), String($0[2].number)] }
        return (score.recording.startUnix, movements.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test(arguments: ["max", "2000"]) func liveMovementsAreThoseThatScoreFinds(speed: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog").path
            let run = try ProgramRun(
                "nattro",
                [
                    "replay", Fixtures.path("nights/plmd/night_L.cwa"), "--speed", speed, "--out", out, "--json",
                    "--lights-out", "now",
                ])
            #expect(run.status == 0, "\(run.errors)")
            let events = try events(run.output)
            #expect(events.allSatisfy { $0.schema == "nattro-record/1" })
            #expect(events.last?.event == "ended" && events.last?.exitCode == 0)
            let (start, movements) = try scored(out)
            let live = events.filter { $0.event == "movement" }.map { event -> [String] in
                let onset = (((event.onset ?? 0) - start) * 1000).rounded()
                let offset = (((event.offset ?? 0) - start) * 1000).rounded()
                return [event.leg ?? "", String(Int(onset)), String(Int(offset - onset))]
            }
            #expect(live.count > 50)
            #expect(live.sorted { $0.lexicographicallyPrecedes($1) } == movements)
            let log = try NightLogReader(path: out)
            #expect(log.log.streams.map(\.serial).first == "42004")
        }
    }

    /// A log of two legs on two clocks that differ by 1.5 % in rate, with a gap of each kind; 20 minutes.
    private func writeTwoLegs(to path: String) throws {
        let files = [Fixtures.path("nights/plmd/night_L.cwa"), Fixtures.path("nights/plmd/night_R.cwa")]
        let scale: Float = 1 / 4096
        let header = NightLog.Header(
            identifier: .random(), creation: NightLog.Stamp(hostBoot: 1, bootTime: 0, utc: 1_790_000_000_000_000_000),
            zone: NightLog.Zone(offset: 7200),
            streams: zip(Leg.allCases, ["A", "B"]).map {
                NightLog.Stream(leg: $0, site: "ankle", serial: $1, nominalRate: 50, range: 8, scale: scale)
            })
        var writer = try NightLogWriter.create(path, header)
        var readers = try files.map { try RecordingFile.open($0) }
        var block = SampleBlock()
        var (given, gap): ([Int64], [Gap?]) = ([0, 0], [nil, nil])
        for number in 0..<700 {
            for stream in 0...1 {
                guard try readers[stream].read(into: &block) else { continue }
                // The right sensor runs fast, and begins 3 s later.
                let seconds = Double(given[stream]) / 50 * (stream == 0 ? 1 : 0.985) + (stream == 0 ? 1 : 4)
                given[stream] += Int64(block.count)
                switch (number, stream) {
                case (150, 0), (151, 0): gap[0] = Gap(.lost, samples: (gap[0]?.samples ?? 0) + Int64(block.count))
                case (280, 1): gap[1] = Gap(.restart)
                case (350, 0): gap[0] = Gap(.overrun)
                default:
                    let counts = block.values.map { Int16(($0 / scale).rounded()) }
                    let stamp = NightLog.Stamp(
                        hostBoot: 1, bootTime: UInt64(seconds * 1e9),
                        utc: header.creation.utc + Int64(seconds * 1e9), deviceBoot: number > 280 ? 2 : 1)
                    try writer.append(counts.span, to: stream, at: stamp, after: gap[stream])
                    gap[stream] = nil
                }
            }
        }
        try writer.finish(at: NightLog.Stamp(hostBoot: 1, bootTime: 1 << 42, utc: header.creation.utc + 1 << 42))
    }

    @Test func twoLegsOnTwoClocksWithGapsGiveLiveWhatScoreFinds() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (input, out) = (folder.appending(path: "in.nightlog").path, folder.appending(path: "out.nightlog").path)
            try writeTwoLegs(to: input)
            let run = try ProgramRun("nattro", ["replay", input, "--speed", "max", "--out", out, "--json"])
            #expect(run.status == 3, "recorded with gaps: \(run.errors)")
            let (start, movements) = try scored(out)
            let live = try events(run.output).filter { $0.event == "movement" }.map { event -> [String] in
                let onset = (((event.onset ?? 0) - start) * 1000).rounded()
                let offset = (((event.offset ?? 0) - start) * 1000).rounded()
                return [event.leg ?? "", String(Int(onset)), String(Int(offset - onset))]
            }
            #expect(live.count { $0[0] == "L" } >= 5 && live.count { $0[0] == "R" } >= 5, "\(live.map { $0[0] })")
            #expect(live.sorted { $0.lexicographicallyPrecedes($1) } == movements)
            let gaps = try WholeRecording(out).gaps.map(\.gap)
            #expect(gaps.count >= 4 && gaps.contains(Gap(.restart)) && gaps.contains { ($0.samples ?? 0) > 0 })
        }
    }

    @Test func aLogThatIsReplayedGivesTheSameSamplesAtTheirTimes() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (first, second) = (folder.appending(path: "1.nightlog").path, folder.appending(path: "2.nightlog").path)
            #expect(
                try ProgramRun(
                    "nattro", ["replay", Fixtures.path("nights/plmd/night_R.cwa"), "--speed", "max", "--out", first]
                ).status == 0)
            #expect(try ProgramRun("nattro", ["replay", first, "--speed", "max", "--out", second]).status == 0)
            let (one, two) = (try WholeRecording(first), try WholeRecording(second))
            #expect(one.values == two.values && one.values.count > 100_000)
            // Sectors begin elsewhere in it, and within one the nominal rate counts, which is one per cent off here.
            let differences = zip(one.times, two.times).map { abs($0 - $1) }
            #expect(differences.max() ?? 1 < 0.02)
            let original = try WholeRecording(Fixtures.path("nights/plmd/night_R.cwa"))
            #expect(one.values == original.values)
        }
    }

    @Test func aFileThatExistsIsNeverOverwritten() throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog")
            try Data("mine".utf8).write(to: out)
            for arguments in [
                ["replay", Fixtures.path("nightlog/small.nightlog"), "--speed", "max"], ["record", "--synthetic", "1"],
            ] {
                let run = try ProgramRun("nattro", arguments + ["--out", out.path])
                #expect(run.status == 2)
                #expect(run.errors.contains("exists already"))
            }
            #expect(try Data(contentsOf: out) == Data("mine".utf8))
        }
    }

    @Test func withoutASensorThereIsOneClearMessage() throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog").path
            let run = try ProgramRun("nattro", ["record", "--wait", "0", "--out", out])
            #expect(run.status == 4)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("no sensor to record from"))
            #expect(!FileManager.default.fileExists(atPath: out))
        }
    }

    @Test(arguments: [
        ["record", "--until", "25:00"], ["record", "--until", "07:00", "--hours", "8"], ["record", "--hours", "0"],
        ["record", "--lights-out", "later"], ["record", "--rate", "3"], ["replay", "x.nightlog", "--speed", "0"],
        ["doctor", "--seconds", "0"],
    ])
    func wrongUsageIsCode64(arguments: [String]) throws {
        let run = try ProgramRun("nattro", arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }

    @Test func aNightEndsByItsLength() throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog").path
            let run = try ProgramRun(
                "nattro",
                ["record", "--synthetic", "3", "--time-scale", "500", "--hours", "0.1", "--out", out, "--json"])
            #expect(run.status == 0, "\(run.errors)")
            let log = try WholeRecording(out)
            #expect(log.report.isEmpty && log.gaps.isEmpty)
            #expect(abs(Double(log.times.count) / 36_000 - 1) < 0.1)
            // A kick every 25 s.
            #expect(try abs(scored(out).movements.count - 14) <= 1)
        }
    }

    @Test func aFullDiskStopsNoNightAndSparesWhatIsThere() throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog").path
            // Files of 100 kB at most, and a night of 280 kB.
            let script = """
                ulimit -f 100; "$0" record --synthetic 1 --time-scale 200 --hours 0.1 --out "$1"
                """
            let run = try ProgramRun("bash", ["-c", script, ProgramRun.nattro, out])
            #expect(run.status == 2)
            #expect(run.errors.contains("no space left"))
            #expect(run.errors.contains("0:06:0"), "the night went on to its end")
            let log = try WholeRecording(out)
            #expect(log.times.count > 10_000 && log.gaps.isEmpty)
        }
    }

    @Test func aReaderThatWentAwayEndsNoNight() throws {
        try Fixtures.withTemporaryFolder { folder in
            let out = folder.appending(path: "night.nightlog").path
            let script = """
                { "$0" record --synthetic 1 --time-scale 100 --hours 0.1 --json --out "$1"; echo $? >"$1.status"; } | head -n 1
                """
            let run = try ProgramRun("bash", ["-c", script, ProgramRun.nattro, out])
            #expect(run.output.contains("\"schema\""))
            #expect(try String(contentsOfFile: out + ".status", encoding: .utf8) == "0\n")
        }
    }

    @Test func sensorsAndDoctorSayThatThereIsNone() throws {
        let sensors = try ProgramRun("nattro", ["sensors", "--json"])
        #expect(sensors.status == 4 || sensors.status == 0)
        let doctor = try ProgramRun("nattro", ["doctor"])
        #expect([0, 1, 4].contains(doctor.status))
        for word in ["sensor:", "permission:", "disk:", "clock:", "sleep:"] { #expect(doctor.output.contains(word)) }
    }

    @Test func theServiceIsOneThatSystemdAccepts() throws {
        guard try ProgramRun("sh", ["-c", "command -v systemd-analyze"]).status == 0 else { return }
        try Fixtures.withTemporaryFolder { folder in
            let unit = try String(
                contentsOf: Fixtures.project.appending(path: "tools/nattro-record.service"), encoding: .utf8)
            let path = folder.appending(path: "nattro-record.service")
            try unit.replacing("%h/.local/bin/nattro", with: ProgramRun.nattro).write(
                to: path, atomically: true, encoding: .utf8)
            let run = try ProgramRun(
                "sh", ["-c", "XDG_RUNTIME_DIR=\(folder.path) systemd-analyze --user verify \(path.path)"])
            #expect(run.status == 0, "\(run.errors)")
        }
    }
}
