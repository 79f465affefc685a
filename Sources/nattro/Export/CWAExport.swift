// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings

/// A night as CWA files, one a leg, as an AX6 set to its accelerometer writes them.
///
/// Made for what readers in use understand. Sequence numbers have no hole and a gap is a jump of the time stamps: scikit-digital-health
/// crashes on the one and follows the other. All sectors are full, so up to 79 samples before a gap are left out, since it gives zeros for
/// what a sector lacks. The range is ±8 or ±16 g, since it takes every sector of a smaller range for damaged.
enum CWAExport {
    /// One written file.
    struct File {
        var path: String
        var clipped: Int
    }

    /// The name of a leg's file: `NIGHT.cwa` becomes `NIGHT_L.cwa`.
    static func path(_ path: String, _ leg: Leg) -> String {
        let stem = path.lowercased().hasSuffix(".cwa") ? String(path.dropLast(4)) : path
        return "\(stem)_\(leg.rawValue).cwa"
    }

    /// Writes the files one after the other.
    static func write(_ recorded: RecordedNight, to path: String) throws -> [File] {
        var files: [File] = []
        for leg in recorded.recordedLegs {
            let file = Self.path(path, leg)
            files.append(File(path: file, clipped: try write(recorded, leg, to: file)))
        }
        return files
    }

    private static func write(_ recorded: RecordedNight, _ leg: Leg, to path: String) throws -> Int {
        var night = try GriddedNight(recorded.only(leg)) { Self.rate(for: $0.nominalRate) }
        let grid = night.grids[0]
        let range = Self.range(for: grid.stream.range)
        let serial = recorded.files.map(\.header.serial).first { !$0.isEmpty } ?? ""
        var writer = try CWAWriter(
            path: path, rate: grid.rate, range: range, device: UInt32(serial.filter(\.isNumber).suffix(9)) ?? 0,
            site: grid.stream.site.isEmpty ? "\(leg.name) ankle" : grid.stream.site)
        let scale = EDFExport.Scale(acceleration: Double(range))
        var clipped = 0
        var sector: [Int16] = []
        var start = 0.0
        var second = night.seconds.lowerBound
        while let channels = try night.takeSecond()?[0] {
            for place in 0..<grid.rate {
                let isMissing = channels[0][place].isNaN
                if !isMissing {
                    if sector.isEmpty { start = Double(second) + Double(place) / Double(grid.rate) }
                    for channel in 0..<3 { sector.append(scale.digital(channels[channel][place], &clipped)) }
                }
                if sector.count == 3 * CWAWriter.samplesInSector { try writer.append(sector, time: start) }
                // What does not fill a sector before a gap is left out: see above.
                if isMissing || sector.count == 3 * CWAWriter.samplesInSector {
                    sector.removeAll(keepingCapacity: true)
                }
            }
            second += 1
        }
        try writer.finish()
        return clipped
    }

    /// The next rate that the format can say, or its highest.
    private static func rate(for nominal: Double) -> Int {
        CWAWriter.rates.first { Double($0) >= nominal * 0.999 } ?? CWAWriter.rates[CWAWriter.rates.count - 1]
    }

    /// The range to write, in g.
    private static func range(for range: Double) -> Int {
        range > 0 && range <= 8 ? 8 : 16
    }
}
