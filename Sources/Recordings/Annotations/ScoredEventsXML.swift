// SPDX-License-Identifier: GPL-3.0-or-later

/// The scored events of an NSRR or a Compumedics Profusion file, whose times are seconds from the start of the EDF file.
///
/// NSRR: `PSGAnnotation`, with `EventConcept`, `Start`, `Duration`, `SignalLocation`; stages are events. Profusion:
/// `CMPStudyConfig`, with `Name`, `Start`, `Duration`, `Input`; stages are numbers, an `EpochLength` each.
enum ScoredEventsXML {
    /// Seconds of an epoch where the file does not tell.
    private static let usualEpoch = 30.0

    /// The events, and the stages as events named `Sleep stage …`.
    static func annotations(
        _ bytes: [UInt8], path: String, _ report: inout ReadingReport
    ) throws(RecordingError) -> [RecordingAnnotation] {
        var reader = XMLText(bytes)
        var found: [RecordingAnnotation] = []
        var stages: [String] = []
        var epoch = usualEpoch
        var fields: [String: String]?
        var element = ""
        var text = ""
        var isKnown = false
        do {
            while let event = try reader.next() {
                switch event {
                case .start(let name):
                    element = name
                    text = ""
                    if name == "ScoredEvent" { fields = [:] }
                    if ["ScoredEvents", "SleepStages", "PSGAnnotation", "CMPStudyConfig"].contains(name) {
                        isKnown = true
                    }
                case .text(let more): text += more
                case .end(let name):
                    let value = text.trimmed
                    if name == "ScoredEvent", let event = fields {
                        if let annotation = annotation(event) {
                            found.append(annotation)
                        } else {
                            report.note("events without a name or a time", at: "line \(reader.line)")
                        }
                        fields = nil
                    } else if name == element {
                        if fields != nil {
                            fields?[name] = value
                        } else if name == "SleepStage" {
                            stages.append(value)
                        } else if name == "EpochLength", let length = Double(value), length > 0, length.isFinite {
                            epoch = length
                        }
                    }
                    element = ""
                    text = ""
                }
            }
        } catch {
            throw RecordingError(
                .malformed, path: path, place: "line \(error.line)", problem: "is no XML: \(error.what)",
                remedy: "export it once more")
        }
        guard isKnown else {
            throw RecordingError(
                .unknownFormat, path: path, problem: "is XML without ScoredEvents or SleepStages",
                remedy: "NSRR and Compumedics Profusion files can be read")
        }
        for (index, stage) in stages.enumerated() {
            found.append(
                RecordingAnnotation(
                    time: Double(index) * epoch, duration: epoch, text: "Sleep stage \(name(ofStage: stage))"))
        }
        return found
    }

    private static func annotation(_ fields: [String: String]) -> RecordingAnnotation? {
        let name = fields["EventConcept"] ?? fields["Name"] ?? ""
        guard !name.isEmpty, let start = fields["Start"].flatMap(Double.init), start.isFinite else { return nil }
        let channel = fields["SignalLocation"] ?? fields["Input"] ?? ""
        return RecordingAnnotation(
            time: start,
            duration: fields["Duration"].flatMap(Double.init).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil },
            text: name, channel: channel.isEmpty ? nil : channel)
    }

    /// What Profusion's numbers of stages are called in EDF+.
    private static func name(ofStage number: String) -> String {
        switch number {
        case "0": "W"
        case "1", "2", "3", "4": number
        case "5": "R"
        default: "?"
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
