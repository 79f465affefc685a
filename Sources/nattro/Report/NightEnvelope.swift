// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings
import Reports

extension SignalEnvelope {
    /// The envelope of each leg of a night, read once from its recordings; nil of a leg that cannot be read a second time.
    static func legs(of recorded: RecordedNight) throws -> [Leg: SignalEnvelope] {
        let span = recorded.night.start..<recorded.night.end
        guard !span.isEmpty else { return [:] }
        var envelopes: [Leg: SignalEnvelope] = [:]
        for part in recorded.legParts {
            var reader = try LegReader(part)
            var envelope = SignalEnvelope(span: span)
            var block = SampleBlock()
            while try reader.read(into: &block) { envelope.add(block) }
            envelopes[part.leg] = envelope
        }
        // A pipe is gone once it was read.
        for file in recorded.files where recorded.legParts.isEmpty && FileType.isRegular(file.path) {
            var reader = try RecordingFile.open(file.path)
            let legs = Dictionary(file.streamLegs.map { ($0.stream, $0.leg) }) { first, _ in first }
            for leg in legs.values { envelopes[leg] = SignalEnvelope(span: span) }
            var block = SampleBlock()
            while try reader.read(into: &block) {
                if let leg = legs[block.stream] { envelopes[leg]?.add(block) }
            }
        }
        return envelopes
    }

    private mutating func add(_ block: borrowing SampleBlock) {
        guard block.count > 0, block.channelCount >= axes.count else { return }
        let stamped = block.times
        let period =
            stamped.count > 1
            ? (stamped[stamped.count - 1] - stamped[0]) / Double(stamped.count - 1) : block.nominalPeriod
        add(block.values, channels: block.channelCount, start: block.time(at: 0), period: period)
    }
}
