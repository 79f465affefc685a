// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements

extension RulesReport {
    /// The summary under the WASM's rules: the names of a movement list's expected results first, then what goes beyond.
    var wasmSummary: [JSONValue.Member] {
        wasmCounts + sleepIndices + restIndices + time + distributions
    }

    /// The summary under the AASM's rules: without sleep and wake nothing in it is defined.
    var aasmSummary: [JSONValue.Member] {
        let sleep = night.sleep
        return [
            .init("n_lms", .init(sleep?.candidates.count)),
            .init("n_plms", .init(sleep?.periodic.count)),
            .init("n_series", .init(sleep == nil ? nil : night.seriesCount)),
            .init("tst_ms", .init(sleep?.sleepTime)),
            .init("plms_index", .init(sleep?.periodic.index)),
            .init("lms_index", .init(sleep?.candidates.index)),
        ] + sides + time
    }

    private var wasmCounts: [JSONValue.Member] {
        let sleep = night.sleep
        return [
            .init("n_lm", .integer(night.movements.count)),
            .init("n_clm", .integer(night.candidateCount)),
            .init("n_clms", .init(sleep?.candidates.count)),
            .init("n_plm", .integer(night.periodicCount)),
            .init("n_plms", .init(sleep?.periodic.count)),
            .init("n_plmw", .init(sleep?.periodicWake.count)),
            .init("n_series", .integer(night.seriesCount)),
            .init("n_plms_nr", .init(sleep?.periodicNonRespiratory?.count)),
            .init("n_plms_arousal", .init(sleep?.periodicArousal?.count)),
            .init("n_short", .integer(night.shortIntervalCount)),
            .init("n_isolated", .integer(night.isolatedCount)),
            .init("tst_ms", .init(sleep?.sleepTime)),
            .init("tw_ms", .init(sleep?.wakeTime)),
            .init("plms_index", .init(sleep?.periodic.index)),
            .init("plmw_index", .init(sleep?.periodicWake.index)),
            .init("clms_index", .init(sleep?.candidates.index)),
            .init("pi_ferri_num", .init(sleep?.periodicity.periodicCount)),
            .init("pi_ferri_den", .init(sleep?.periodicity.count)),
            .init("pi_plm_over_clm", .init(sleep?.periodicShare)),
            .init("mean_ln_imi", .init(sleep?.logIntervals.mean)),
            .init("sd_ln_imi", .init(sleep?.logIntervals.standardDeviation)),
        ]
    }

    private var sleepIndices: [JSONValue.Member] {
        let sleep = night.sleep
        return [
            .init("clmw_index", .init(sleep?.candidatesWake.index)),
            .init("plms_arousal_index", .init(sleep?.periodicArousal?.index)),
            .init("plms_nr_index", .init(sleep?.periodicNonRespiratory?.index)),
            .init("n_clmr", .init(sleep?.respiratory?.count)),
            .init("clmr_index", .init(sleep?.respiratory?.index)),
            .init("short_interval_index", .init(sleep?.shortInterval.index)),
            .init("isolated_index", .init(sleep?.isolated.index)),
        ] + sides + [
            .init("nrem_ms", .init(sleep?.nremTime)),
            .init("rem_ms", .init(sleep?.remTime)),
            .init("plms_nrem_index", .init(sleep?.periodicNREM?.index)),
            .init("plms_rem_index", .init(sleep?.periodicREM?.index)),
            .init("mean_clms_duration_ms", .init(sleep?.candidates.meanDuration)),
            .init("mean_clmw_duration_ms", .init(sleep?.candidatesWake.meanDuration)),
            .init("mean_plms_duration_ms", .init(sleep?.periodic.meanDuration)),
            .init("mean_plmw_duration_ms", .init(sleep?.periodicWake.meanDuration)),
            .init("mean_plms_arousal_duration_ms", .init(sleep?.periodicArousal?.meanDuration)),
            .init("mean_plms_nr_duration_ms", .init(sleep?.periodicNonRespiratory?.meanDuration)),
            .init("mean_clmr_duration_ms", .init(sleep?.respiratory?.meanDuration)),
            .init("mean_short_interval_duration_ms", .init(sleep?.shortInterval.meanDuration)),
            .init("mean_isolated_duration_ms", .init(sleep?.isolated.meanDuration)),
        ]
    }

    private var sides: [JSONValue.Member] {
        let sleep = night.sleep
        return [
            .init("left_plms_index", .init(sleep?.periodicLeft.index)),
            .init("right_plms_index", .init(sleep?.periodicRight.index)),
            .init("bilateral_plms_index", .init(sleep?.periodicBilateral.index)),
            .init("mean_left_plms_duration_ms", .init(sleep?.periodicLeft.meanDuration)),
            .init("mean_right_plms_duration_ms", .init(sleep?.periodicRight.meanDuration)),
            .init("mean_bilateral_plms_duration_ms", .init(sleep?.periodicBilateral.meanDuration)),
        ]
    }

    private var restIndices: [JSONValue.Member] {
        let rest = night.rest
        return [
            .init("rest_ms", .init(rest?.analysed)),
            .init("n_plm_rest", .init(rest?.periodic.count)),
            .init("plm_index", .init(rest?.periodic.index)),
            .init("n_clm_rest", .init(rest?.candidates.count)),
            .init("clm_index", .init(rest?.candidates.index)),
            .init("mean_plm_duration_ms", .init(rest?.periodic.meanDuration)),
            .init("pi_ferri_rest_num", .init(rest?.periodicity.periodicCount)),
            .init("pi_ferri_rest_den", .init(rest?.periodicity.count)),
            .init("pi_plm_over_clm_rest", .init(rest?.periodicShare)),
            .init("mean_ln_imi_rest", .init(rest?.logIntervals.mean)),
            .init("sd_ln_imi_rest", .init(rest?.logIntervals.standardDeviation)),
        ]
    }

    private var time: [JSONValue.Member] {
        let hours = night.hours.map { hour in
            JSONValue.object([
                .init("start_ms", .integer(hour.span.start)),
                .init("end_ms", .integer(hour.span.end)),
                .init("analysed_ms", .integer(hour.analysed)),
                .init("n_clm", .integer(hour.candidateCount)),
                .init("n_plm", .integer(hour.periodicCount)),
                .init("plm_index", .init(hour.periodicIndex)),
            ])
        }
        return [
            .init("gap_ms", .init(night.missingTime)),
            .init("monolateral_ms", .init(night.monolateralTime)),
            .init("hours", .array(hours)),
        ]
    }

    private var distributions: [JSONValue.Member] {
        let sleep = night.sleep
        let rhythm = periodicity.map { periodicity in
            JSONValue.object([
                .init("lag_ms", .integer(periodicity.lag)),
                .init("strength", .number(periodicity.strength)),
                .init("p", .number(periodicity.pValue)),
            ])
        }
        return [
            .init("imi_histogram", .init(night.intervals.counts)),
            .init("ln_imi_histogram", .init(night.intervals.logCounts)),
            .init("imi_histogram_sleep", sleep.map { .init($0.intervals.counts) } ?? .null),
            .init("ln_imi_histogram_sleep", sleep.map { .init($0.intervals.logCounts) } ?? .null),
            .init("periodicity", rhythm ?? .null),
        ]
    }
}
