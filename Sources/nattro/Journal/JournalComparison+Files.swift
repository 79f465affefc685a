// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights

extension JournalComparison {
    /// Writes `nights.csv`, `doses.csv` and `design.json`: the person's folder for `nattro compare --group`, and for other programs.
    ///
    /// Comparing the files gives the same numbers.
    func write(to folder: String, times: [CivilDay: DayTime]) throws {
        let files = [
            ("nights.csv", ComparisonNights.csv(nights)), ("doses.csv", DoseTable.csv(doses, times: times)),
            ("design.json", design.text),
        ]
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for (name, text) in files {
                try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .withoutOverwriting)
            }
        } catch CocoaError.fileWriteFileExists {
            throw Failure(
                message: "\(folder): has such files already, and nothing is overwritten; name a new folder",
                outcome: .unusableInput)
        } catch {
            throw Failure(
                message: "\(folder): cannot be written (\(error.localizedDescription)); name a folder that is yours",
                outcome: .unusableInput)
        }
    }
}

/// Rows of CSV by RFC 4180.
enum CSVText {
    static func row(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

extension DoseTable {
    /// A row for each known night; where the clock time is not known, noon stands for it.
    static func csv(_ doses: [ComparedDose], times: [CivilDay: DayTime]) -> String {
        CSVText.row(["taken_at", "salt", "elemental_mg", "status"])
            + doses.map { dose in
                let time = times[dose.night] ?? .noon
                let day = time < .noon ? dose.night + 1 : dose.night
                return CSVText.row([
                    "\(day)T\(time)", dose.form, "\(dose.elementalMg)", dose.elementalMg > 0 ? "taken" : "none",
                ])
            }.joined()
    }
}

extension ComparisonNights {
    /// Nights as the file that reads back as the same.
    static func csv(_ nights: [ComparedNight]) -> String {
        let endpoints = SecondaryEndpoint.allCases
        let covariates = Set(nights.flatMap(\.covariates.keys)).sorted()
        func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        let rows = nights.map { night in
            let time = night.firstSymptom.flatMap { hours in
                DayTime(seconds: (Int((hours * 3600).rounded()) + 43_200) % 86_400)
            }
            var fields = ["\(night.day)", night.isIncluded ? "1" : "0", "\(night.hours)", "\(night.movements)"]
            fields += settings.map { night.setting[$0] ?? "" }
            fields += [
                number(night.effectiveThreshold), number(night.noiseFloor),
                night.movementsAtFixedThreshold.map(String.init) ?? "", number(night.eveningUrge),
                number(night.nightUrge), time?.description ?? "",
            ]
            fields += endpoints.map { number(night.secondary[$0]) } + covariates.map { number(night.covariates[$0]) }
            return CSVText.row(fields)
        }
        return CSVText.row(
            ["night", "include", "hours", "plm"] + settings
                + ["threshold_mg", "noise_mg", "plm_fixed", "urge_evening", "urge_night", "first_symptom"]
                + endpoints.map(\.rawValue) + covariates) + rows.joined()
    }
}
