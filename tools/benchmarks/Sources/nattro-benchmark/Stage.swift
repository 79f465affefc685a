// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings
import Signal

/// How far into the pipeline a timed run goes: each stage holds those before it.
enum Stage: String, CaseIterable {
    case decode
    case resample
    case filter
    case detect
    case night

    /// Takes one leg's file as far as this stage; nil where that is not as far as a result.
    func run(_ path: String, _ leg: Leg) throws -> DetectedNight.LegResult? {
        var reader = try RecordingFile.open(path)
        let rate = reader.header.streams[0].nominalRate
        var block = SampleBlock()
        switch self {
        case .decode:
            while try reader.read(into: &block) {}
        case .resample:
            var resampler = Resampler(nominalRate: rate, rate: rate)
            var grid = GridBlock()
            while try reader.read(into: &block) {
                resampler.take(block, &grid)
                grid.removeAll()
            }
            resampler.finish(into: &grid)
        case .filter:
            var resampler = Resampler(nominalRate: rate, rate: rate)
            var grid = GridBlock()
            var bank = FilterBank(kernels: Self.kernels(rate: rate))
            var filtered = FilteredBlock(filterCount: 3)
            while try reader.read(into: &block) {
                resampler.take(block, &grid)
                guard grid.count > 0 else { continue }
                bank.append(grid, to: &filtered)
                grid.removeAll()
                filtered.removeAll()
            }
            resampler.finish(into: &grid)
            bank.append(grid, to: &filtered)
            bank.finish(into: &filtered)
        case .detect, .night:
            var detector = LegDetector(leg: leg, nominalRate: rate)
            while try reader.read(into: &block) { detector.append(block) }
            detector.finish()
            return DetectedNight.LegResult(detector)
        }
        return nil
    }

    /// The detector's three filters.
    private static func kernels(rate: Double) -> [[Float]] {
        let parameters = DetectionParameters.standard
        let reach = Int(parameters.filterReach * rate)
        let wide = min(parameters.wideCutoff, 0.4 * rate)
        return [
            Kernel.lowPass(cutoff: parameters.slowCutoff, rate: rate, reach: reach),
            Kernel.lowPass(cutoff: wide, rate: rate, reach: reach),
            Kernel.bandPass(from: parameters.bandLowerCutoff, to: wide, rate: rate, reach: reach),
        ]
    }
}

extension Resampler {
    fileprivate mutating func take(_ block: SampleBlock, _ grid: inout GridBlock) {
        append(
            block.values.span, channelCount: block.channelCount, firstIndex: block.firstIndex,
            anchorIndex: block.anchor.index, anchorTime: block.anchor.time, to: &grid)
    }
}
