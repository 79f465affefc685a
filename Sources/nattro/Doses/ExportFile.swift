// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Nights
import Recordings

/// What a file of doses turned out to be.
enum ExportFile {
    /// nattro's own log, in its bytes.
    case log([UInt8])
    /// Another program's export, and how many records it had, where they were counted.
    case export(ImportedDoses, records: Int?)

    /// The exports of Apple Health in its zip archive, in the languages that name them differently.
    private static let zippedNames = [
        "apple_health_export/export.xml", "apple_health_export/exportación.xml", "export.xml",
    ]

    init(_ path: String, _ options: ImportedDoses.Options) throws {
        do {
            let source = try ByteSource(path: path)
            let beginning = try source.peek(4096)
            if beginning.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
                self = try Self.zipped(path, options)
            } else if AppleHealthImport.recognizes(beginning) {
                self = try Self.appleHealth(options) { try source.read(into: &$0) }
            } else {
                let bytes = try WholeFile.bytes(source)
                let found = try ImportedDoses(table: bytes, options)
                self = found.format == .doseLog ? .log(bytes) : .export(found, records: nil)
            }
        } catch let refused as RefusedFile {
            throw Failure(message: refused.finding.text(file: path), outcome: .unusableInput)
        }
    }

    private static func zipped(_ path: String, _ options: ImportedDoses.Options) throws -> ExportFile {
        let archive = try ZipArchive(path: path)
        guard let entry = try zippedNames.lazy.compactMap({ try archive.entry($0) }).first else {
            throw Failure(
                message: "\(path): no export.xml in this zip archive; choose Apple Health's export",
                outcome: .unusableInput)
        }
        let result = try appleHealth(options) { entry.read(into: &$0) }
        if let failure = entry.failure {
            throw Failure(
                message: "\(path): the archive breaks off or is damaged (libzip \(failure)); export once more",
                outcome: .unusableInput)
        }
        return result
    }

    private static func appleHealth(
        _ options: ImportedDoses.Options, _ read: (inout [UInt8]) throws -> Int
    ) throws -> ExportFile {
        var reader = AppleHealthImport(options)
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = try read(&piece)
            reader.scan(piece[..<count])
            if count < piece.count { break }
        }
        let records = reader.recordCount
        return .export(try reader.finish(), records: records)
    }
}

/// How another program's export is to be read.
struct ExportOptions: ParsableArguments {
    @Option(help: .init("Which column is which, for tables of no known program.", valueName: "ours=theirs,…"))
    var map: String?
    @Option(help: .init("Read this source only.", valueName: "name"))
    var source: String?
    @Option(help: .init("What a source's doses are: food, supplement or medicine.", valueName: "source=kind"))
    var kind: [String] = []
    @Flag(help: "Read days too that were not marked complete.")
    var includeIncomplete = false
    @Option(help: .init("The zone of times without one; by default the computer's.", valueName: "zone"))
    var tz: String?
    @Option(help: .init("What a weight without its own word weighs: elemental or compound.", valueName: "basis"))
    var defaultBasis: String?
    @Option(help: .init("The order of dates like 03/04/2026: dmy or mdy.", valueName: "order"))
    var dateOrder: String?
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let defaultBasis, EnteredAmount.Basis(rawValue: defaultBasis) == nil {
            throw ValidationError("--default-basis \(defaultBasis): write elemental or compound")
        }
        if let dateOrder, DateOrder(rawValue: dateOrder) == nil {
            throw ValidationError("--date-order \(dateOrder): write dmy or mdy")
        }
        if let tz, ZoneClock(tz) == nil { throw ValidationError("--tz \(tz): write an IANA name, like Europe/Berlin") }
        _ = try kinds()
        _ = try columns()
    }

    func reading(now: UTCInstant, products: [Product]) throws -> ImportedDoses.Options {
        ImportedDoses.Options(
            now: now, clock: try EntryTime.clock(tz), kinds: try kinds(), onlySource: source,
            includesIncomplete: includeIncomplete, map: try columns(),
            defaultBasis: defaultBasis.flatMap { EnteredAmount.Basis(rawValue: $0) },
            dateOrder: dateOrder.flatMap { DateOrder(rawValue: $0) }, products: products)
    }

    private func kinds() throws -> [String: Dose.Kind] {
        var kinds: [String: Dose.Kind] = [:]
        for item in kind {
            guard let sign = item.lastIndex(of: "="),
                let kind = Dose.Kind(rawValue: String(item[item.index(after: sign)...]))
            else { throw ValidationError("--kind '\(item)': write it like --kind 'My app=supplement'") }
            kinds[String(item[..<sign])] = kind
        }
        return kinds
    }

    private func columns() throws -> [String: String] {
        var columns: [String: String] = [:]
        for item in map?.split(separator: ",") ?? [] {
            guard let sign = item.firstIndex(of: "=") else {
                throw ValidationError("--map '\(item)': write it like taken=Taken At,amount=Dose,unit==mg")
            }
            columns[item[..<sign].trimmed.lowercased()] = item[item.index(after: sign)...].trimmed
        }
        return columns
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
