// SPDX-License-Identifier: GPL-3.0-or-later

/// A sensor that is plugged in, whether it may be used or not.
public struct PluggedSensor: Hashable, Sendable {
    /// The maker's and product's numbers: `1209:0001`.
    public var identity: String
    /// Bus and address, as in `/dev/bus/usb`.
    public var place: DevicePlace
    /// The driver's name.
    public var driver: String
    /// The serial number, empty where it cannot be read.
    public var serial = ""
    /// Whether it keeps its samples itself: it is set up and fetched, and never recorded from.
    public var isLogger = false
    /// How it is set, where it tells.
    public var settings: SensorSettings?
    /// Why it cannot be used.
    public var problem: SensorError?
    /// The program that uses it, as far as this user may see.
    public var holder: String?

    /// The sensors that are plugged in now. A recording that runs is not disturbed.
    public static func all() throws(SensorError) -> [PluggedSensor] {
        let library = try USBLibrary()
        var sensors: [PluggedSensor] = []
        for device in library.devices() {
            guard let description = device.description() else { continue }
            let match = SensorDriver.matching(description)
            guard let driver = match?.driver ?? SensorDriver.logger(description) else { continue }
            var sensor = PluggedSensor(identity: description.identity, place: device.place, driver: driver.name)
            sensor.isLogger = match == nil
            sensor.holder = DeviceHolder.name(of: device.place)
            do throws(SensorError) {
                let handle = try device.open()
                sensor.serial = handle.text(device.serialIndex)
                if let request = match?.connection.information {
                    sensor.settings = LegWire.Information(try handle.control(request)).map { SensorSettings($0) }
                }
            } catch {
                sensor.problem = error
            }
            sensors.append(sensor)
        }
        return sensors
    }
}
