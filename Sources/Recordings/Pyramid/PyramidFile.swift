// SPDX-License-Identifier: GPL-3.0-or-later

/// A pyramid, opened: the envelope of any stretch of a recording at any width, and where its single samples are.
///
/// Opening checks the catalogue, reading checks each page; what fails throws `damaged`, and the pyramid is made anew.
public final class PyramidFile: Sendable {
    /// The recording that it was made from.
    public let source: PyramidSource
    let streams: [PyramidCatalogue.Stream]
    private let file: RandomFile

    /// Opens a pyramid and checks its catalogue.
    public convenience init(path: String) throws(RecordingError) {
        try self.init(RandomFile(path))
    }

    /// Bytes already in memory, under a name for messages.
    public convenience init(bytes: [UInt8], path: String = "(memory)") throws(RecordingError) {
        try self.init(RandomFile(bytes, path: path))
    }

    private init(_ file: RandomFile) throws(RecordingError) {
        guard let catalogue = try PyramidCatalogue(file) else { throw Self.damaged(file.path) }
        self.file = file
        source = catalogue.source
        streams = catalogue.streams
    }

    /// The streams of the recording.
    public var streamCount: Int { streams.count }

    /// Samples a second of a stream as the device was set; nil for one without a trace.
    public func rate(of stream: Int) -> Double? {
        streams.indices.contains(stream) && streams[stream].rate > 0 ? streams[stream].rate : nil
    }

    /// One step of a stream's values, in g.
    public func step(of stream: Int) -> Double {
        precondition(streams.indices.contains(stream), "no stream \(stream) of \(streams.count)")
        return streams[stream].step
    }

    /// The samples of a stream whose times are known.
    public func sampleCount(of stream: Int) -> Int {
        streams.indices.contains(stream) ? streams[stream].lines.reduce(0) { $0 + $1.count } : 0
    }

    /// Adds what a stream has to an envelope.
    public func fill(_ envelope: inout TraceEnvelope, from stream: Int) throws(RecordingError) {
        guard let level = envelope.grid.level, rate(of: stream) == envelope.grid.rate else { return }
        let own = streams[stream]
        let factor = PyramidPage.levels[level]
        let inPage = Int64(PyramidPage.span / factor)
        let buckets = envelope.grid.buckets
        let first = own.pages.partition { $0.index >= buckets.lowerBound.floorDivided(by: inPage) }
        for page in own.pages[first...] {
            let start = page.index * inPage
            if start >= buckets.upperBound { break }
            let bytes = try self.bytes(of: page, stream)
            let span = bytes.span
            let wanted = max(start, buckets.lowerBound)..<min(start + inPage, buckets.upperBound)
            for bucket in wanted {
                let place = PyramidPage.firstBucket(level) + Int(bucket - start)
                envelope.take(bucket, scaledBy: own.step) { part in
                    Int16(bitPattern: span.uint16(at: 16 + (place * PyramidPage.valuesInBucket + part) * 2))
                }
            }
        }
    }

    /// Reads every page, and checks it.
    public func check() throws(RecordingError) {
        for (number, stream) in streams.enumerated() {
            for page in stream.pages { _ = try bytes(of: page, number) }
        }
    }

    private func bytes(of page: PyramidCatalogue.Place, _ stream: Int) throws(RecordingError) -> [UInt8] {
        let offset = PyramidCatalogue.headerSize + Int(page.number) * PyramidPage.size
        let bytes = try file.bytes(at: offset, count: PyramidPage.size)
        guard PyramidPage.isWhole(bytes, stream: stream, index: page.index) else {
            throw Self.damaged(file.path, "byte \(offset)")
        }
        return bytes
    }

    private static func damaged(_ path: String, _ place: String = "") -> RecordingError {
        RecordingError(
            .damaged, path: path, place: place, problem: "is no whole pyramid",
            remedy: "remove it: it is made anew from the recording")
    }
}

extension Int64 {
    /// The quotient, rounded down.
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

extension Array {
    /// The first place from which on all elements are as asked, in an array whose elements are so from some place on.
    func partition(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
