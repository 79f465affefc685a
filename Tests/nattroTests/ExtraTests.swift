// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// Tests on material that is not part of the project: recordings of other makers, more simulated nights.
@Suite(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
struct ExtraTests {
    private static func files(in folder: String) throws -> [URL] {
        let root = try #require(Fixtures.extra).appending(path: folder)
        let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        return (all?.allObjects.compactMap { $0 as? URL } ?? []).filter { !$0.hasDirectoryPath }
            .sorted { $0.path < $1.path }
    }

    @Test func everyRecordingIsReadOrIsOneClearError() throws {
        let files = try Self.files(in: "recordings")
        #expect(files.count > 50)
        try Fixtures.withTemporaryFolder { folder in
            for file in files {
                let output = folder.appending(path: "out.csv").path
                for arguments in [["convert", file.path, output], ["score", file.path, "--tsv"]] {
                    let run = try ProgramRun("nattro", arguments)
                    #expect([0, 1, 2].contains(run.status), "\(file.lastPathComponent): exit \(run.status)")
                    if run.status != 0 {
                        #expect(run.errors.hasPrefix("nattro: "), "\(file.lastPathComponent): \(run.errors)")
                    }
                    if run.status == 2 {
                        #expect(run.errors.split(separator: "\n").count == 1)
                        #expect(run.output.isEmpty)
                    }
                }
            }
        }
    }

    /// Bounds on F1 for movements of 3 degrees or more and of 1 degree or more.
    private static let bounds = [
        "rls": (0.95, 0.90), "plmd": (0.95, 0.90), "mixed": (0.95, 0.90), "healthy": (0.92, 0.90), "hard": (0.90, 0.90),
    ]

    private struct Comparison: Decodable {
        struct Score: Decodable { var f1: Double? }
        struct Index: Decodable {
            var ok2PerHOr5pct: Bool?
            var errorToRangePerH: Double?
            var truthVisible: Double?
        }
        var profile: String
        var lmGe3: Score
        var lmGe1: Score
        var onsetErrMedianAbsS: Double?
        var falseLmPerH: [String: Double]
        var plms: Index
    }

    @Test func simulatedNightsAreDetectedWithinTheBounds() throws {
        let root = try #require(Fixtures.extra).appending(path: "nights")
        let nights = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { $0.hasPrefix("dev") }
            .sorted()
        #expect(nights.count >= 6)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        try Fixtures.withTemporaryFolder { folder in
            for night in nights {
                let files = ["night_L.cwa", "night_R.cwa"].map { root.appending(path: "\(night)/\($0)").path }
                let table = folder.appending(path: "\(night).tsv")
                let run = try ProgramRun("nattro", ["score"] + files + ["--tsv"])
                #expect(run.status == 0 || run.status == 1)
                try Data(run.output.utf8).write(to: table)
                let compared = try ProgramRun(
                    "python3",
                    [Fixtures.path("nights/tools/f1.py"), root.appending(path: "\(night)/truth.json").path, table.path])
                let result = try decoder.decode(Comparison.self, from: Data(compared.output.utf8))
                print(
                    "\(night) \(result.profile): F1 \(result.lmGe3.f1 ?? 1) at 3°, \(result.lmGe1.f1 ?? 1) at 1°, onset error \(result.onsetErrMedianAbsS ?? 0) s"
                )
                let artefacts = result.falseLmPerH["gait+posture+artefact"] ?? 0
                #expect(artefacts < 1, "\(night): \(artefacts) false movements an hour")
                guard let bounds = Self.bounds[result.profile] else { continue }
                #expect((result.lmGe3.f1 ?? 0) >= bounds.0, "\(night)")
                #expect((result.lmGe1.f1 ?? 0) >= bounds.1, "\(night)")
                #expect((result.onsetErrMedianAbsS ?? 1) < 0.2, "\(night)")
                let index = abs(result.plms.errorToRangePerH ?? 0)
                #expect(index <= max(2, 0.05 * (result.plms.truthVisible ?? 0)), "\(night)")
            }
        }
    }
}
