// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

/// Every recording of the extended tests' folder against what an independent reader found in it.
@Suite(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
struct ReferenceTests {
    /// What an independent reader, written from the formats' documents, found; edfio for EDF files.
    private struct Reference: Decodable {
        struct Recording: Decodable {
            var samples: Int?
            var sha256Float32LeRowmajor: String?
            var sampledRows: [[Double]]?
        }
        struct Signals: Decodable {
            struct Signal: Decodable {
                var label: String
                var n: Int
                var shaDigital: String
            }
            var start: String?
            var signals: [Signal]?
            var nAnnotations: Int?
        }
        var ownReference: Recording?
        var edfio: Signals?
    }

    private static func references(in folder: String) throws -> [(path: String, reference: Reference)] {
        let root = try #require(Fixtures.extra).appending(path: "recordings/\(folder)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try FileManager.default.contentsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".ref.json") }
            .sorted().map { name in
                let data = try Data(contentsOf: root.appending(path: name))
                return (
                    root.appending(path: String(name.dropLast(".ref.json".count))).path,
                    try decoder.decode(Reference.self, from: data)
                )
            }
    }

    @Test(arguments: ["cwa", "geneactiv", "gt3x"]) func samplesAndTimesAreTheReferences(folder: String) throws {
        var compared = 0
        for (path, reference) in try Self.references(in: folder) {
            guard let expected = reference.ownReference, let samples = expected.samples else { continue }
            let recording = try WholeRecording(path)
            #expect(recording.times.count == samples, "\(path)")
            if let hash = expected.sha256Float32LeRowmajor {
                #expect(try sha256(recording.values) == hash, "\(path)")
            }
            for row in expected.sampledRows ?? [] {
                #expect(abs(recording.times[Int(row[0])] - row[1]) < 2e-6, "\(path), sample \(row[0])")
            }
            compared += 1
        }
        #expect(compared >= (folder == "gt3x" ? 5 : 3))
    }

    @Test func edfFilesHoldTheIntegersThatAnotherReaderFinds() throws {
        var compared = 0
        for (path, reference) in try Self.references(in: "edf") {
            guard let expected = reference.edfio?.signals else {
                #expect(throws: RecordingError.self, "\(path)") { try WholeEDF(path) }
                continue
            }
            let file = try WholeEDF(path)
            let samples = file.reader.signals.indices.filter { !file.reader.signals[$0].isAnnotations }
            #expect(samples.map { file.reader.signals[$0].label } == expected.map(\.label), "\(path)")
            for (signal, other) in zip(samples, expected) {
                let digital = try file.digital(signal)
                #expect(digital.count == other.n, "\(path), \(other.label)")
                #expect(try sha256(integers: digital).prefix(16) == other.shaDigital, "\(path), \(other.label)")
            }
            #expect(file.reader.annotations.count == reference.edfio?.nAnnotations, "\(path)")
            #expect(file.gaps.allSatisfy { $0.isEmpty }, "\(path)")
            compared += 1
        }
        #expect(compared >= 16)
    }

    @Test func gt3xAgreesWithTheMakersExport() throws {
        let root = try #require(Fixtures.extra).appending(path: "recordings/gt3x")
        for (name, export, rate) in [
            ("TAS1H30182785_2019-09-17.gt3x", "TAS1H30182785_2019-09-17.actilife.csv", 100.0),
            ("pygt3x_neo.gt3x", "pygt3x_neo.csv", 30),
        ] {
            let recording = try WholeRecording(root.appending(path: name).path)
            let rows = try String(contentsOf: root.appending(path: export), encoding: .utf8)
                .split(whereSeparator: \.isNewline).dropFirst(11).map {
                    $0.split(separator: ",").map { Float($0) ?? .nan }
                }
            #expect(rows.count > 18_000)
            var differing = 0
            for (sample, time) in recording.times.enumerated() {
                let row = Int(((time - recording.times[0]) * rate).rounded())
                for axis in 0..<3 where abs(recording.values[sample * 3 + axis] - rows[row][axis]) > 0.00051 {
                    differing += 1
                }
            }
            #expect(differing == 0, "\(name)")
        }
    }

    @Test func everyDamagedFileHasExplicitGapsOrOneError() throws {
        let root = try #require(Fixtures.extra).appending(path: "recordings/damaged")
        // File: samples of the first stream, gaps, whether something was lost.
        let expected: [String: (samples: Int, gaps: Int, isLoss: Bool)] = [
            "a_finalized_C.edf": (6000, 0, false), "b_minus1_whole_C.edf": (6000, 0, false),
            "c_minus1_truncated_midrecord_C.edf": (5900, 0, true), "e_finalized_D_gap.edf": (6000, 1, false),
            "g_minus1_zero_tail_C.edf": (6000, 0, true), "i_stale_count40_of_60.edf": (6000, 0, true),
            "l_C_header_but_gap_in_TAL.edf": (6000, 1, true), "a_whole.cwa": (10360, 0, false),
            "b_trunc_midsector.cwa": (10320, 0, true), "c_zero_tail.cwa": (10360, 0, true),
            "e_one_bitflip.cwa": (10320, 1, true), "g_missing_50_sectors.cwa": (8360, 1, true),
        ]
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
        #expect(Set(names) == Set(expected.keys))
        for name in names {
            let outcome = try #require(expected[name])
            var reader = try RecordingFile.open(root.appending(path: name).path)
            var block = SampleBlock()
            var samples = 0
            var gaps = 0
            while try reader.read(into: &block) {
                guard block.stream == 0 else { continue }
                samples += block.count
                if block.gapBefore != nil { gaps += 1 }
            }
            #expect(samples == outcome.samples && gaps == outcome.gaps, "\(name): \(samples) samples, \(gaps) gaps")
            #expect(reader.report.isEmpty != outcome.isLoss, "\(name)")
        }
    }
}
