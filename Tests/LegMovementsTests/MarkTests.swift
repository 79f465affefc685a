// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings
import Testing

private func meaning(_ text: String, channel: String? = nil) -> MarkMeaning? {
    MarkMeaning(RecordingAnnotation(time: 0, duration: 1, text: text, channel: channel))
}

@Suite struct MarkMeaningTests {
    @Test(
        arguments: [
            ("LM", nil), ("PLM:left", .one(.left)), ("CLM:right", .one(.right)), ("PLM left", .one(.left)),
            ("Limb movement - left|Limb Movement (Left)", .one(.left)), ("PLM (Right)", .one(.right)),
            ("Periodic leg movement - right|PLM (Right)", .one(.right)), ("Leg Movement", nil), ("LML", .one(.left)),
            ("LMB", .both), ("Limb Movement (Bilateral)", .both), ("plm_r", .one(.right)),
            ("Periodic leg movement|PLM", nil),
        ] as [(String, MarkMeaning.MarkedLegs?)])
    func movementsAreKnownByTheirWords(text: String, legs: MarkMeaning.MarkedLegs?) {
        #expect(meaning(text) == .movement(legs, nil))
    }

    @Test(
        arguments: [
            ("Sleep stage W", .wake), ("Sleep stage N1", .n1), ("Sleep stage 2", .n2), ("Stage 3 sleep|3", .n3),
            ("Stage 4 sleep|4", .n3),
            ("Sleep stage R", .rem), ("REM sleep|5", .rem), ("Wake|0", .wake), ("N2", .n2), ("R", .rem), ("W", .wake),
            ("NREM4", .n3),
            ("Sleep stage ?", .unscored), ("Unscored|9", .unscored), ("Movement|6", .unscored),
            ("Movement time", .unscored),
            ("Stage 1 sleep|1", .n1), ("wake", .wake),
        ] as [(String, SleepStage)])
    func stagesAreKnownInEveryCohortsWords(text: String, stage: SleepStage) {
        #expect(meaning(text) == .stage(stage))
    }

    @Test(
        arguments: [
            ("Arousal|Arousal ()", .arousal), ("Arousal resulting from periodic leg movement|Arousal (PLM)", .arousal),
            ("Arousal (ARO Limb)", .arousal), ("Obstructive apnea|Obstructive Apnea", .respiratory),
            ("hypopnea", .respiratory),
            ("Respiratory effort related arousal|RERA", .arousal), ("RERA", .respiratory),
            ("Mixed apnea|APNEA-MIXED", .respiratory),
            ("Lights out", .lightsOut), ("Lights On", .lightsOn), ("Recording gap", .gap(nil)),
            ("gap:left", .gap(.left)),
            ("nonwear:right", .gap(.right)), ("posture:left", .movement(.one(.left), .posture)),
            ("rhythmic:right", .movement(.one(.right), .rhythmic)), ("Estimated sleep", .estimatedStage(.sleep)),
        ] as [(String, MarkMeaning)])
    func eventsAreKnownByTheirWords(text: String, expected: MarkMeaning) {
        #expect(meaning(text) == expected)
    }

    @Test(arguments: [
        "", "SpO2 desaturation|SpO2 desaturation", "Respiratory artifact", "Body position change to left|POSITION-LEFT",
        "Movement of the bed", "left", "1", "5", "Recording Start Time", "Tachycardia",
        "Signal artifact|SIGNAL-ARTIFACT", "gait analysis lab",
        "Start of test", "sleep", "stage", "artefact:right",
    ])
    func otherWordsMeanNothing(text: String) {
        #expect(meaning(text) == nil)
    }

    @Test func theChannelTellsTheLegWhereTheWordsDoNot() {
        #expect(meaning("LM", channel: "LLEG") == .movement(.one(.left), nil))
        #expect(meaning("Limb Movement", channel: "RAT") == .movement(.one(.right), nil))
        #expect(meaning("LM", channel: "C3-M2") == .movement(nil, nil))
    }

    @Test(
        arguments: [
            ("LAT", .left), ("RAT", .right), ("EMG LAT", .left), ("EMG RAT-Ref", .right), ("L Leg", .left),
            ("Leg R", .right), ("Leg/L", .left),
            ("LLEG1-LLEG2", .left), ("RLEG", .right), ("PLMl", .left), ("PLMr", .right), ("PLM l", .left),
            ("LeftLeg", .left), ("L-Tib", .left),
            ("Tib ant right", .right), ("EMG Left Leg", .left), ("R_LEG", .right), ("LAT1-LAT2", .left), ("Leg", nil),
            ("EMG Chin", nil), ("L Arm", nil), ("EOG L", nil), ("C3-M2", nil), ("Lleg-Rleg", nil), ("Acc L X", nil),
            ("Plethysmo", nil),
        ] as [(String, Leg?)])
    func legMusclesAreKnownByTheirChannels(label: String, leg: Leg?) {
        #expect(LegChannel.leg(label) == leg)
    }
}

@Suite struct MarkedNightTests {
    private static let start = 1_772_403_330.0

    private func mark(_ text: String, _ time: Double, _ duration: Double?, channel: String? = nil)
        -> RecordingAnnotation
    {
        RecordingAnnotation(time: Self.start + time, duration: duration, text: text, channel: channel)
    }

    @Test func everyKindOfMarkFindsItsPlace() throws {
        let marked = MarkedNight(
            [
                mark("PLM:left", 10.0004, 2), mark("LMB", 50, 1), mark("gait:right", 80, 5),
                mark("Recording gap", 100, 20),
                mark("Recording gap", 200, 5, channel: "Acc R X"), mark("Arousal", 11, 3), mark("Hypopnea", 40, 12),
                mark("Lights out", 5, nil), mark("Lights on", 500, nil), mark("Sleep stage W", 0, 30),
                mark("N2", 60, 30),
                mark("LM", 300, 1), mark("LM:left", -4, 2), mark("LM:left", 400, nil), mark("remark", 7, nil),
            ], start: Self.start)
        #expect(
            marked.movements == [
                LegMovement(.left, onset: 10_000, duration: 2000), LegMovement(.left, onset: 50_000, duration: 1000),
                LegMovement(.right, onset: 50_000, duration: 1000),
                LegMovement(.right, onset: 80_000, duration: 5000, excludedAs: .gait),
                LegMovement(.left, onset: 300_000, duration: 1000),
            ])
        let common = TimeSpan(from: 100_000, to: 120_000)
        #expect(marked.gaps == [.left: [common], .right: [TimeSpan(from: 200_000, to: 205_000), common]])
        #expect(marked.arousals == [TimeSpan(from: 11_000, to: 14_000)])
        #expect(marked.respiratoryEvents == [TimeSpan(from: 40_000, to: 52_000)])
        #expect(marked.rest == TimeSpan(from: 5000, to: 500_000))
        let hypnogram = try #require(marked.hypnogram)
        #expect(hypnogram.epochLength == 30_000 && hypnogram.runs.map(\.stage) == [.wake, .unscored, .n2])
        #expect(marked.unnamedLegCount == 1 && !marked.sleepIsEstimated)
        #expect(marked.report.items.map(\.count) == [1, 1])
    }

    @Test func stagesWithoutDurationsLastUntilTheNext() throws {
        let marked = MarkedNight(
            [mark("W", 0, nil), mark("N1", 90, 0), mark("R", 120, nil)], start: Self.start, legs: [.right])
        let hypnogram = try #require(marked.hypnogram)
        #expect(hypnogram.runs.map(\.span.end) == [90_000, 120_000, 150_000])
        #expect(marked.gaps == [.right: []] && marked.arousals == nil && marked.rest == nil)
    }

    @Test func hostileTimesAreLeftOut() {
        let marked = MarkedNight(
            [mark("LM:left", 1e12, 1), mark("N2", 1, 1e300), mark("LM:left", -1e300, 1)], start: Self.start)
        #expect(marked.isEmpty && marked.report.items.map(\.count) == [3])
        #expect(MarkedNight([], start: 0).isEmpty)
    }
}

@Suite struct MovementAgreementTests {
    private func night(_ left: [(Int, Int)], _ right: [(Int, Int)]? = nil) -> MovementNight {
        var gaps: [Leg: [TimeSpan]] = [.left: []]
        if right != nil { gaps[.right] = [] }
        return MovementNight(
            movements: left.map { LegMovement(.left, onset: $0.0, duration: $0.1) }
                + (right ?? []).map { LegMovement(.right, onset: $0.0, duration: $0.1) }, gaps: gaps)
    }

    @Test func eachMovementIsPairedOnceAndByOverlapAndOnset() {
        let marks = night([(0, 2000), (10_000, 1000), (20_000, 5000), (40_000, 600)], [(0, 1000)])
        let found = night([(200, 1500), (11_500, 1000), (21_500, 3000), (50_000, 700), (60_000, 300)], [(900, 1000)])
        let agreement = MovementAgreement(reference: marks, test: found)
        // In 1 both agree on L 0 and R 0; L 20 s overlaps but begins 1.5 s late, and 0.3 s is no movement.
        #expect(agreement.matchedCount == 2 && agreement.missedCount == 3 && agreement.extraCount == 3)
        #expect(agreement.f1 == 4.0 / 10 && agreement.precision == 0.4 && agreement.recall == 0.4)
        #expect(agreement.medianShift == 550)
        #expect(agreement.pairs.compactMap(\.shift) == [200, 900])
    }

    @Test func aLegThatOneSideDidNotRecordIsNotCompared() {
        let agreement = MovementAgreement(reference: night([(0, 1000)], [(5000, 1000)]), test: night([(0, 1000)]))
        #expect(agreement.f1 == 1 && agreement.pairs.count == 1)
        #expect(MovementAgreement(reference: night([]), test: night([])).f1 == nil)
    }

    @Test func theLimitsOfAgreementAreThoseOfTheBook() throws {
        let pairs: [(first: Double, second: Double)] = [(10, 11), (20, 19), (30, 33), (40, 41)]
        let agreement = BlandAltman(pairs)
        #expect(agreement.bias == 1)
        let deviation = try #require(agreement.standardDeviation)
        #expect(abs(deviation - (8.0 / 3).squareRoot()) < 1e-12)
        #expect(agreement.limits == 1 - 1.96 * deviation...1 + 1.96 * deviation)
        let none: [(first: Double, second: Double)] = []
        #expect(BlandAltman(none).bias == nil && BlandAltman(Array(pairs.prefix(1))).limits == nil)
    }
}
