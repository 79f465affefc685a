// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing

@Suite struct CivilTimeTests {
    @Test(arguments: ["2026-03-08", "2000-02-29", "1999-12-31", "9999-12-31"])
    func aDayIsPrintedAsItIsWritten(_ text: String) throws {
        #expect(try #require(CivilDay(text)).description == text)
    }

    @Test(arguments: [
        "2026-02-30", "2025-02-29", "2026-13-01", "26-03-04", "2026-3-04", "", "2026-03-08 ", "２０２６-03-08",
    ])
    func whatIsNoDayIsNotRead(_ text: String) {
        #expect(CivilDay(text) == nil)
    }

    @Test(arguments: [
        ("9:00 pm", "21:00"), ("12:05am", "00:05"), ("12:00 PM", "12:00"), ("9:05", "09:05"), ("21:10:30", "21:10:30"),
    ])
    func timesOfBothClocksAreRead(_ text: String, _ expected: String) throws {
        #expect(try #require(DayTime(text)).description == expected)
    }

    @Test(arguments: ["25:10", "24:00", "13:05 pm", "0:30 am", "21", "21:60", "21:5", "9 pm", "-1:00", "", ":"])
    func whatNoClockShowsIsNotRead(_ text: String) {
        #expect(DayTime(text) == nil)
    }

    @Test(arguments: [
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("2026-03-01 21:00:00 +0100", "2026-03-01T20:00:00Z"),
        ("2026-03-01T21:00:00.250-03:30", "2026-03-02T00:30:00Z"),
    ])
    func aMomentIsReadWithItsOffset(_ text: String, _ expected: String) throws {
        #expect(try #require(UTCInstant(text)).description == expected)
    }

    @Test func aTimeBeforeNoonBelongsToTheEveningBefore() throws {
        let afterMidnight = DoseTime(
            try #require(UTCInstant("2026-03-05T23:20:00Z")), utcOffset: 3600, zone: "Europe/Berlin")
        #expect(afterMidnight.day.description == "2026-03-06")
        #expect(afterMidnight.night.description == "2026-03-05")
        let noon = DoseTime(try #require(UTCInstant("2026-03-06T11:00:00Z")), utcOffset: 3600, zone: nil)
        #expect(noon.night.description == "2026-03-06")
    }
}
