// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts and indices of a rest interval, whatever part of it was sleep. An index is per analysed hour.
///
/// Series run across its borders; what counts are the movements whose onset lies in it.
public struct RestSummary: Hashable, Sendable {
    /// The interval.
    public let span: TimeSpan
    /// The time of it that was analysed.
    public let analysed: Milliseconds
    /// The candidates.
    public let candidates: MovementTally
    /// The periodic movements. Their index is what nights are compared by.
    public let periodic: MovementTally
    /// The intervals among candidates that come in chains.
    public let periodicity: PeriodicityIndex
    /// Periodic movements for each candidate; nil without candidates.
    public let periodicShare: Double?
    /// The intervals of candidates that keep a series going, as logarithms.
    public let logIntervals: LogIntervals

    init(_ movements: [CombinedMovement], under rules: ScoringRules, in span: TimeSpan, missing: TimeSpanSet) {
        self.span = span
        analysed = span.length - missing.length(in: span)
        let resting = movements.filter { span.contains($0.onset) }
        candidates = MovementTally(resting.filter(\.isCandidate), over: analysed)
        periodic = MovementTally(resting.filter(\.isPeriodic), over: analysed)
        periodicity = PeriodicityIndex(movements, under: rules) { span.contains($0.onset) }
        periodicShare = candidates.count == 0 ? nil : Double(periodic.count) / Double(candidates.count)
        logIntervals = LogIntervals(resting, under: rules)
    }
}
