// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Glibc
import Recordings

/// Times the reading of a recording inside one process.
///
/// `nattro-decode FILE REPEATS [VALUES]` prints one JSON line: the samples, the wall-clock seconds of each run, and the peak RSS. VALUES is
/// a file for the samples as little-endian Float32, for a comparison with other readers.
@main
struct Decode {
    struct Answer: Encodable {
        var samples: Int
        var seconds: [Double]
        var peakRSSMiB: Double
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let repeats = Int(arguments[2]), repeats >= 0 else {
            print("usage: nattro-decode FILE REPEATS [VALUES]")
            exit(64)
        }
        var block = SampleBlock()
        var answer = Answer(samples: 0, seconds: [], peakRSSMiB: 0)
        let clock = ContinuousClock()
        for _ in 0..<repeats {
            answer.samples = 0
            let time = try clock.measure {
                var reader = try RecordingFile.open(arguments[1])
                while try reader.read(into: &block) { answer.samples += block.count }
            }
            answer.seconds.append(time / .seconds(1))
        }
        if arguments.count > 3 { try writeValues(of: arguments[1], to: arguments[3]) }
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { exit(71) }
        answer.peakRSSMiB = Double(usage.ru_maxrss) / 1024
        print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }

    private static func writeValues(of path: String, to output: String) throws {
        guard FileManager.default.createFile(atPath: output, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let file = try FileHandle(forWritingTo: URL(filePath: output))
        var reader = try RecordingFile.open(path)
        var block = SampleBlock()
        while try reader.read(into: &block) {
            var bytes = Data(capacity: block.values.count * 4)
            for value in block.values {
                for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift)) }
            }
            try file.write(contentsOf: bytes)
        }
        try file.close()
    }
}
