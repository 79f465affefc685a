// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

/// What edfio found in a file.
private struct Expected: Decodable {
    struct Signal: Decodable {
        var label: String
        var fs: Double
        var n: Int
        var shaDigital: String
    }
    var start: String
    var signals: [Signal]
    var annotations: Int
}

@Suite struct EDFReaderTests {
    @Test(arguments: ["SC4001EC-Hypnogram.edf", "short_psg.edf", "test_subsecond.edf", "pyedflib_datarec_2.bdf"])
    func realFilesHoldTheIntegersThatAnotherReaderFinds(name: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let all = try decoder.decode([String: Expected].self, from: Data(Fixtures.bytes("edf/expected.json")))
        let expected = try #require(all[name])
        let file = try WholeEDF(Fixtures.path("edf/\(name)"))
        let samples = file.reader.signals.indices.filter { !file.reader.signals[$0].isAnnotations }
        #expect(samples.map { file.reader.signals[$0].label } == expected.signals.map(\.label))
        for (signal, other) in zip(samples, expected.signals) {
            let digital = try file.digital(signal)
            #expect(digital.count == other.n)
            #expect(try sha256(integers: digital).prefix(16) == other.shaDigital)
        }
        #expect(file.reader.annotations.count >= expected.annotations)
        #expect(file.reader.report.isEmpty)
    }

    @Test func aHypnogramIsAnnotationsAlone() throws {
        let file = try WholeEDF(Fixtures.path("edf/SC4001EC-Hypnogram.edf"))
        #expect(file.reader.header.streams.isEmpty)
        #expect(file.reader.annotations.count == 154)
        let first = try #require(file.reader.annotations.first)
        #expect(first == RecordingAnnotation(time: 609_437_580, duration: 30630, text: "Sleep stage W"))
    }

    @Test func aStartBetweenTwoSecondsIsKept() throws {
        let file = try WholeEDF(Fixtures.path("edf/test_subsecond.edf"))
        #expect(abs(file.times[0][0] - 1_579_838_756.3945312) < 1e-6)
        #expect(abs(file.times[0][128] - 1_579_838_757.3945312) < 1e-6)
        // edfio counts from the first sample: 1.9511719 s after it.
        #expect(abs(file.reader.annotations[0].time - file.times[0][0] - 1.9511719) < 1e-6)
        #expect(file.reader.annotations.map(\.text) == ["XLSpike", "Clip Note", "XLEvent", "XLSpike"])
    }

    @Test func signalsOfEachRateAreOneStreamAndValuesArePhysical() throws {
        let file = try WholeEDF(Fixtures.path("edf/short_psg.edf"))
        let streams = file.reader.header.streams
        #expect(streams.map(\.nominalRate) == [100, 1])
        #expect(streams[0].channels == ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal"])
        #expect(streams[0].units == ["uV", "uV", "uV"])
        #expect(file.times.map(\.count) == [30000, 300])
        #expect(file.times[1][299] - file.times[1][0] == 299)
        let mean = stride(from: 0, to: 90000, by: 3).reduce(0.0) { $0 + Double(file.values[0][$1]) } / 30000
        #expect(abs(mean - 0.19289084249084243) < 1e-6)
    }

    @Test func accelerometersOfTwoLegsAreTwoStreamsInG() throws {
        let file = try WholeEDF(Fixtures.path("damaged/a_finalized_C.edf"))
        let streams = file.reader.header.streams
        #expect(streams.map(\.leg) == [.left, .right])
        #expect(streams.allSatisfy { $0.channels == ["x", "y", "z"] && $0.isAcceleration && $0.range == 16 })
        #expect(file.times.map(\.count) == [6000, 6000])
        #expect(file.reader.header.device == "LegSensorPair")
        #expect(file.gaps.map(\.count) == [0, 0])
    }

    @Test func aHoleInADiscontinuousFileIsAGapAtItsTrueTime() throws {
        let file = try WholeEDF(Fixtures.path("damaged/e_finalized_D_gap.edf"))
        for stream in 0..<2 {
            #expect(file.gaps[stream].map(\.at) == [3000])
            #expect(file.gaps[stream].first?.gap == Gap(.timeHole))
            #expect(abs(file.times[stream][3000] - file.times[stream][2999] - 300.51) < 1e-6)
            #expect(file.times[stream][3000] == file.times[stream][0] + 330.5)
        }
        let annotation = try #require(file.reader.annotations.first { $0.text == "USB disconnect" })
        #expect(annotation.duration == 300.5 && annotation.time == file.times[0][0] + 30)
        #expect(file.reader.report.isEmpty, "a pause that the format declares is no loss")
    }

    @Test func aFileThatIsBeingWrittenOrWasCutIsReadAsFarAsItGoes() throws {
        let whole = try Fixtures.bytes("damaged/a_finalized_C.edf")
        let expected = try WholeEDF(bytes: whole)
        func with(count: String, _ bytes: [UInt8]) throws -> WholeEDF {
            var changed = bytes
            changed.replaceSubrange(
                236..<244, with: Array(count.padding(toLength: 8, withPad: " ", startingAt: 0).utf8))
            return try WholeEDF(bytes: changed)
        }
        let open = try with(count: "-1", whole)
        #expect(open.values == expected.values && open.reader.report.isEmpty)
        let cut = try with(count: "-1", whole.dropLast(777))
        #expect(cut.times.map(\.count) == [5900, 5900])
        #expect(cut.reader.report.items.map(\.what) == ["bytes of a cut record"])
        let short = try with(count: "60", whole.dropLast(777))
        #expect(short.times.map(\.count) == [5900, 5900])
        #expect(short.reader.report.items.map(\.what) == ["bytes of a cut record", "records missing at the end"])
        let stale = try with(count: "40", whole)
        #expect(stale.values == expected.values)
        #expect(stale.reader.report.items.map(\.count) == [20])
        let zeros = try with(count: "-1", whole + [UInt8](repeating: 0, count: 4096))
        #expect(zeros.values == expected.values, "zeros at the end are no signal")
        #expect(
            zeros.reader.report.items.map(\.what) == ["bytes of a cut record", "records of nothing but zeros"]
                || zeros.reader.report.items.map(\.what) == ["records of nothing but zeros", "bytes of a cut record"])
    }

    @Test func aHoleInAFileThatSaysItHasNoneIsAGapAndNamed() throws {
        var made = MadeEDF()
        made.annotations = ["0", "1", "2", "62", "63"].map { [MadeEDF.stamp($0)] }
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.gaps[0].map(\.at) == [300])
        #expect(file.times[0][300] == MadeEDF.start + 62)
        #expect(file.reader.report.items.map(\.what) == ["holes between the records of a file that says it has none"])
    }

    @Test func zerosWithinAFileAreDamageAndNotStillness() throws {
        var made = MadeEDF()
        made.annotations = (0..<5).map { [MadeEDF.stamp(String($0))] }
        var bytes = made.bytes
        let start = 768 + 2 * (100 + 20) * 2
        for index in start..<start + 240 { bytes[index] = 0 }
        let file = try WholeEDF(bytes: bytes)
        #expect(file.times[0].count == 400)
        #expect(file.gaps[0].map(\.at) == [200])
        #expect(file.gaps[0].first?.gap == Gap(.damaged))
        #expect(file.times[0][200] == MadeEDF.start + 3)
        #expect(file.reader.report.items.map(\.what) == ["records of nothing but zeros"])
    }

    @Test func severalAnnotationSignalsAreRead() throws {
        var made = MadeEDF()
        made.reserved = "EDF+C"
        made.annotations = (0..<5).map { record in
            [
                MadeEDF.stamp("\(record).25") + "+\(record).5\u{15}0.5\u{14}LM\u{14}again\u{14}\u{0}",
                "+\(record)\u{14}Beinbewegung äöü@@EMG LAT\u{14}\u{0}",
            ]
        }
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.times[0][0] == MadeEDF.start + 0.25)
        #expect(file.reader.annotations.count == 15)
        #expect(
            Array(file.reader.annotations[..<3]) == [
                RecordingAnnotation(time: MadeEDF.start + 0.5, duration: 0.5, text: "LM"),
                RecordingAnnotation(time: MadeEDF.start + 0.5, duration: 0.5, text: "again"),
                RecordingAnnotation(time: MadeEDF.start, text: "Beinbewegung äöü", channel: "EMG LAT"),
            ])
        #expect(file.reader.report.isEmpty)
    }

    @Test func recordsOfAnyLengthAndRateKeepTheirTimes() throws {
        var made = MadeEDF()
        made.duration = "0.5"
        made.signals = [
            .init(samplesPerRecord: 1), .init(label: "EEG", samplesPerRecord: 51),
            .init(label: "SaO2", unit: "%", physical: ("0", "100"), digital: ("0", "1000"), samplesPerRecord: 1),
        ]
        made.reserved = ""
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.reader.header.streams.map(\.nominalRate) == [2, 102])
        #expect(file.reader.header.streams.map(\.channels) == [["EMG LAT", "SaO2"], ["EEG"]])
        #expect(file.times[0] == (0..<5).map { MadeEDF.start + Double($0) * 0.5 })
        #expect(abs(file.times[1][254] - MadeEDF.start - 254.0 / 102) < 1e-6)
        #expect(abs(file.values[0][9] - 0.4) < 1e-6)
    }

    @Test func bdfSamplesHave24Bits() throws {
        var made = MadeEDF()
        made.isBDF = true
        made.reserved = "BDF+C"
        let values = [-8_388_608, -1, 0, 1, 8_388_607, 70_000]
        made.signals = [
            .init(
                physical: ("-8388608", "8388607"), digital: ("-8388608", "8388607"), samplesPerRecord: 6,
                value: { values[$0 % 6] })
        ]
        made.annotations = (0..<5).map { [MadeEDF.stamp(String($0))] }
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.reader.header.format == .bdf)
        #expect(Array(file.values[0][..<6]) == values.map(Float.init))
    }

    @Test func samplesThatTheValidityChannelExcludesAreGaps() throws {
        var made = MadeEDF()
        made.signals = ["X", "Y", "Z"].map {
            .init(label: "Acc R \($0)", unit: "g", physical: ("-16", "15.99951"), value: { $0 })
        }
        made.signals.append(
            .init(
                label: "Valid R", unit: "", physical: ("0", "1"), digital: ("0", "1"),
                value: { (150..<250).contains($0) || $0 >= 480 ? 0 : 1 }))
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.reader.header.streams.count == 1)
        #expect(file.times[0].count == 380)
        #expect(file.gaps[0].map(\.at) == [150])
        #expect(file.gaps[0].first?.gap == Gap(.lost, samples: 100))
        #expect(abs(file.times[0][150] - MadeEDF.start - 2.5) < 1e-6)
        #expect(abs(file.values[0][450] - Float(250 * 16) / 32768) < 1e-4)
    }

    @Test(arguments: [
        ("Acc L X", "g", Leg.left, 1.0), ("LegLeft_accX", "mg", .left, 0.001),
        ("Left leg ACC-x", "m/s^2", .left, 1 / 9.80665),
        ("right ankle x", "g", .right, 1), ("X", "G", nil, 1), ("wrist L X", "g", nil, 1),
    ])
    func anAccelerometerIsKnownByItsLabelsAndUnit(label: String, unit: String, leg: Leg?, factor: Double) throws {
        var made = MadeEDF()
        let isUpper = label.hasSuffix("X")
        made.signals = ["x", "y", "z"].map { axis in
            .init(
                label: label.dropLast() + (isUpper ? axis.uppercased() : axis), unit: unit,
                physical: ("-32768", "32767"), value: { _ in 1000 })
        }
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.reader.header.streams.map(\.channels) == [["x", "y", "z"]])
        #expect(file.reader.header.streams[0].leg == leg)
        #expect(file.values[0][0] == Float(1000 * factor))
    }

    @Test func oddHeadersAreReadAndNamed() throws {
        var made = MadeEDF()
        made.reserved = ""
        made.recording = ""
        made.date = "00.00.00"
        made.signals[0].digital = ("0", "0")
        let file = try WholeEDF(bytes: made.bytes)
        #expect(file.reader.report.items.count == 2)
        #expect(file.times[0][0] == 473_385_600 + 80130, "1985-01-01 22:15:30")
        #expect(file.values[0][7] == 7)
        made.date = "31.12.84"
        #expect(try WholeEDF(bytes: made.bytes).times[0][0] == 3_629_139_330)
        made.recording = "Startdate 02-MAR-1884 X X X"
        #expect(try WholeEDF(bytes: made.bytes).times[0][0] < -2_000_000_000, "four digits win")
    }

    @Test func whatHoldsNoSampleIsOneClearError() throws {
        var made = MadeEDF()
        made.records = 0
        #expect { try WholeEDF(bytes: made.bytes) } throws: { ($0 as? RecordingError)?.reason == .noSamples }
        made.records = 5
        made.duration = "0"
        #expect { try WholeEDF(bytes: made.bytes) } throws: { ($0 as? RecordingError)?.place == "byte 244" }
        made.duration = "1"
        made.signals[0].samplesPerRecord = 99_999_999
        let header = Array(made.bytes.prefix(512))
        #expect { try WholeEDF(bytes: header) } throws: { ($0 as? RecordingError)?.reason == .unsupported }
    }

    @Test func aFileCutAtAnyByteGivesWholeRecordsOrOneError() throws {
        var made = MadeEDF()
        made.signals[0].samplesPerRecord = 10
        made.annotations = (0..<5).map { [MadeEDF.stamp(String($0))] }
        let bytes = made.bytes
        let whole = try WholeEDF(bytes: bytes).values[0]
        for end in 1..<bytes.count {
            let cut = Array(bytes.prefix(end))
            guard end >= 768 + 60 else {
                #expect(throws: RecordingError.self) { try WholeEDF(bytes: cut) }
                continue
            }
            let file = try WholeEDF(bytes: cut)
            #expect(file.values[0].elementsEqual(whole.prefix((end - 768) / 60 * 10)))
            #expect(!file.reader.report.isEmpty)
        }
    }
}
