// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

extension SensorDriver {
    /// WitMotion's sensors behind a serial bridge: frames of 11 bytes that begin with 0x55.
    static let witMotion = SensorDriver(
        name: "WitMotion (no gap detection)",
        identities: [Identity(0x1A86, 0x7523, "CH340 serial bridge, in WitMotion's cables and many others")],
        transport: .port(
            PortFormat(
                key: "witmotion", baud: 9600, hasUnit: true,
                slowness: "WitMotion's sensors are sold with 10 samples a second at 9600 baud: "
                    + "set it up again with --rate 100",
                commands: WitMotionCommand.commands),
            makeDecoder: { WitMotionDecoder($0) }))
}

/// What sets WitMotion's sensors: FF AA, a register, a 16-bit number. Nothing is taken before the unlocking, and all is
/// forgotten without power unless it is saved.
enum WitMotionCommand {
    private static let unlock: [UInt8] = [0xFF, 0xAA, 0x69, 0x88, 0xB5]
    private static let save: [UInt8] = [0xFF, 0xAA, 0x00, 0x00, 0x00]
    /// Register 2, what is sent: the acceleration alone, or 9600 baud do for no more than 20 samples a second.
    private static let accelerationOnly: [UInt8] = [0xFF, 0xAA, 0x02, 0x02, 0x00]
    /// Register 3, by samples a second.
    private static let rates: [Int: UInt8] = [50: 0x08, 100: 0x09, 200: 0x0B]
    /// Register 4: 115200 baud.
    private static let fast: [UInt8] = [0xFF, 0xAA, 0x04, 0x06, 0x00]
    static let fastBaud = 115_200

    /// The commands for a rate, for a sensor that now listens at `baud`; nil where there is no such rate.
    static func commands(rate: Int, baud: Int) -> [PortCommand]? {
        guard let code = rates[rate] else { return nil }
        let first = [unlock, accelerationOnly, [0xFF, 0xAA, 0x03, code, 0x00], unlock, fast]
        return first.map { PortCommand(baud: baud, bytes: $0) }
            + [unlock, save].map { PortCommand(baud: fastBaud, bytes: $0) }
    }
}

/// Understands WitMotion's frames.
struct WitMotionDecoder: PlainDecoder {
    private var parser = WitMotionParser()
    var samples: PlainSamples
    private var frames: [WitMotionParser.Frame] = []
    private var known = WitMotionParser.Counts()

    /// The range that the numbers are of, whatever the sensor is set to.
    private static let range: Float = 16

    init(_ setup: PortSetup) {
        samples = PlainSamples(
            SensorSettings(
                serial: setup.name,
                streams: [
                    .init(
                        leg: nil, model: "WitMotion", rate: Float(setup.rate), range: Self.range,
                        scale: Self.range / 32_768)
                ]))
    }

    mutating func append(_ bytes: [UInt8], into events: inout [SensorEvent.Kind]) {
        // Byte by byte, so that damage is told before the frame after it, however the bytes are cut.
        for byte in bytes {
            parser.append([byte], to: &frames)
            note()
            for frame in frames { emit(frame, into: &events) }
            frames.removeAll(keepingCapacity: true)
        }
    }

    mutating func restart(isNewRun: Bool) {
        parser.restart()
        note()
    }

    private mutating func emit(_ frame: WitMotionParser.Frame, into events: inout [SensorEvent.Kind]) {
        if frame.isAfterDamage { samples.hole() }
        guard frame.type == WitMotionParser.acceleration else { return }
        samples.append(frame.values.dropLast().map { $0 }, into: &events)
    }

    private mutating func note() {
        guard parser.counts != known else { return }
        samples.note(
            TransferDamage(
                skippedBytes: parser.counts.skippedBytes - known.skippedBytes,
                checksumErrors: parser.counts.checksumErrors - known.checksumErrors))
        known = parser.counts
    }
}
