// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights
public import Recordings

/// What the journal notes of a recording: one pass over it, and its digest.
public struct RecordingSurvey: Hashable, Sendable {
    /// The file's SHA-256: by it a recording is known again under any name.
    public let sha256: String
    /// Its size in bytes.
    public let bytes: Int
    /// What it says of itself.
    public let header: RecordingHeader
    /// The first sample, in seconds since the Unix epoch on the recording's local clock.
    public let start: Double
    /// The end of the last sample.
    public let end: Double
    /// Local time's distance from UTC; nil where the format keeps none.
    public let zone: NightLog.Zone?
    /// When the sleeper turned the light off, where the log tells.
    public let lightsOut: Double?
    /// When the sleeper got up, where the log tells.
    public let lightsOn: Double?
    /// Whether it was closed in order; always, where the format knows no closing.
    public let isClosed: Bool
    /// What could not be read.
    public let report: ReadingReport
    /// Seconds of data in each night that it reaches into.
    private let secondsByNight: [CivilDay: Double]

    /// The longest recording, in seconds, that is one night whatever noon it reaches over.
    public static let longestNight = 86_400.0
    /// The least data, in seconds, that make a night of a recording of several days.
    public static let shortestNight = 3600.0

    /// Reads a recording from its start to its end.
    public init(path: String) throws(RecordingError) {
        (sha256, bytes) = try SHA256.digest(ofFile: path)
        var reader = try RecordingFile.open(path)
        var (first, last): (Double?, Double?)
        var seconds: [CivilDay: Double] = [:]
        var block = SampleBlock()
        while try reader.read(into: &block) {
            guard block.count > 0 else { continue }
            let (begin, end) = (block.time(at: 0), block.time(at: block.count - 1) + block.nominalPeriod)
            guard begin.isFinite, end.isFinite, abs(begin) < Self.latest, abs(end) < Self.latest else { continue }
            first = min(first ?? begin, begin)
            last = max(last ?? end, end)
            var night = CivilDay(nightAtLocal: begin)
            while night.nightSpan.lowerBound < end, night.nightSpan.lowerBound - begin < Self.longestBlock {
                seconds[night, default: 0] += max(
                    0, min(end, night.nightSpan.upperBound) - max(begin, night.nightSpan.lowerBound))
                night = night + 1
            }
        }
        guard let first, let last else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds no samples", remedy: "check that the sensor recorded")
        }
        (start, end) = (first, last)
        secondsByNight = seconds
        header = reader.header
        report = reader.report
        if let log = reader as? NightLogReader {
            zone = log.log.zone
            isClosed = log.isClosed
            lightsOut = log.entries.last { $0.kind == .event(.lightsOut) }?.time
            lightsOn = log.entries.last { $0.kind == .event(.lightsOn) }?.time
        } else {
            (zone, isClosed, lightsOut, lightsOn) = (nil, true, nil, nil)
        }
    }

    /// No block of samples is longer, in seconds: its time stamps are wrong.
    private static let longestBlock = 366 * 86_400.0
    /// Times beyond this, in seconds from the Unix epoch, are no times.
    private static let latest = 1e11

    /// The nights that it is of: the one in which it began, or, where it lasts for days, each with enough data.
    public var nights: [CivilDay] {
        guard end - start > Self.longestNight else { return [CivilDay(nightAtLocal: start)] }
        return secondsByNight.filter { $0.value >= Self.shortestNight }.keys.sorted()
    }
}
