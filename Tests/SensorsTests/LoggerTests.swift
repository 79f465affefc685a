// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Sensors

@Suite struct LoggerTests {
    @Test func aLoggerIsFoundWithItsPortAndItsFolder() throws {
        try Fixtures.withTemporaryFolder { folder in
            let fake = try FakeLogger(in: folder)
            let logger = try #require(PluggedLogger.all(root: fake.root.path).first)
            #expect(logger.serial == "CWA17_12345" && logger.number == "12345")
            #expect(logger.port == fake.root.path + "/dev/ttyACM0")
            #expect(logger.disk == fake.root.path + "/dev/sdb1")
            #expect(logger.folder == fake.volume.path)
            #expect(logger.isCalled("12345") && logger.isCalled("CWA17_12345"))
            #expect(!logger.isCalled("2345") && !logger.isCalled(""))
            try fake.mount(false)
            #expect(PluggedLogger.all(root: fake.root.path).first?.folder == nil)
            // Another device on the port is none.
            try Data("1209\n".utf8).write(
                to: fake.root.appending(path: "sys/devices/pci0000:00/usb1/1-2/idVendor"))
            #expect(PluggedLogger.all(root: fake.root.path).isEmpty)
            #expect(PluggedLogger.all(root: folder.path + "/nowhere").isEmpty)
        }
    }

    @Test func itIsIdentifiedSetAndCleared() throws {
        try Fixtures.withTemporaryFolder { folder in
            let fake = try FakeLogger(in: folder)
            var logger = try AxivityLogger(fake.root.path + "/dev/ttyACM0")
            let identity = try logger.identity()
            #expect(identity.model == "AX3" && identity.number == "12345" && identity.firmware == "44")
            #expect(identity.session == 7)
            #expect(try logger.battery() == 96)
            let now = AxivitySettings.Time(seconds: 1_795_000_000)
            try logger.setTime { now }
            let settings = AxivitySettings(
                rate: 100, range: 8, start: AxivitySettings.Time(seconds: 1_795_041_600), session: 42)
            try logger.set(settings)
            #expect(
                fake.lines == [
                    "ID", "SAMPLE 1", "TIME 2026-11-18,11:06:40", "TIME", "RATE 74", "HIBERNATE 2026-11-18,22:40:00",
                    "STOP -1", "SESSION 42", "FORMAT QC",
                ])
            try logger.clear()
            #expect(fake.lines.suffix(4) == ["HIBERNATE -1", "STOP -1", "SESSION 0", "FORMAT QC"])
        }
    }

    @Test func whatItDoesNotDoAsToldIsAnError() throws {
        try Fixtures.withTemporaryFolder { folder in
            let fake = try FakeLogger(in: folder)
            var logger = try AxivityLogger(fake.root.path + "/dev/ttyACM0")
            func reason(_ work: () throws(SensorError) -> Void) -> SensorError.Reason? {
                do throws(SensorError) {
                    try work()
                    return nil
                } catch { return error.reason }
            }
            let settings = AxivitySettings(session: 1)
            for answer in ["ERROR: Locked.", "RATE=75,100", "RATE="] {
                fake.change { $0.answers = ["RATE": answer] }
                #expect(reason { () throws(SensorError) in try logger.set(settings) } == .unexpected(answer))
            }
            #expect(!fake.lines.contains("FORMAT QC"), "nothing is erased before all is set")
            fake.change { $0.answers = ["ID": "ID=CWA,17"] }
            #expect(reason { () throws(SensorError) in _ = try logger.identity() } == .unexpected("ID=CWA,17"))
            fake.change {
                $0.answers = [:]
                $0.clockError = 1
            }
            #expect(
                reason { () throws(SensorError) in try logger.setTime { AxivitySettings.Time(seconds: 1_795_000_000) } }
                    == .unexpected("$TIME=2001/01/01,00:00:00"))
            fake.unplug()
            usleep(100_000)
            #expect(reason { () throws(SensorError) in _ = try logger.identity() } == .failed)
        }
    }

    @Test func theStreamIsALookAndEndsWithALine() throws {
        try Fixtures.withTemporaryFolder { folder in
            let fake = try FakeLogger(in: folder)
            var logger = try AxivityLogger(fake.root.path + "/dev/ttyACM0")
            let samples = try logger.placement(seconds: 0.5, model: "AX3")
            #expect(samples.count > 3)
            #expect(samples.allSatisfy { $0 == [3.0 / 256, -5.0 / 256, 257.0 / 256] })
            #expect(try logger.identity().number == "12345")
        }
    }

    @Test func rateAndRangeMakeTheCodeOfTheFormat() {
        for (rate, range, code) in [(100.0, 8, 74), (100, 16, 10), (50, 2, 0xC9), (25, 4, 0x88), (800, 8, 0x4D)] {
            let settings = AxivitySettings(rate: rate, range: range, session: 1)
            #expect(settings.rateCode == code)
            // The reader's rule: f = 3200/2^(15-(code&15)), g = 16>>(code>>6).
            #expect(3200 / Double(1 << (15 - code & 15)) == rate && 16 >> (code >> 6) == range)
        }
        #expect(AxivitySettings(rotation: 250, session: 1).commands.first?.line == "RATE 74,250")
    }

    @Test(arguments: ["", "ID=", "ID=CWA,17,44", "ID=XYZ,17,44,1", "ID=CWA,17,44,-1,0", "ID=CWA,,,,,"])
    func whatIsNoIdentityIsNone(answer: String) {
        #expect(AxivityLogger.Identity(answer) == nil)
    }

    @Test func momentsOfTheLoggerAreRead() {
        #expect(AxivitySettings.Time("2026/11/18,11:06:40")?.seconds == 1_795_000_000)
        #expect(AxivitySettings.Time("2026-11-18,11:06:40.123")?.seconds == 1_795_000_000)
        for text in ["", "0", "-1", "2026/13/18,11:06:40", "2026/11/18", "2026/11/18,24:00:00"] {
            #expect(AxivitySettings.Time(text) == nil)
        }
    }

    @Test func linesAreShortAndPrintableWhateverComes() {
        var lines = LoggerLines()
        #expect(lines.append(Array("\r\n\r\nID=1\r\nab".utf8)) == ["ID=1"])
        #expect(lines.append([0xFF, 0x1B, UInt8(ascii: "\n")]) == ["ab??"])
        #expect(lines.append([UInt8](repeating: 65, count: 1 << 20) + [10]).first?.count == 200)
    }

    @Test func mountedFoldersAreReadAsTheKernelWritesThem() {
        let text =
            "/dev/sdb1 /media/me/AX3\\040disk vfat rw 0 0\n/dev/sdb1 /other vfat rw 0 0\nrubbish\n/dev/x /a\\09 y\n"
        #expect(PluggedLogger.mounts(text) == ["/dev/sdb1": "/media/me/AX3 disk", "/dev/x": "/a\\09"])
    }
}
