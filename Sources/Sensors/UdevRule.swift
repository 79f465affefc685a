// SPDX-License-Identifier: GPL-3.0-or-later

/// The rule by which udev lets the user at the computer read the sensors: `tools/70-nattro.rules`, made from the drivers.
public enum UdevRule {
    /// Where an installed rule lies.
    public static let path = "/etc/udev/rules.d/70-nattro.rules"

    /// The text of the file.
    public static var text: String {
        var lines = [
            "# SPDX-License-Identifier: GPL-3.0-or-later",
            "# Lets whoever sits at the computer read nattro's sensors. To install:",
            "#   sudo cp tools/70-nattro.rules \(path)",
            "#   sudo udevadm control --reload && sudo udevadm trigger",
            "# Then unplug the sensor and plug it in again. The number must stay below 73, where udev hands out access.",
            "",
            #"SUBSYSTEM!="usb|tty", GOTO="nattro_end""#,
            #"ENV{DEVTYPE}=="usb_interface", GOTO="nattro_end""#,
            "",
        ]
        var seen: Set<String> = []
        for driver in SensorDriver.all {
            for identity in driver.identities {
                let match =
                    "ATTRS{idVendor}==\"\(identity.vendor.hexadecimal)\", ATTRS{idProduct}==\"\(identity.product.hexadecimal)\""
                guard seen.insert(match).inserted else { continue }
                lines += ["# \(driver.name): \(identity.name)", "\(match), ENV{NATTRO_SENSOR}=\"1\""]
            }
        }
        lines += [
            "",
            #"ENV{NATTRO_SENSOR}!="1", GOTO="nattro_end""#,
            "# Access for the user at the seat; ModemManager and media players keep away.",
            #"TAG+="uaccess", MODE="0660", GROUP="plugdev", ENV{ID_MM_DEVICE_IGNORE}="1", ENV{MTP_NO_PROBE}="1""#,
            "# It must not fall asleep in the night.",
            #"SUBSYSTEM=="usb", ACTION=="add", TEST=="power/control", ATTR{power/control}="on""#,
            "",
            #"LABEL="nattro_end""#,
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
