// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import LegMovements

/// Simulates studies with known truth and checks that the statistics keep their promises.
@main
struct Calibrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Simulate studies with known truth, and check size, power and coverage of the statistics.",
        discussion: "Prints a table in Markdown. Exit code 1 where a bound is broken.")

    /// Fixed before the first run. A run that fails is looked into, never drawn again.
    static let seed: UInt64 = 7

    @Option(help: "The studies of each cell.")
    var replicates = 2000

    @Flag(help: "The wider bounds, for fewer studies.")
    var wide = false

    func validate() throws {
        guard (100...1_000_000).contains(replicates) else {
            throw ValidationError("--replicates is \(replicates); it lies between 100 and 1000000.")
        }
    }

    func run() async throws {
        let bounds = wide ? Bounds.wide : .full
        let gate = Gate(bounds, replicates: replicates)
        let start = ContinuousClock.now
        var seeds = SplitMix64(seed: Self.seed)
        var failures: [String] = []
        print(
            "\(replicates) studies a cell, seed \(Self.seed), \(bounds.name) bounds. One standard error at a share of 0.05: "
                + String(format: "%.4f.", (0.05 * 0.95 / Double(replicates)).squareRoot()))
        for section in gate.sections {
            var results: [CellResult] = []
            for cell in section.cells {
                let batches = (replicates + Cell.batch - 1) / Cell.batch
                results.append(
                    await cell.run(replicates: replicates, seeds: (0..<batches).map { _ in seeds.next() }))
            }
            print("\n### \(section.title)\n\n| situation | share | published | bounds |\n|---|---|---|---|")
            for result in results { print(result.row) }
            failures += check(section, results)
        }
        let seconds = (ContinuousClock.now - start).components.seconds
        print("\n\(gate.sections.map(\.cells.count).reduce(0, +)) cells in \(seconds) s")
        guard failures.isEmpty else {
            for failure in failures { FileHandle.standardError.write(Data("calibrate: \(failure)\n".utf8)) }
            throw ExitCode(1)
        }
    }

    private func check(_ section: Gate.Section, _ results: [CellResult]) -> [String] {
        let broken = results.flatMap { result in result.failures.map { "\(result.cell.name): \(result.share) \($0)" } }
        let bounds = wide ? Bounds.wide : .full
        switch section.title {
        case Gate.controlTitle:
            let memory = results.filter { $0.cell.simulator.correlation == 0.4 }
            let isCaught = !broken.isEmpty && memory.allSatisfy { $0.share > 0.17 }
            return isCaught ? [] : ["the negative control passes: the gate cannot fail"]
        case Gate.nullTitle:
            let mean = results.map(\.share).reduce(0, +) / Double(results.count)
            print(String(format: "\nMean %.4f.", mean))
            return broken + (bounds.nullMean.contains(mean) ? [] : ["mean size \(mean) outside \(bounds.nullMean)"])
        default: return broken
        }
    }
}

extension CellResult {
    /// A row of the table.
    fileprivate var row: String {
        let published = cell.published.map { "\($0.share) ± \($0.within)" } ?? ""
        let bounds = String(format: "%.3g to %.3g", cell.bounds.lowerBound, cell.bounds.upperBound)
        return "| \(cell.name) | \(String(format: "%.4f", share)) | \(published) | \(bounds) |"
    }
}
