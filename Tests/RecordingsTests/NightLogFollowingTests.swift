// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

@Suite struct NightLogFollowingTests {
    /// However a log grows, a follower reads what a reader of the finished log does; a sector cut short is not there yet.
    @Test(arguments: [1, 100, 512, 700, 5000]) func aGrowingLogIsReadAsTheFinishedOneIs(step: Int) throws {
        let folder = try TemporaryFolder()
        let whole = try bytes(of: "\(packageFolder)/Fixtures/nightlog/small.nightlog")
        let expected = try ReadNight(whole)
        let path = folder.file("growing.nightlog")
        let start = 1536
        try write(Array(whole[..<start]), to: path)
        var reader = try NightLogReader(following: path)
        var block = SampleBlock()
        var stretches: [ReadNight.Stretch] = []
        func take() throws {
            while try reader.read(into: &block) {
                stretches.append(
                    ReadNight.Stretch(
                        stream: block.stream, firstIndex: block.firstIndex, values: block.values, anchor: block.anchor,
                        gap: block.gapBefore))
            }
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        var written = start
        // Byte by byte over two ends of sectors.
        let ends =
            step == 1
            ? Array(start..<start + 1100) + [whole.count]
            : Array(stride(from: start, to: whole.count, by: step)) + [whole.count]
        for end in ends {
            try handle.write(contentsOf: whole[written..<end])
            written = end
            try take()
        }
        #expect(stretches == expected.stretches)
        #expect(reader.entries == expected.entries)
        #expect(reader.isClosed && reader.report.isEmpty)
    }
}
