// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Recordings

private func read(_ text: String) throws -> AnnotationFile { try AnnotationFile(ByteSource(bytes: Array(text.utf8))) }

private let nsrr = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE x [ <!ELEMENT PSGAnnotation ANY> <!ATTLIST PSGAnnotation a CDATA "<b>"> <!ENTITY e "boom"> ]>
    <PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion><EpochLength>30</EpochLength><ScoredEvents>
    <ScoredEvent><EventType>Limb Movement|Limb Movement</EventType><EventConcept>Limb movement - left|Limb Movement (Left)</EventConcept>
    <Start>100.5</Start><Duration>1.7</Duration><SignalLocation>Leg/L</SignalLocation></ScoredEvent>
    <!-- a remark --><ScoredEvent><EventConcept>A &amp; B &lt;&#x2014;&#45;&e;</EventConcept><Start>5</Start><Duration/></ScoredEvent>
    <ScoredEvent><EventConcept>nothing</EventConcept></ScoredEvent>
    </ScoredEvents></PSGAnnotation>
    """

private let profusion = """
    <CMPStudyConfig><EpochLength>20</EpochLength><ScoredEvents><ScoredEvent><Name>Limb Movement (Right)</Name><Start>12</Start>
    <Duration>2</Duration><Input>RLEG</Input></ScoredEvent></ScoredEvents>
    <SleepStages><SleepStage>0</SleepStage><SleepStage>2</SleepStage><SleepStage>5</SleepStage><SleepStage>9</SleepStage></SleepStages>
    </CMPStudyConfig>
    """

@Suite struct AnnotationFileTests {
    @Test func theResearchResourcesXMLIsRead() throws {
        let file = try read(nsrr)
        #expect(file.format == .xml && file.start == nil)
        #expect(
            file.annotations == [
                RecordingAnnotation(time: 5, text: "A & B <\u{2014}-&e;"),
                RecordingAnnotation(
                    time: 100.5, duration: 1.7, text: "Limb movement - left|Limb Movement (Left)", channel: "Leg/L"),
            ])
        #expect(file.report.items.map(\.what) == ["events without a name or a time"])
    }

    @Test func profusionsStagesAreNamed() throws {
        let file = try read(profusion)
        #expect(
            file.annotations == [
                RecordingAnnotation(time: 0, duration: 20, text: "Sleep stage W"),
                RecordingAnnotation(time: 12, duration: 2, text: "Limb Movement (Right)", channel: "RLEG"),
                RecordingAnnotation(time: 20, duration: 20, text: "Sleep stage 2"),
                RecordingAnnotation(time: 40, duration: 20, text: "Sleep stage R"),
                RecordingAnnotation(time: 60, duration: 20, text: "Sleep stage ?"),
            ])
    }

    @Test func xmlInTwoByteCharactersIsRead() throws {
        for (mark, isLowFirst) in [([0xFF, 0xFE] as [UInt8], true), ([0xFE, 0xFF], false)] {
            let units = profusion.utf16.flatMap { unit -> [UInt8] in
                let pair = [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)]
                return isLowFirst ? pair : pair.reversed()
            }
            let count = try AnnotationFile(ByteSource(bytes: mark + units)).annotations.count
            #expect(count == 5)
        }
    }

    @Test func lunasRowsAreReadInEveryWayOfWritingTimes() throws {
        let file = try read(
            """
            # PLM | periodic leg movements | a[txt]
            class\tinstance\tchannel\tstart\tstop\tmeta
            Recording_start\t.\t.\t0\t0\tclock=2026-03-01T22:15:30
            PLM\tleft\tLAT\t10.5\t12\tseries=1
            Recording_gap\t.\t.\t20\t+5\t.
            N2\t.\t.\te:2\te:3\t.
            arousal\t.\t.\t0+00:01:40\t...\t.
            LM:right\t.\t.\t130\t131\t.
            bad\t.\t.\tnever\t1\t.
            bad\t.\t.\t9\t1\t.
            """)
        let zero = 1_772_403_330.0
        #expect(file.format == .luna && file.start == zero)
        #expect(
            file.annotations == [
                RecordingAnnotation(time: zero + 10.5, duration: 1.5, text: "PLM:left", channel: "LAT"),
                RecordingAnnotation(time: zero + 20, duration: 5, text: "Recording gap"),
                RecordingAnnotation(time: zero + 30, duration: 60, text: "N2"),
                RecordingAnnotation(time: zero + 100, duration: 30, text: "arousal"),
                RecordingAnnotation(time: zero + 130, duration: 1, text: "LM:right"),
            ])
        #expect(file.report.items.map(\.count) == [1, 1])
        let short = try read("LM 1.5 2.5\nLM 3 4\n")
        #expect(short.annotations.map(\.time) == [1.5, 3])
        let named = try read("LM left 1.5 2.5\n")
        #expect(named.annotations.map(\.text) == ["LM:left"])
    }

    @Test(arguments: [
        ("", "is empty"), ("hello world\n", "no marks that nattro knows"), ("<a><b></a>", "closes what was not opened"),
        ("<ScoredEvents>", "never closed"), ("<!DOCTYPE a [", "declaration without an end"),
        ("<a/><b/>", "more than one outermost"),
        ("<a>x</a>", "without ScoredEvents"), ("<a", "tag without an end"), ("<>", "without a name"),
        ("<!-- ", "is missing"),
        ("<a/>text", "outside of any element"),
        (String(repeating: "<a>", count: 200), "nested more than 100 deep"), ("<?xml?>", "no element"),
    ])
    func whatIsNoMarksIsOneClearError(text: String, words: String) throws {
        let error = #expect(throws: RecordingError.self) { _ = try read(text) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func cutAtEveryByteItIsMarksOrAnError() {
        for text in [nsrr, profusion, "PLM\tleft\tLAT\t10.5\t12\tseries=1\nN2\t.\t.\te:2\te:3\t.\n"] {
            let bytes = Array(text.utf8)
            for count in 0..<bytes.count {
                if let file = try? AnnotationFile(ByteSource(bytes: Array(bytes[..<count]))) {
                    let areFinite = file.annotations.allSatisfy { $0.time.isFinite }
                    #expect(areFinite)
                }
            }
        }
    }

    @Test func aBombOfEntitiesExpandsToNothing() throws {
        var entities = "<!ENTITY a \"ha\">"
        for level in 1...40 { entities += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">" }
        let file = try read(
            "<!DOCTYPE x [\(entities)]><x><ScoredEvents><ScoredEvent><Name>&a40;</Name><Start>1</Start></ScoredEvent></ScoredEvents></x>"
        )
        #expect(file.annotations.map(\.text) == ["&a40;"])
    }

    @Test func aHundredThousandEventsAreReadWhileOneWaits() throws {
        let event = "<ScoredEvent>\n<Name>Arousal</Name><Start>5</Start></ScoredEvent>\n"
        let text = "<ScoredEvents>" + String(repeating: event, count: 100_000) + "</ScoredEvents>"
        var count = 0
        let duration = try ContinuousClock().measure { count = try read(text).annotations.count }
        #expect(count == 100_000 && duration < .seconds(30))
    }

    @Test func timesBeyondAYearAreLeftOut() throws {
        let file = try read("LM 1e300 2e300\nLM -1e9 5\nLM 1 1e12\nLM 1 2\n")
        #expect(file.annotations.map(\.time) == [1])
        #expect(file.report.items.map(\.count) == [3])
    }
}
