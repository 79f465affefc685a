// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Recordings
import TestSupport
import Testing

@Suite struct RegisterTests {
    /// A recording as rows of seconds and a still leg: every `step` seconds from a local moment on.
    private func csv(_ start: String, hours: Double, step: Double = 30) throws -> Data {
        let stamp = try #require(UTCInstant(start + "Z")).secondsSince1970
        var text = "time,x,y,z\n"
        for index in 0...Int(hours * 3600 / step) {
            text += "\(Double(stamp) + Double(index) * step),0.0,0.0,1.0\n"
        }
        return Data(text.utf8)
    }

    @Test(arguments: [
        ("2026-03-04T22:30:00", 8.0, ["2026-03-04"]), ("2026-03-05T00:30:00", 6.0, ["2026-03-04"]),
        ("2026-03-05T11:59:00", 3.0, ["2026-03-04"]), ("2026-03-05T12:00:00", 3.0, ["2026-03-05"]),
        // The clock changes in this night: the recording's own clock goes on.
        ("2026-03-28T23:00:00", 8.0, ["2026-03-28"]), ("2026-10-24T23:00:00", 9.0, ["2026-10-24"]),
        // A logger of three days: its first half hour is no night.
        ("2026-03-04T11:30:00", 50.0, ["2026-03-04", "2026-03-05", "2026-03-06"]),
    ])
    func aRecordingIsOfTheNightInWhichItBegan(start: String, hours: Double, nights: [String]) throws {
        try Some.withStore { store, folder in
            let file = folder.appending(path: "leg.csv")
            try csv(start, hours: hours).write(to: file)
            let survey = try RecordingSurvey(path: file.path)
            #expect(survey.nights.map(\.description) == nights)
            let (kept, isNew) = try store.register(survey, at: "leg.csv", leg: .left, now: 2)
            #expect(kept == survey.nights && isNew)
            let night = try #require(try store.nights().first)
            let window = night.window(of: night.recordings[0].recording)
            #expect((window == nil) == (nights.count == 1))
            #expect(night.recordings[0].told == .left)
        }
    }

    @Test func aRecordingIsKnownAgainByItsBytesWhateverItsName() throws {
        try Some.withStore { store, folder in
            let survey = try RecordingSurvey(path: Fixtures.path("nightlog/small.nightlog"))
            let isNew = try store.register(survey, at: "a.nightlog", now: 2).isNew
            #expect(isNew)
            let again = try store.register(survey, at: "b.nightlog", now: 3)
            #expect(!again.isNew && again.nights == survey.nights)
            #expect(try store.recordingPaths() == ["a.nightlog"])
            let kept = try #require(try store.recording(sha256: survey.sha256))
            #expect(kept.start == survey.start && kept.streams.count == survey.header.streams.count)
            #expect(kept.zoneOffset == survey.zone.map { Int($0.offset) })
        }
    }

    /// A recorder that goes on with a log that a crash had left.
    @Test func aLogThatGrewIsTheSameRecordingAndNotASecondOne() throws {
        try Some.withStore { store, folder in
            let whole = try Fixtures.bytes("nightlog/small.nightlog")
            let file = folder.appending(path: "a.nightlog")
            try Data(whole[..<(whole.count - 1024)]).write(to: file)
            let short = try RecordingSurvey(path: file.path)
            #expect(!short.isClosed)
            try store.register(short, at: "a.nightlog", now: 2)
            try Data(whole).write(to: file)
            let long = try RecordingSurvey(path: file.path)
            let grown = try store.register(long, at: "a.nightlog", now: 3)
            #expect(grown.isNew && grown.nights == short.nights)
            let night = try #require(try store.nights().first)
            #expect(night.recordings.map(\.recording.sha256) == [long.sha256])
            #expect(try store.recording(sha256: short.sha256) == nil)
        }
    }

    @Test func aLogThatWasGoingToBeWrittenIsRememberedUntilItIsIn() throws {
        try Some.withStore { store, folder in
            try store.notePending("/x/y.nightlog", now: 2)
            try store.notePending("/x/y.nightlog", now: 3)
            try store.notePending("/x/z.nightlog", now: 3)
            let survey = try RecordingSurvey(path: Fixtures.path("nightlog/small.nightlog"))
            try store.register(survey, at: "/x/y.nightlog", now: 4)
            #expect(try store.pendingPaths() == ["/x/z.nightlog"])
            try store.forgetPending("/x/z.nightlog")
            #expect(try store.pendingPaths().isEmpty)
        }
    }
}
