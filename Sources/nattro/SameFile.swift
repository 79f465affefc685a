// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Whether two paths name one file, by whatever name or link; a path where nothing is names no file.
func areSameFile(_ one: String, _ other: String) -> Bool {
    guard let mine = FileIdentity(one), let theirs = FileIdentity(other) else { return false }
    return mine == theirs
}

/// What tells a file from every other one.
private struct FileIdentity: Hashable {
    var device: Int
    var number: Int

    init?(_ path: String) {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            let device = attributes[.systemNumber] as? Int, let number = attributes[.systemFileNumber] as? Int
        else { return nil }
        (self.device, self.number) = (device, number)
    }
}
