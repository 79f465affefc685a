// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the magnesium of an Apple Health export, piece by piece.
public struct AppleHealthImport: Sendable {
    private var scanner = AppleHealthScanner()
    private var result = DoseImport(.appleHealth)
    private var seen: Set<String> = []
    private let options: DoseImport.Options

    /// An import at the beginning of an export.
    public init(_ options: DoseImport.Options) {
        self.options = options
    }

    /// Whether a file begins as Apple's export does.
    public static func recognizes(_ beginning: some Collection<UInt8>) -> Bool {
        let text = String(decoding: beginning.prefix(4096), as: UTF8.self)
        return text.contains("<HealthData") || text.contains("<!DOCTYPE HealthData")
    }

    /// Reads the next piece.
    public mutating func scan(_ piece: ArraySlice<UInt8>) {
        scanner.scan(piece)
        for record in scanner.takeRecords() { add(record) }
    }

    /// How many records of every type were seen.
    public var recordCount: Int { scanner.recordCount }

    /// Ends the export, and gives what was found.
    public mutating func finish() throws(RefusedFile) -> DoseImport {
        scanner.finish()
        guard scanner.isHealthExport else {
            throw RefusedFile(
                "E_FORMAT", "no HealthData in this file", hint: "choose export.xml of Apple Health's export")
        }
        result.rejected = (result.rejected + scanner.rejected).sorted { $0.line < $1.line }
        result.warnOfTwinsAcrossSources()
        return result
    }

    private mutating func add(_ record: AppleHealthScanner.Record) {
        // A record inside a correlation stands in the export once more by itself.
        let key = "apple|\(record.sourceName)|\(record.startDate)|\(record.endDate)|\(record.value)|\(record.unit)"
        guard seen.insert(key).inserted else { return }
        func reject(_ code: String, _ message: String) {
            result.rejected.append(
                Finding(line: record.number, column: 1, code: code, message: "record \(record.number): \(message)"))
        }
        guard let unit = DoseUnit(plain: record.unit), unit.isMass else {
            return reject("E_UNIT", "'\(record.unit)' is no unit of weight")
        }
        guard let value = Double(record.value), value.isFinite else {
            return reject("E_NUMBER", "'\(record.value)' is no number")
        }
        guard value >= 0 else { return reject("E_DOSE_NEGATIVE", "an amount below zero") }
        guard let instant = UTCInstant(record.startDate) else {
            return reject(DateText.code(record.startDate), "'\(record.startDate)' is no date with an offset")
        }
        guard instant - options.now <= ReferenceData.current.whole(.futureAfter) * 3600 else {
            return reject("E_DATE_FUTURE", "\(record.startDate) lies ahead")
        }
        let milligrams = DoseRules.tidy(value * (unit == .g ? 1000 : unit == .ug ? 0.001 : 1))
        guard milligrams > 0 else { return }
        result.add(
            mg: milligrams, at: options.clock.time(instant), source: record.sourceName, number: record.number, key: key,
            entered: EnteredAmount(value: value, unit: unit, basis: .elemental, basisOrigin: .unit), options)
    }
}
