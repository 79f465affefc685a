// SPDX-License-Identifier: GPL-3.0-or-later
internal import Comparison
internal import Glibc
internal import Nights

extension ComparisonPage {
    // MARK: The clinician's pages

    var clinicianBlocks: [ReportDocument.Block] {
        var blocks: [ReportDocument.Block] = [.heading("For a clinician")]
        if surroundings.suppressesHeadline {
            if showsResults, let picture = conditions == nil ? doseResponse : beforeAfterForClinician {
                blocks.append(.picture(picture))
            }
        }
        blocks.append(
            .paragraph(
                "Periodic limb movements (PLM) counted by an ankle sensor under published rules, per analysed hour of rest. This is no "
                    + "polysomnography: there are no arousals, no respiration and no staged sleep in it. It is not a diagnosis."
            ))
        blocks += surroundings.notices.filter { $0.severity == .notice }.map(Self.block)
        if showsResults {
            if let trend { blocks.append(.picture(trend)) }
            if let picture = surroundings.raster?.picture() { blocks.append(.picture(picture)) }
            if let picture = surroundings.intervals?.picture() { blocks.append(.picture(picture)) }
            if let picture = exposurePicture { blocks.append(.picture(picture)) }
            if let picture = forest?.picture() { blocks.append(.picture(picture)) }
            if let picture = correlation?.picture() { blocks.append(.picture(picture)) }
        }
        blocks += [.heading("Tables")]
        blocks += phaseTables.map { .table($0) }
        if showsResults, let conditions, !conditions.secondary.isEmpty {
            blocks.append(.table(Self.secondaryTable(conditions.secondary)))
        }
        if !leftOutTable.rows.isEmpty { blocks.append(.table(leftOutTable)) }
        if !surroundings.masked.isEmpty {
            blocks += [
                .paragraph("Stretches of compared nights that count as gaps, as the person said:"),
                .list(surroundings.masked),
            ]
        }
        return blocks
    }

    private var beforeAfterForClinician: Picture? {
        guard let conditions else { return nil }
        func phase(_ active: Bool, _ name: String, _ rate: Double) -> BeforeAfter.Phase {
            BeforeAfter.Phase(
                name: name, rates: comparedNights(active).map { Double($0.movements) / $0.hours }, mean: rate)
        }
        return BeforeAfter(
            before: phase(false, beforeName, conditions.before.rate),
            with: phase(true, "with magnesium", conditions.with.rate),
            ratio: conditions.primary.map {
                let interval = $0.interval95
                return BeforeAfter.Ratio(
                    estimate: exp($0.median), lower: exp(interval.lowerBound), upper: exp(interval.upperBound))
            }
        ).picture(axis: ratioAxis)
    }

    private var exposurePicture: Picture? {
        guard let doseComparison else { return nil }
        return DoseResponse(
            zip(doseComparison.exposureByNight, comparison.nights).map {
                DoseResponse.Night(dose: $0, rate: Double($1.movements) / $1.hours)
            }, steps: [], axis: "exposure with a half-life of three nights, mg"
        ).picture(id: "exposure-response", title: "Nights by exposure")
    }

    // MARK: Other analyses

    private var forest: Forest? {
        if let conditions { return conditions.refusal == nil ? Forest(Self.rows(conditions), axis: ratioAxis) : nil }
        return doseComparison.map {
            Forest(
                Self.rows($0, isByEvening: design.kind == .randomisedDoses),
                axis: "rate ratio for each 100 mg more (logarithmic)")
        }
    }

    private static func row(
        _ name: String, _ effect: MarginalisedEffect?, note: String = "", isPrimary: Bool = false
    ) -> Forest.Row {
        guard let effect else { return Forest.Row(name, nil, note: note, isPrimary: isPrimary) }
        let interval = effect.interval95
        return Forest.Row(
            name, exp(effect.median), exp(interval.lowerBound), exp(interval.upperBound), note: note,
            isPrimary: isPrimary)
    }

    private static let independent = "nights independent"

    private static func rows(_ comparison: ConditionComparison) -> [Forest.Row] {
        var rows = [
            row("primary analysis", comparison.primary, isPrimary: true),
            row("with a steady change over the weeks", comparison.trendAdjusted),
        ]
        if comparison.atFixedThreshold != nil {
            rows.append(row("at one higher threshold", comparison.atFixedThreshold))
        }
        rows += comparison.transitions.map { row("transition of \(Shown.nights(Int($0.value)))", $0.effect) }
        rows += comparison.halfLives.map {
            row("half-life of \(Shown.nights(Int($0.value)))", $0.effect, note: "full effect of steady magnesium")
        }
        rows.append(row("typical night (log rates)", comparison.logRates))
        if let test = comparison.batches { rows.append(Forest.Row("two batches a phase", exp(test.difference))) }
        if let effect = comparison.quasiPoisson {
            rows.append(
                Forest.Row(
                    "quasi-Poisson", exp(effect.estimate), exp(effect.interval95.lowerBound),
                    exp(effect.interval95.upperBound), note: independent))
        }
        if let effect = comparison.negativeBinomial {
            rows.append(
                Forest.Row(
                    "negative binomial", exp(effect.estimate), exp(effect.interval95.lowerBound),
                    exp(effect.interval95.upperBound), note: independent))
        }
        if let effect = comparison.neweyWest {
            let reach = 1.96 * effect.standardError
            rows.append(
                Forest.Row(
                    "Newey–West", exp(effect.estimate), exp(effect.estimate - reach), exp(effect.estimate + reach),
                    note: "short memory"))
        }
        if let shift = comparison.medianShift {
            rows.append(
                Forest.Row(
                    "Hodges–Lehmann", exp(shift.estimate), exp(shift.interval95.lowerBound),
                    exp(shift.interval95.upperBound), note: independent))
        }
        for (name, test) in [
            ("drawn order, pooled", comparison.randomisationPooled),
            ("drawn order, mean log", comparison.randomisation),
        ] {
            guard let test else { continue }
            let ends = [test.lower95, test.upper95].map { end in end.flatMap { $0.isBound ? exp($0.value) : nil } }
            rows.append(
                Forest.Row(
                    name, exp(test.observed), ends[0], ends[1],
                    note: "the drawn order alone; p = \(Shown.pValue(test.pValue))"))
        }
        return rows
    }

    private static func rows(_ comparison: DoseComparison, isByEvening: Bool) -> [Forest.Row] {
        var rows = [
            row("dose of the evening", comparison.dose.primary, isPrimary: isByEvening),
            row("mean of seven nights", comparison.trailingWeek.primary, isPrimary: !isByEvening),
            row("exposure, half-life 3 nights", comparison.exposureHalf3.primary),
        ]
        if let declared = comparison.declaredExposure {
            rows.append(row("exposure, declared half-life", declared.primary))
        }
        rows.append(row("evening's dose and a steady change", comparison.trendAdjusted))
        rows.append(row("typical night (log rates)", comparison.dose.logRates))
        return isByEvening ? rows : [rows[1], rows[0]] + rows[2...]
    }

    // MARK: Correlation

    private var correlation: NightCorrelation? {
        func logRate(_ night: ComparedNight) -> Double { log((Double(night.movements) + 0.5) / night.hours) }
        var groups: [[ComparedNight]]
        let primary: MarginalisedEffect?
        if let conditions {
            guard conditions.refusal?.reason != .tooFewNights else { return nil }
            groups = [comparedNights(false), comparedNights(true)]
            primary = conditions.primary
        } else if let doseComparison {
            let pairs = zip(doseComparison.doseByNight, comparison.nights)
            groups = Dictionary(grouping: pairs) { $0.0 }.sorted { $0.key < $1.key }.map { $0.value.map(\.1) }
            primary = doseComparison.dose.primary
        } else {
            return nil
        }
        groups.removeAll(where: \.isEmpty)
        let residuals = groups.flatMap { group -> [(day: Int, value: Double)] in
            let mean = group.map(logRate).reduce(0, +) / Double(group.count)
            return group.map { (index($0), logRate($0) - mean) }
        }
        return NightCorrelation(residuals, modelled: primary?.meanCorrelation)
    }

    // MARK: Tables

    private static func secondaryTable(_ secondary: [SecondaryEffect]) -> DataTable {
        DataTable(
            "secondary", "Secondary endpoints, with magnesium against without; p adjusted by Holm within this family",
            columns: [
                .init("endpoint", "Endpoint"), .init("scale", "As"), .init("estimate", "Estimate", decimals: 2),
                .init("lower_95", "95 % from", decimals: 2), .init("upper_95", "to", decimals: 2),
                .init("p_holm", "p", decimals: 3),
            ],
            rows: secondary.map { effect in
                let isRatio = effect.endpoint.isRatio
                func shown(_ value: Double) -> DataTable.Cell { .number(isRatio ? exp(value) : value) }
                let interval = effect.effect.interval95
                return [
                    .text(effect.endpoint.name), .text(isRatio ? "ratio" : "difference"), shown(effect.effect.median),
                    shown(interval.lowerBound), shown(interval.upperBound), .number(effect.adjustedPValue),
                ]
            })
    }

    private var leftOutTable: DataTable {
        DataTable(
            "left_out", "Nights that take no part",
            columns: [.init("night", "Night of"), .init("reason", "Why")],
            rows: surroundings.leftOut.map { nights in nights.map { [.text("\($0.night)"), .text($0.reason)] } }
                ?? comparison.leftOut.map { [.text("\($0.day)"), .text(Self.words($0.reason))] })
    }

    private var phaseTables: [DataTable] {
        guard let conditions else { return [doseTable].compactMap(\.self) }
        let phases = [conditions.before, conditions.with]
        func row(_ name: String, _ value: (PhaseSummary) -> DataTable.Cell) -> [DataTable.Cell]? {
            let cells = phases.map(value)
            return cells.allSatisfy { $0 == .missing } ? nil : [.text(name)] + cells
        }
        func decimals(_ value: Double, _ count: Int) -> DataTable.Cell { .text(PlotNumber.fixed(value, count)) }
        let heads: [DataTable.Column] = [
            .init("what", ""), .init("without", beforeName), .init("with", "with magnesium"),
        ]
        var missingness: [[DataTable.Cell]?] = [
            row("nights planned") { .text("\($0.planned)") }, row("nights usable") { .text("\($0.usable)") },
            row("nights missing of those planned") { .text(Shown.percent($0.missingShare)) },
            row("left out as transition") { .text("\($0.transition)") },
            row("nights compared") { .text("\($0.compared)") },
            row("analysed hours a night, mean") { $0.compared > 0 ? decimals($0.meanHours, 1) : .missing },
        ]
        if showsResults {
            missingness += [
                row("periodic movements, all") { .text("\($0.movements)") },
                row("PLM per hour, all") { $0.compared > 0 ? decimals($0.rate, 1) : .missing },
                row("PLM per hour, median night") { $0.compared > 0 ? decimals($0.medianRate, 1) : .missing },
                row("variation between nights (CV)") { DataTable.Cell($0.variation.map { PlotNumber.fixed($0, 2) }) },
            ]
        }
        var covariates: [[DataTable.Cell]?] = [
            row("threshold in effect, median, mg") {
                DataTable.Cell($0.medianThreshold.map { PlotNumber.fixed($0, 1) })
            },
            row("noise floor, median, mg") { DataTable.Cell($0.medianNoise.map { PlotNumber.fixed($0, 2) }) },
        ]
        // A column of zeros was not noted.
        for name in Set(phases.flatMap(\.covariateMeans.keys)).sorted()
        where phases.contains(where: { ($0.covariateMeans[name] ?? 0) != 0 }) {
            covariates.append(
                row("\(name), mean") { DataTable.Cell($0.covariateMeans[name].map { PlotNumber.fixed($0, 1) }) })
        }
        func rated(_ mean: PhaseSummary.Mean?) -> DataTable.Cell {
            DataTable.Cell(mean.map { "\(PlotNumber.fixed($0.value, 1)) (\(Shown.nights($0.nights)))" })
        }
        covariates += [
            row("urge in the evening, mean (unblinded)") { rated($0.eveningUrge) },
            row("urge in the night, mean (unblinded)") { rated($0.nightUrge) },
            row("first symptom, mean (unblinded)") { phase in
                DataTable.Cell(
                    phase.firstSymptom.map {
                        "\(ClockText.short(43_200 + $0.value * 3600)) (\(Shown.nights($0.nights)))"
                    })
            },
        ]
        let others = covariates.compactMap(\.self)
        return [
            DataTable("missingness", "Nights and hours by phase", columns: heads, rows: missingness.compactMap(\.self))
        ]
            + (others.isEmpty
                ? []
                : [
                    DataTable(
                        "covariates", "What else differed, by phase (compared nights)", columns: heads, rows: others)
                ])
    }

    private var doseTable: DataTable? {
        guard let doseComparison else { return nil }
        return DataTable(
            "missingness", "Nights",
            columns: [.init("what", ""), .init("value", "Value")],
            rows: [
                [.text("nights planned"), .text("\(doseComparison.planned)")],
                [.text("nights usable and compared"), .text("\(doseComparison.nights)")],
            ] + (showsResults ? [[.text("PLM per hour, all"), .text(PlotNumber.fixed(doseComparison.rate, 1))]] : []))
    }

    // MARK: Checklist and origin

    var checklistBlocks: [ReportDocument.Block] {
        let reference = ReferenceData.current
        let lines =
            surroundings.provenance + [
                Provenance("published figures", "nattro's reference data \(reference.version)"),
                Provenance(
                    "analysis",
                    "Poisson rates with the correlation of nights integrated out (AR(1) over calendar nights); nothing is drawn at random in it"
                ),
            ]
        return [
            .heading("What is known from studies"), .list(reference.evidenceBlock),
            .heading("Checklist"),
            .small(
                "After the reporting items for N-of-1 trials (CENT 2015, BMJ 350:h1738), worded shortly. What nattro does not know is "
                    + "not stated; whoever publishes fills it in."),
            .table(TrialChecklist(self).table), .heading("Origin"), .table(Provenance.table(lines)),
        ]
    }
}
