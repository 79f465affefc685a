// SPDX-License-Identifier: GPL-3.0-or-later

extension NightLog {
    /// How far a log was written, for a recorder that may go on with it.
    public struct Standing: Hashable, Sendable {
        /// What the log says of itself.
        public var header: Header
        /// Whether its last sector is a closing: the recording ended as it should.
        public var isClosed: Bool
        /// The clocks at its last good sector, or at its creation.
        public var last: Stamp
        /// The samples of each stream.
        public var samples: [Int64]

        /// How a log stands.
        public init(header: Header, isClosed: Bool, last: Stamp, samples: [Int64]) {
            self.header = header
            self.isClosed = isClosed
            self.last = last
            self.samples = samples
        }

        /// Whether a recording from these sensors is the same night's: same legs, sites and axes, and no other serial numbers.
        public func suits(_ streams: [Stream]) -> Bool {
            header.streams.count == streams.count
                && zip(header.streams, streams).allSatisfy { old, new in
                    old.leg == new.leg && old.site == new.site && old.channelCount == new.channelCount
                        && (old.serial == new.serial || old.serial.isEmpty || new.serial.isEmpty)
                }
        }
    }

    /// How the log at a path stands.
    ///
    /// - Throws: `inUse` while a recorder is writing it, and what ``NightLogReader`` throws for a file that is no log.
    /// - Complexity: reads the whole file.
    public static func standing(_ path: String) throws(RecordingError) -> Standing {
        // Whoever writes it holds its lock.
        let file = try NightLogFile(opening: path, .system)
        _ = file.path
        var reader = try NightLogReader(path: path)
        var block = SampleBlock()
        var samples = reader.log.streams.map { _ in Int64(0) }
        while try reader.read(into: &block) { samples[block.stream] += Int64(block.count) }
        return Standing(
            header: reader.log, isClosed: reader.isClosed, last: reader.scanner.sector?.stamp ?? reader.log.creation,
            samples: samples)
    }
}
