// SPDX-License-Identifier: GPL-3.0-or-later

extension SensorDriver {
    /// Axivity's loggers: set up in the evening, fetched in the morning. What they stream is no recording.
    static let axivity = SensorDriver(
        name: "Axivity logger", identities: [Identity(0x04D8, 0x0057, "Axivity AX3 and AX6")], transport: .file)
}
