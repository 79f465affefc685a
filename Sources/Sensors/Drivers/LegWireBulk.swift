// SPDX-License-Identifier: GPL-3.0-or-later

extension SensorDriver {
    /// LegWire over an interface of its own, recognised by its class and not by who made it.
    static let legWireBulk = SensorDriver(
        name: "LegWire",
        // pid.codes' number for private tests; a number of our own is to be registered before boards are sold.
        identities: [Identity(0x1209, 0x0001, "the number for private tests")],
        transport: .usb(
            connection: { device in
                guard let interface = device.interfaces.first(where: { $0.triple == InterfaceClass(0xFF, 0x4C, 0x01) }),
                    let input = interface.input
                else { return nil }
                return Connection(
                    interfaces: [interface.number], input: input, information: LegWire.getInformation,
                    start: [LegWire.start], stop: [LegWire.stop], settings: .requests)
            },
            makeDecoder: { LegWireDecoder() }))
}
