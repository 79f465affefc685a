// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import LegMovements

/// The detector's numbers by name.
enum DetectionPreset: String, ExpressibleByArgument, CaseIterable {
    case standard
    case noisySensor
    case largeMovements

    var parameters: DetectionParameters {
        switch self {
        case .standard: .standard
        case .noisySensor: .noisySensor
        case .largeMovements: .largeMovements
        }
    }
}

/// A change of one of the detector's numbers, as it is typed: `envelopeOn=8`.
struct ParameterChange: ExpressibleByArgument {
    let name: String
    let value: Double

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite, value >= 0 else { return nil }
        name = String(parts[0])
        self.value = value
    }

    /// The numbers with this one changed.
    func applied(to parameters: DetectionParameters) throws -> DetectionParameters {
        var numbers = try JSONDecoder().decode([String: Double].self, from: JSONEncoder().encode(parameters))
        guard numbers[name] != nil else {
            let near = numbers.keys.filter { $0.lowercased().contains(name.lowercased().prefix(4)) }.sorted()
            throw ValidationError(
                "There is no number '\(name)' in the detector\(near.isEmpty ? "; --json lists them" : "; near it: \(near.joined(separator: ", "))")."
            )
        }
        numbers[name] = value
        let changed = try JSONDecoder().decode(DetectionParameters.self, from: JSONEncoder().encode(numbers))
        guard changed.isUsable else {
            throw ValidationError("\(name)=\(value) makes the detector's numbers contradict each other.")
        }
        return changed
    }
}
