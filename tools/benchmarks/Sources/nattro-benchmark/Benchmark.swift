// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
import Foundation
import Glibc
import LegMovements
import Recordings
import Synchronization

/// Times the stages of scoring a night inside one process, and writes down what it found.
///
/// `nattro-benchmark LEFT RIGHT OUT.json REPEATS [STAGE…]` prints one JSON object: for each stage, on one thread and on two, the
/// seconds of each run; with `once` among the stages only one thread is timed. `nattro-benchmark live HZ SECONDS` is one run of a night that is recorded (see ``LiveNight``). The first run of all is the cold one: it plans the transforms and touches the memory first.
@main
struct Benchmark {
    struct Timing: Encodable {
        var stage: String
        var threads: Int
        /// Wall-clock seconds of each run, in order.
        var seconds: [Double]
        /// Seconds of all processors in each run.
        var processor: [Double]
    }

    struct Answer: Encodable {
        var timings: [Timing]
        var peakRSSMiB: Double
    }

    struct Movement: Encodable {
        var leg: String
        var onset: Double
        var offset: Double
        var kind: String
    }

    /// What the comparison looks at, with the names of the other side's answer.
    struct Found: Encodable {
        var start: Double
        var candidates: Int
        var periodic: Int
        var series: Int
        var index: Double?
        var movements: [Movement]

        enum CodingKeys: String, CodingKey {
            case start, movements
            case candidates = "n_clm"
            case periodic = "n_plm"
            case series = "n_series"
            case index = "plm_index"
        }

        init(_ night: DetectedNight, _ scored: ScoredNight) {
            start = night.start
            candidates = scored.candidateCount
            periodic = scored.periodicCount
            series = scored.seriesCount
            index = scored.rest?.periodic.index
            movements = night.legs.flatMap(\.movements).map {
                Movement(leg: $0.leg.rawValue, onset: $0.onset, offset: $0.offset, kind: $0.kind.rawValue)
            }
        }
    }

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.count == 3, let extent = LiveNight.Extent(rawValue: arguments[0]), let rate = Double(arguments[1]),
            let seconds = Double(arguments[2])
        {
            var night = LiveNight(rate: rate, seconds: seconds)
            return print("\(try night.run(extent)) movements in \(seconds) s of two legs at \(rate) Hz")
        }
        guard arguments.count >= 4, let repeats = Int(arguments[3]), repeats > 0 else {
            print("usage: nattro-benchmark LEFT RIGHT OUT.json REPEATS [STAGE…] | frames|live HZ SECONDS")
            exit(64)
        }
        let paths = Array(arguments[0..<2])
        let named = arguments[4...].compactMap { Stage(rawValue: $0) }
        let stages = named.isEmpty ? Stage.allCases : named
        var timings: [Timing] = []
        var found: Found?
        // The whole first, so that its first run is the cold one.
        for stage in stages.reversed() {
            for threads in arguments.contains("once") ? [1] : [1, 2] {
                var timing = Timing(stage: stage.rawValue, threads: threads, seconds: [], processor: [])
                for _ in 0..<repeats {
                    let (wall, processor) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
                    let results = try threads == 1 ? inTurn(stage, paths) : atOnce(stage, paths)
                    if stage == .night {
                        let night = DetectedNight(results)
                        let scored = night.movementNight(rest: night.start..<night.end).scored(under: .wasm2016)
                        _ = scored.trainPeriodicity()
                        found = Found(night, scored)
                    }
                    timing.seconds.append(now(CLOCK_MONOTONIC) - wall)
                    timing.processor.append(now(CLOCK_PROCESS_CPUTIME_ID) - processor)
                }
                timings.append(timing)
            }
        }
        if let found {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try encoder.encode(found).write(to: URL(filePath: arguments[2]))
        }
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { exit(71) }
        let answer = Answer(timings: timings, peakRSSMiB: Double(usage.ru_maxrss) / 1024)
        print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }

    private static func inTurn(_ stage: Stage, _ paths: [String]) throws -> [DetectedNight.LegResult] {
        try zip(Leg.allCases, paths).compactMap { leg, path in try stage.run(path, leg) }
    }

    /// Each leg on a thread of its own, as the command does it; without tasks, so that callgrind can follow.
    private static func atOnce(_ stage: Stage, _ paths: [String]) throws -> [DetectedNight.LegResult] {
        let results = Mutex<[Int: Result<DetectedNight.LegResult?, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: paths.count) { number in
            let result = Result { try stage.run(paths[number], Leg.allCases[number]) }
            results.withLock { $0[number] = result }
        }
        return try results.withLock { results in
            try results.sorted { $0.key < $1.key }.compactMap { try $0.value.get() }
        }
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return .nan }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
