// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@Suite struct ClockSegmentTests {
    private let segment = ClockSegment(
        stream: 1, hostBoot: 0xB007, deviceBoot: 9, deviceTimes: 250_123...600_250_123, bootTime: 5_000_000_000_000,
        slope: 1000.0302, frames: 12_000)

    private func entry(_ text: String, event: NightLog.Event = .clockFit, stream: Int? = 1) -> NightLog.Entry {
        NightLog.Entry(
            kind: .event(event), stream: stream, stamp: KnownNight.stamp(600, deviceBoot: 9), time: 0, sampleIndex: 0,
            text: text)
    }

    @Test func aSegmentComesBackFromItsText() {
        #expect(segment.text == "a=5000000000000 b=1000.0302 from=250123 to=600250123 frames=12000")
        #expect(ClockSegment(entry(segment.text)) == segment)
    }

    @Test func aSegmentIsALine() {
        #expect(segment.bootTime(ofDevice: 250_123) == 5_000_000_000_000)
        #expect(segment.bootTime(ofDevice: 1_250_123) == 5_001_000_030_200)
        #expect(segment.bootTime(ofDevice: 150_123) == 4_999_899_996_980)
        #expect(abs(segment.drift - 30.2) < 1e-6)
    }

    @Test(arguments: [
        "", "the host's clock runs 3.1 ppm fast", "a=1 b=0 from=1 to=2 frames=3", "a=1 b=nan from=1 to=2 frames=3",
        "a=1 b=1000 from=2 to=1 frames=3", "a=-1 b=1000 from=1 to=2 frames=3", "a=1 b=1e999 from=1 to=2 frames=3",
        "a=1 b=1000 from=1 to=2 frames=0", "a=99999999999999999999 b=1000 from=1 to=2 frames=3",
    ])
    func anotherTextIsNoSegment(text: String) { #expect(ClockSegment(entry(text)) == nil) }

    @Test func anotherEntryIsNoSegment() {
        #expect(ClockSegment(entry(segment.text, event: .mark)) == nil)
        #expect(ClockSegment(entry(segment.text, stream: nil)) == nil)
    }

    @Test func aFarMomentTrapsNothing() {
        var steep = segment
        steep.slope = 1e300
        #expect(steep.bootTime(ofDevice: .max) != steep.bootTime)
    }
}
