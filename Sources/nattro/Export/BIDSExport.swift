// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night as a session of a BIDS dataset: the motion datatype, a tracking system for each leg, with the marks as events.
///
/// An existing dataset gets the session added: what is there of other sessions stays. Missing samples are `n/a`, and the channel
/// `latency` has the true time of each. Source: the Brain Imaging Data Structure, "Motion".
struct BIDSExport {
    /// The top of the dataset.
    let folder: String
    /// The label of the participant: letters and digits.
    let participant: String
    /// What was scored.
    let report: NightReport
    /// The marks.
    let marks: NightMarks

    private var recorded: RecordedNight { report.recorded }
    /// The noon-to-noon day of the night, as a label.
    private var session: String {
        let day = Int(((recorded.night.start - 43_200) / 86_400).rounded(.down))
        let date = CivilDate.date(daysSinceEpoch: day)
        return String(format: "%04d%02d%02d", date.year, date.month, date.day)
    }
    private var stem: String { "sub-\(participant)_ses-\(session)" }
    private var sessionFolder: String { "\(folder)/sub-\(participant)/ses-\(session)" }

    /// The version of the standard that is written.
    private static let version = "1.10.0"
    private static let metresPerSecondSquared: Float = 9.80665
    private static let task = "sleep"

    /// Writes the session and what the dataset needs around it.
    func write() throws {
        let motion = "\(sessionFolder)/motion"
        do {
            try FileManager.default.createDirectory(atPath: motion, withIntermediateDirectories: true)
        } catch {
            throw RecordingError(
                .inputOutput, path: motion, problem: "the folder cannot be made (\(error.localizedDescription))",
                remedy: "choose another folder")
        }
        var scans: [String] = []
        for leg in recorded.recordedLegs {
            let system = "\(leg.name)ankle"
            let name = "\(stem)_task-\(Self.task)_tracksys-\(system)"
            try writeSamples(of: leg, system: system, to: "\(motion)/\(name)")
            scans.append("motion/\(name)_motion.tsv\t\(NightReport.clock(marks.start).replacing(" ", with: "T"))")
        }
        try writeFile(
            (["filename\tacq_time"] + scans).joined(separator: "\n") + "\n",
            to: "\(sessionFolder)/\(stem)_scans.tsv")
        try writeEvents("\(motion)/\(stem)_task-\(Self.task)_events")
        try writeDataset()
    }

    private func writeSamples(of leg: Leg, system: String, to path: String) throws {
        var night = try GriddedNight(recorded.only(leg)) { Int($0.nominalRate.rounded()) }
        let grid = night.grids[0]
        let kinds: [(kind: String, type: String, unit: String)] =
            [("acc", "ACCEL", "m/s^2"), ("gyr", "GYRO", "deg/s")]
        let names = kinds.prefix(grid.channelCount / 3)
        var channels = ["name\tcomponent\ttype\ttracked_point\tunits\tsampling_frequency"]
        for (kind, type, unit) in names {
            for axis in ["x", "y", "z"] {
                channels.append("\(kind)_\(axis)\t\(axis)\t\(type)\t\(system)\t\(unit)\t\(grid.rate)")
            }
        }
        channels.append("latency\tn/a\tLATENCY\tn/a\ts\t\(grid.rate)")
        try writeFile(channels.joined(separator: "\n") + "\n", to: "\(path)_channels.tsv")

        var file = try OutputFile(path: "\(path)_motion.tsv")
        var missing = 0
        var second = 0
        while let values = try night.takeSecond()?[0] {
            for place in 0..<grid.rate {
                var fields: [String] = []
                for (channel, samples) in values.enumerated() {
                    let value = samples[place]
                    fields.append(
                        value.isNaN
                            ? "n/a"
                            : String(format: "%.6g", channel < 3 ? value * Self.metresPerSecondSquared : value))
                }
                if values[0][place].isNaN { missing += 1 }
                let latency = Double(second) + Double(place) / Double(grid.rate)
                fields.append(String(format: "%.6f", latency))
                try file.write((fields.joined(separator: "\t") + "\n").utf8)
            }
            second += 1
        }
        try file.finish()
        let header = recorded.only(leg).files.first?.header ?? recorded.files.first?.header
        try writeFile(
            "\(sidecar(grid, header, system: system, seconds: second, missing: missing))\n",
            to: "\(path)_motion.json")
    }

    private func sidecar(
        _ grid: LegGrid, _ header: RecordingHeader?, system: String, seconds: Int, missing: Int
    ) -> JSONValue {
        let device = header?.device ?? ""
        return .object([
            .init("TaskName", .string(Self.task)),
            .init("TaskDescription", .string("A night's rest with a sensor on the ankle.")),
            .init("TrackingSystemName", .string(system)),
            .init("SamplingFrequency", .integer(grid.rate)),
            .init("Manufacturer", .string(device.split(separator: " ").first.map(String.init) ?? "n/a")),
            .init("ManufacturersModelName", .string(device.isEmpty ? "n/a" : device)),
            .init("DeviceSerialNumber", .string(header?.serial ?? "")),
            .init("SoftwareVersions", .string(header?.firmware ?? "")),
            .init("ACCELChannelCount", .integer(3)),
            .init("GYROChannelCount", .integer(grid.channelCount - 3)),
            .init("LATENCYChannelCount", .integer(1)),
            .init("MotionChannelCount", .integer(grid.channelCount + 1)),
            .init("TrackedPointsCount", .integer(1)),
            .init("RecordingType", .string("continuous")),
            .init("RecordingDuration", .integer(seconds)),
            .init("MissingValues", .string("n/a")),
            .init("MissingSamples", .integer(missing)),
        ])
    }

    private func writeEvents(_ path: String) throws {
        var rows = ["onset\tduration\ttrial_type\tleg\tseries"]
        for mark in marks.marks {
            let annotation = mark.annotation
            rows.append(
                [
                    String(format: "%.3f", annotation.time - marks.start),
                    annotation.duration.map { String(format: "%.3f", $0) } ?? "n/a",
                    annotation.text.split(separator: ":").first.map(String.init) ?? annotation.text,
                    mark.leg?.rawValue ?? "n/a", mark.series.map(String.init) ?? "n/a",
                ].joined(separator: "\t"))
        }
        try writeFile(rows.joined(separator: "\n") + "\n", to: "\(path).tsv")
        let words = [
            (NightMarks.Word.gap, "no data of the leg"), (NightMarks.Word.lightsOut, "the rest interval begins"),
            (NightMarks.Word.lightsOn, "the rest interval ends"),
            (NightMarks.Word.estimatedSleep, "sleep as the legs' movements let one guess it"),
            (NightMarks.Word.estimatedWake, "wake as the legs' movements let one guess it"),
        ]
        let dictionary = DataDictionary(columns: [
            .init("onset", "From the first sample of the motion files.", unit: "s"),
            .init("duration", "How long it lasts.", unit: "s"),
            .init(
                "trial_type", "What it is under the rules \(report.reports[0].night.rules.name).",
                levels: DataDictionary.types.filter { $0.0 != "gap" } + words),
            .init("leg", "Which leg.", levels: [("L", "left"), ("R", "right")]),
            .init("series", "The number of the series of a periodic movement, from 1."),
        ])
        try writeFile(dictionary.json, to: "\(path).json")
    }

    private func writeDataset() throws {
        let description = JSONValue.object([
            .init("Name", .string("Leg movements")), .init("BIDSVersion", .string(Self.version)),
            .init("DatasetType", .string("raw")),
            .init("GeneratedBy", .array([.object([.init("Name", .string("nattro"))])])),
        ])
        try writeOnce("dataset_description.json", "\(description)\n")
        try writeOnce(
            "README.md",
            """
            # Leg movements

            Nights of sensors on the ankles. Events are leg movements as `nattro` found and scored them: an estimate from a \
            sensor, and no sleep study. `dataset_description.json` is where the names of the authors and the licence go.

            """)
        try writeOnce(
            "participants.json",
            DataDictionary(columns: [.init("participant_id", "The label of the participant.")]).json)
        let path = "\(folder)/participants.tsv"
        let line = "sub-\(participant)"
        let known = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "participant_id\n"
        let ids = known.split(separator: "\n").map { $0.split(separator: "\t").first ?? "" }
        guard !ids.contains(Substring(line)) else { return }
        let columns = known.split(separator: "\n").first?.split(separator: "\t").count ?? 1
        try writeFile(
            known + (known.hasSuffix("\n") ? "" : "\n") + line + String(repeating: "\tn/a", count: columns - 1) + "\n",
            to: path)
    }

    private func writeOnce(_ name: String, _ text: String) throws {
        let path = "\(folder)/\(name)"
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try writeFile(text, to: path)
    }
}
