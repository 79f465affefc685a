// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts and indices of a night whose sleep is staged or estimated. An index is per analysed hour.
///
/// A movement belongs to the state of the epoch that holds its onset. One after the last epoch counts as wake.
public struct SleepSummary: Hashable, Sendable {
    /// The analysed time asleep.
    public let sleepTime: Milliseconds
    /// The analysed time awake.
    public let wakeTime: Milliseconds
    /// Candidates in sleep.
    public let candidates: MovementTally
    /// Periodic movements in sleep.
    public let periodic: MovementTally
    /// Periodic movements awake.
    public let periodicWake: MovementTally
    /// Candidates awake.
    public let candidatesWake: MovementTally
    /// Periodic movements in sleep, of the left leg alone.
    public let periodicLeft: MovementTally
    /// Periodic movements in sleep, of the right leg alone.
    public let periodicRight: MovementTally
    /// Periodic movements in sleep, of both legs together.
    public let periodicBilateral: MovementTally
    /// Candidates in sleep with too short an interval before them.
    public let shortInterval: MovementTally
    /// Candidates in sleep with neither a short interval nor a series.
    public let isolated: MovementTally
    /// Periodic movements in sleep with an arousal; nil where arousals were not scored.
    public let periodicArousal: MovementTally?
    /// Candidates in sleep that go with a respiratory event; nil where respiration was not scored.
    public let respiratory: MovementTally?
    /// Periodic movements in sleep after respiratory candidates are taken out; nil where respiration was not scored.
    public let periodicNonRespiratory: MovementTally?
    /// The analysed time in non-REM sleep; nil where sleep was not staged.
    public let nremTime: Milliseconds?
    /// The analysed time in REM sleep; nil where sleep was not staged.
    public let remTime: Milliseconds?
    /// Periodic movements in non-REM sleep; nil where sleep was not staged.
    public let periodicNREM: MovementTally?
    /// Periodic movements in REM sleep; nil where sleep was not staged.
    public let periodicREM: MovementTally?
    /// The intervals among candidates in sleep that come in chains.
    public let periodicity: PeriodicityIndex
    /// Periodic movements for each candidate in sleep; nil without candidates.
    public let periodicShare: Double?
    /// The intervals of candidates in sleep that keep a series going, as logarithms.
    public let logIntervals: LogIntervals
    /// The intervals of candidates in sleep.
    public let intervals: IntervalHistogram

    init(
        _ movements: [CombinedMovement], under rules: ScoringRules, in hypnogram: Hypnogram, missing: TimeSpanSet,
        arousalsScored: Bool, respirationScored: Bool
    ) {
        let sleepTime = hypnogram.length(outside: missing) { $0.isSleep == true }
        let wakeTime = hypnogram.length(outside: missing) { $0.isSleep == false }
        func tallySleep(_ isCounted: (CombinedMovement) -> Bool) -> MovementTally {
            MovementTally(movements.filter { $0.isSleep == true && isCounted($0) }, over: sleepTime)
        }
        self.sleepTime = sleepTime
        self.wakeTime = wakeTime
        candidates = tallySleep(\.isCandidate)
        periodic = tallySleep(\.isPeriodic)
        periodicWake = MovementTally(movements.filter { $0.isSleep == false && $0.isPeriodic }, over: wakeTime)
        candidatesWake = MovementTally(movements.filter { $0.isSleep == false && $0.isCandidate }, over: wakeTime)
        periodicLeft = tallySleep { $0.isPeriodic && $0.side == .left }
        periodicRight = tallySleep { $0.isPeriodic && $0.side == .right }
        periodicBilateral = tallySleep { $0.isPeriodic && $0.side == .bilateral }
        shortInterval = tallySleep { $0.isCandidate && $0.hasShortInterval }
        isolated = tallySleep(\.isIsolated)
        periodicArousal = arousalsScored ? tallySleep { $0.isPeriodic && $0.hasArousal == true } : nil
        respiratory = respirationScored ? tallySleep { $0.isCandidate && $0.isRespiratory == true } : nil
        if respirationScored {
            var others = movements.filter { !($0.isCandidate && $0.isRespiratory == true) }
            _ = SeriesWalk.mark(&others, under: rules)
            periodicNonRespiratory = MovementTally(
                others.filter { $0.isSleep == true && $0.isPeriodic }, over: sleepTime)
        } else {
            periodicNonRespiratory = nil
        }
        if hypnogram.isStaged {
            let nremTime = hypnogram.length(outside: missing, where: \.isNREM)
            let remTime = hypnogram.length(outside: missing) { $0 == .rem }
            self.nremTime = nremTime
            self.remTime = remTime
            periodicNREM = MovementTally(
                movements.filter { $0.isPeriodic && $0.stage?.isNREM == true }, over: nremTime)
            periodicREM = MovementTally(movements.filter { $0.isPeriodic && $0.stage == .rem }, over: remTime)
        } else {
            (nremTime, remTime, periodicNREM, periodicREM) = (nil, nil, nil, nil)
        }
        periodicity = PeriodicityIndex(movements, under: rules) { $0.isSleep == true }
        periodicShare = candidates.count == 0 ? nil : Double(periodic.count) / Double(candidates.count)
        let asleep = movements.filter { $0.isSleep == true }
        logIntervals = LogIntervals(asleep, under: rules)
        intervals = IntervalHistogram(asleep)
    }
}
