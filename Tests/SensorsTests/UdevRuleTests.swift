// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Sensors

@Suite struct UdevRuleTests {
    /// What udev makes of a device of these numbers, and of a serial port on it, with the rule installed.
    ///
    /// The rule lies in a /run that only this process sees, the devices in umockdev's /sys. Nil where there is no such thing.
    private func udev(vendor: UInt16, product: UInt16) throws -> (device: String, port: String)? {
        let can = try ProgramRun(
            "sh", ["-c", "unshare -m true && command -v umockdev-run && command -v udevadm"])
        guard can.status == 0 else { return nil }
        return try Fixtures.withTemporaryFolder { folder in
            let path = "/devices/pci0000:00/usb1/1-2"
            let description = """
                P: \(path)
                N: bus/usb/001/002
                E: SUBSYSTEM=usb
                E: DEVTYPE=usb_device
                E: DEVNAME=/dev/bus/usb/001/002
                E: BUSNUM=001
                E: DEVNUM=002
                A: idVendor=\(vendor.hexadecimal)\\n
                A: idProduct=\(product.hexadecimal)\\n
                A: power/control=auto\\n

                P: \(path)/1-2:1.0/tty/ttyACM0
                N: ttyACM0
                E: SUBSYSTEM=tty
                E: DEVNAME=/dev/ttyACM0


                """
            let file = folder.appending(path: "devices")
            try Data(description.utf8).write(to: file)
            let script = """
                mount -t tmpfs none /run && mkdir -p /run/udev/rules.d && cp "$1" /run/udev/rules.d/70-nattro.rules || exit 9
                umockdev-run -d "$2" -- udevadm test --action=add "/sys$3" 2>&1
                """
            let rule = Fixtures.project.appending(path: "tools/70-nattro.rules").path
            let runs = try [path, "\(path)/1-2:1.0/tty/ttyACM0"].map {
                try ProgramRun("unshare", ["-m", "bash", "-c", script, "udev", rule, file.path, $0])
            }
            guard runs.allSatisfy({ $0.status == 0 && $0.output.contains("ACTION=add") }) else { return nil }
            return (runs[0].output, runs[1].output)
        }
    }

    @Test func udevItselfLetsEveryShippedSensorThrough() throws {
        for identity in SensorDriver.all.flatMap(\.identities) {
            guard let (device, port) = try udev(vendor: identity.vendor, product: identity.product) else {
                return print("udevadm test under umockdev is not to be had here: udev did not try the rule")
            }
            for output in [device, port] {
                #expect(output.contains("ID_MM_DEVICE_IGNORE=1"), "\(identity.name)")
                #expect(output.contains("uaccess"), "\(identity.name)")
                #expect(output.contains("70-nattro.rules") && output.contains("MODE 0660"), "\(identity.name)")
                #expect(!output.contains("Invalid"), "\(identity.name)")
            }
            #expect(device.contains("power/control"), "\(identity.name) must not fall asleep")
        }
    }

    @Test func udevLeavesOthersAlone() throws {
        guard let (device, port) = try udev(vendor: 0x046D, product: 0xC077) else { return }
        #expect(!device.contains("NATTRO_SENSOR") && !port.contains("NATTRO_SENSOR"))
    }
}
