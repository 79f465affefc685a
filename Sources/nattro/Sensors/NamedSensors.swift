// SPDX-License-Identifier: GPL-3.0-or-later
import Sensors

/// The sensors that were named for a night: which are on USB, and which on serial ports.
struct NamedSensors {
    /// Which is which leg.
    let assignment: LegAssignment
    /// The serial numbers of those on USB.
    let serials: [String]
    /// Those on serial ports.
    let ports: [PortSetup]

    /// Looks up what was named: a serial port by its name or path, and all else is a serial number.
    init(left: String?, right: String?) throws {
        let setups = try [left, right].map { name in try name.flatMap { try PortSetups.setup(called: $0) } }
        if let name = setups[0]?.name, name == setups[1]?.name {
            throw Failure(
                message: "\(name): one serial port has one sensor, which is on one leg; name another for the other leg",
                outcome: .wrongUsage)
        }
        ports = setups.compactMap(\.self)
        let names = ports.map(\.name)
        assignment = LegAssignment(left: setups[0]?.name ?? left, right: setups[1]?.name ?? right)
        serials = assignment.serials.filter { !names.contains($0) }
    }
}
