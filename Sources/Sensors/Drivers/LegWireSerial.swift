// SPDX-License-Identifier: GPL-3.0-or-later

extension SensorDriver {
    /// LegWire over a serial port of USB (CDC-ACM), as CircuitPython boards have one.
    ///
    /// Such a board has a console port too: the samples come on the last one. That the line is opened starts it; from then on it
    /// takes settings as frames.
    static let legWireSerial = SensorDriver(
        name: "LegWire on a serial port",
        identities: [
            Identity(0x1209, 0x0001, "the number for private tests"),
            Identity(0x239A, 0x8045, "Circuit Playground Bluefruit under CircuitPython"),
            Identity(0x239A, 0x8046, "Circuit Playground Bluefruit under CircuitPython"),
            Identity(0x2886, 0x0045, "XIAO nRF52840 Sense under CircuitPython"),
        ],
        transport: .usb(
            connection: { device in
                guard isKnown(device),
                    let data = device.interfaces.last(where: { $0.triple.code == CDC.dataClass && $0.input != nil }),
                    let control = device.interfaces.last(where: {
                        $0.triple.code == CDC.controlClass && $0.triple.subclass == CDC.abstractModel
                            && $0.number < data.number
                    }),
                    let input = data.input
                else { return nil }
                return Connection(
                    interfaces: [control.number, data.number], input: input, information: nil,
                    start: [CDC.lineCoding(control.number), CDC.lineState(control.number, isOpen: true)],
                    stop: [CDC.lineState(control.number, isOpen: false)],
                    settings: data.output.map { .frames(endpoint: $0) } ?? .none)
            },
            makeDecoder: { LegWireDecoder() }))

    private static func isKnown(_ device: USBDescription) -> Bool {
        legWireSerial.identities.contains { $0.vendor == device.vendor && $0.product == device.product }
    }
}

/// The requests of a serial port on USB (CDC PSTN 1.2, section 6.3).
enum CDC {
    static let controlClass: UInt8 = 0x02
    static let abstractModel: UInt8 = 0x02
    static let dataClass: UInt8 = 0x0A

    private static let toInterface: UInt8 = 0x21

    /// 115200 baud, 8 data bits, no parity, one stop bit: what every port takes. On USB it changes nothing.
    static func lineCoding(_ interface: UInt8) -> ControlRequest {
        ControlRequest(toInterface, 0x20, index: UInt16(interface), data: [0x00, 0xC2, 0x01, 0x00, 0, 0, 8])
    }

    /// The line is open, or closed: DTR and RTS.
    static func lineState(_ interface: UInt8, isOpen: Bool) -> ControlRequest {
        ControlRequest(toInterface, 0x22, value: isOpen ? 3 : 0, index: UInt16(interface))
    }
}
