// SPDX-License-Identifier: GPL-3.0-or-later

/// Signals of one rate that are handed out together, as one stream.
struct EDFStream: Hashable {
    /// The signals, in the order of the stream's channels.
    var signals: [Int]
    /// What each signal's physical value is multiplied with: acceleration is handed out in g.
    var factors: [Double]
    /// The signal that is 0 where the samples are missing, as nattro's own export writes it.
    var validity: Int?
    var info: StreamInfo

    /// The streams of a file: each accelerometer one, then the other signals by their rates, in the order of the file.
    static func streams(of header: EDFHeader) -> [EDFStream] {
        let signals = header.signals
        var rest = signals.indices.filter { !signals[$0].isAnnotations && signals[$0].samplesPerRecord > 0 }
        var streams: [EDFStream] = []
        for sensor in sensors(in: signals, rest) {
            var stream = sensor
            stream.info.nominalRate = header.rate(of: sensor.signals[0])
            stream.validity = rest.first { index in
                signals[index].label == "Valid \(stream.info.leg?.rawValue ?? "")"
                    && signals[index].samplesPerRecord == signals[stream.signals[0]].samplesPerRecord
            }
            rest.removeAll { stream.signals.contains($0) || $0 == stream.validity }
            streams.append(stream)
        }
        while let first = rest.first {
            let group = rest.filter { signals[$0].samplesPerRecord == signals[first].samplesPerRecord }
            rest.removeAll(where: group.contains)
            streams.append(
                EDFStream(
                    signals: group, factors: group.map { _ in 1 },
                    info: StreamInfo(
                        nominalRate: header.rate(of: first), channels: distinct(group.map { signals[$0].label }),
                        units: group.map { signals[$0].unit })))
        }
        return streams
    }

    /// The accelerometers: three signals x, y, z of one name and rate in a unit of acceleration, with their gyroscopes.
    private static func sensors(in signals: [EDFSignal], _ candidates: [Int]) -> [EDFStream] {
        var found: [EDFStream] = []
        var taken: Set<Int> = []
        func partners(of index: Int, quantity: Quantity) -> [Int]? {
            guard let name = AxisLabel(signals[index].label) else { return nil }
            let all = ["x", "y", "z"].compactMap { axis in
                candidates.first { candidate in
                    !taken.contains(candidate) && Quantity(unit: signals[candidate].unit)?.kind == quantity.kind
                        && signals[candidate].samplesPerRecord == signals[index].samplesPerRecord
                        && AxisLabel(signals[candidate].label) == AxisLabel(sensor: name.sensor, axis: axis)
                }
            }
            return all.count == 3 ? all : nil
        }
        for index in candidates {
            guard !taken.contains(index), let quantity = Quantity(unit: signals[index].unit),
                quantity.kind == .acceleration, let name = AxisLabel(signals[index].label),
                var axes = partners(of: index, quantity: quantity)
            else { continue }
            taken.formUnion(axes)
            let range =
                axes.map { signals[$0] }.map { max(abs($0.physicalMinimum), abs($0.physicalMaximum)) }.max() ?? 0
            let gyroscope = candidates.first { candidate in
                !taken.contains(candidate) && Quantity(unit: signals[candidate].unit)?.kind == .rotation
                    && signals[candidate].samplesPerRecord == signals[index].samplesPerRecord
                    && AxisLabel(signals[candidate].label)?.sensor == name.sensor
            }
            if let gyroscope, let rotation = Quantity(unit: signals[gyroscope].unit),
                let more = partners(of: gyroscope, quantity: rotation)
            {
                taken.formUnion(more)
                axes += more
            }
            found.append(
                EDFStream(
                    signals: axes, factors: axes.map { Quantity(unit: signals[$0].unit)?.factor ?? 1 },
                    info: StreamInfo(
                        leg: name.leg, site: name.sensor, nominalRate: 0,
                        channels: ["x", "y", "z"] + (axes.count == 6 ? ["gx", "gy", "gz"] : []),
                        range: range * quantity.factor)))
        }
        return found
    }

    /// The names, with a number behind those that were there before.
    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.map { name in
            var candidate = name
            var number = 2
            while !seen.insert(candidate).inserted {
                candidate = "\(name) \(number)"
                number += 1
            }
            return candidate
        }
    }
}

extension EDFHeader {
    /// The samples a second of a signal.
    func rate(of signal: Int) -> Double { Double(signals[signal].samplesPerRecord) / recordDuration }
}

/// What a unit measures, and its size in g or °/s.
struct Quantity: Hashable {
    enum Kind { case acceleration, rotation }

    var kind: Kind
    var factor: Double

    /// The acceleration of free fall, m/s², by which m/s² become g.
    static let standardGravity = 9.80665

    /// Nil for a unit of anything else.
    init?(unit: String) {
        switch unit.lowercased().filter({ $0 != " " && $0 != "^" }) {
        case "g": self.init(.acceleration, 1)
        case "mg": self.init(.acceleration, 0.001)
        case "m/s2", "m/s²", "ms-2", "m/s/s", "m/ss": self.init(.acceleration, 1 / Self.standardGravity)
        case "deg/s", "dps", "°/s", "degree/s", "degrees/s": self.init(.rotation, 1)
        case "mdps": self.init(.rotation, 0.001)
        case "rad/s": self.init(.rotation, 180 / Double.pi)
        default: return nil
        }
    }

    private init(_ kind: Kind, _ factor: Double) {
        self.kind = kind
        self.factor = factor
    }
}

/// A label that names a sensor and one of its axes: `Acc L X`, `LegLeft_accY`, `z`.
struct AxisLabel: Hashable {
    /// What is left of the label without the axis and the kind of sensor, in small letters.
    var sensor: String
    /// `x`, `y` or `z`.
    var axis: String

    private static let kinds = [
        "accelerometer", "acceleration", "accel", "acc", "gyroscope", "gyro", "gyr", "angular", "velocity", "rotation",
    ]

    init(sensor: String, axis: String) {
        self.sensor = sensor
        self.axis = axis
    }

    /// Nil where the label names no axis.
    init?(_ label: String) {
        var words = label.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let axes = ["x", "y", "z"]
        if let position = words.lastIndex(where: axes.contains) {
            axis = words.remove(at: position)
        } else if let position = words.lastIndex(where: { word in
            axes.contains(String(word.suffix(1))) && Self.kinds.contains(String(word.dropLast()))
        }) {
            axis = String(words.remove(at: position).suffix(1))
        } else {
            return nil
        }
        sensor = words.filter { !Self.kinds.contains($0) }.joined(separator: " ")
    }

    /// The leg that the label names: by words, or by a lone L or R where no other part of the body is named.
    var leg: Leg? {
        let words = sensor.split(separator: " ")
        guard
            !["wrist", "hand", "arm", "chest", "thorax", "trunk", "head", "hip", "waist"].contains(
                where: sensor.contains)
        else { return nil }
        if let named = Leg(site: sensor) { return named }
        switch (words.contains { $0 == "l" || $0 == "left" }, words.contains { $0 == "r" || $0 == "right" }) {
        case (true, false): return .left
        case (false, true): return .right
        default: return nil
        }
    }
}
