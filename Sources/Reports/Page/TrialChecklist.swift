// SPDX-License-Identifier: GPL-3.0-or-later
internal import Comparison
internal import Nights

/// The items of the CENT 2015 statement for N-of-1 trials, in words of its own, with what a comparison knows of each.
struct TrialChecklist {
    private let page: ComparisonPage
    private var comparison: NightComparison { page.comparison }
    private var design: StudyDesign { page.comparison.design }

    init(_ page: ComparisonPage) { self.page = page }

    private static let notStated = "not stated"

    /// Number, item, and what this report holds of it.
    var rows: [(item: String, topic: String, answer: String)] {
        let none = Self.notStated
        return [
            ("1a", "N-of-1 named in the title", "comparison of nights within one person"),
            ("1b", "Summary of the trial", "first page"),
            ("2a", "Background and reason", "what is known from studies: above"),
            (
                "2b", "Question",
                "whether periodic limb movements per hour differ between nights with and without magnesium"
            ),
            ("3a", "Design, number and length of periods, run-in and washout", plan),
            ("3b", "Changes after the start", none),
            ("4a", "Person: condition, other conditions, other treatments", covariates),
            ("4b", "Setting and place of data collection", "at home, ankle sensor"),
            ("4c", "Research or care; ethics approval", none),
            ("5", "Intervention in each period, as taken", intervention),
            (
                "6a", "Outcomes, and how they are measured",
                "PLM per analysed hour of rest; rules and sensor under Origin"
            ),
            ("6b", "Changes of outcomes", none),
            ("7a", "Number of nights, and why", "\(design.nights) nights planned; reason not stated"),
            ("7b", "Interim looks and stopping rule", looks),
            ("8a", "How the order was made", design.isRandomised ? "drawn at random" : "not randomised"),
            ("8b", "Kind of randomisation", design.isRandomised ? page.kindInWords : "none"),
            ("8c", "Full sequence as planned", "night by night: picture and table"),
            ("9", "Concealment of the order", none),
            ("10", "Who drew, enrolled and assigned", design.isRandomised ? "the program drew\(seed)" : none),
            ("11a", "Blinding", design.isBlinded ? "declared blinded" : "not blinded"),
            ("11b", "Likeness of interventions", none),
            ("12a", "Statistical methods", "under Origin; other analyses in the forest picture"),
            ("12b", "Bringing several people together", "not done here"),
            ("12c", "Carry-over, change over time, correlation of nights", memory),
            ("13a", "Periods completed", completed),
            ("13b", "Losses and exclusions, with reasons", losses),
            ("14a", "Dates", dates),
            (
                "14b", "Why it ended",
                comparison.interim == nil ? "end of the planned nights, or of the data" : "still running"
            ),
            ("15", "Baseline data", baseline),
            ("16", "Numbers analysed in each period", analysed),
            (
                "17a", "Results by period, with precision",
                comparison.interim == nil ? "first page and tables" : "not shown before the planned end"
            ),
            (
                "17b", "Absolute and relative size",
                comparison.interim == nil ? "rates per hour, and rate ratio" : "not shown before the planned end"
            ),
            ("18", "Other analyses", "forest picture; descriptive, none chosen after the fact"),
            ("19", "Harms", harms),
            ("20", "Limitations", "first page: what these nights cannot say"),
            ("21", "Other people", "nothing follows for them"),
            ("22", "Interpretation", "fixed sentences chosen by the numbers"),
            ("23", "Registration", none),
            ("24", "Protocol", "the design's SHA-256 under Origin"),
            ("25", "Funding", none),
        ]
    }

    var table: DataTable {
        DataTable(
            "checklist", "Reporting items",
            columns: [.init("item", "Item"), .init("topic", "Topic"), .init("answer", "In this report")],
            rows: rows.map { [.text($0.item), .text($0.topic), .text($0.answer)] })
    }

    private var seed: String { design.seed.map { ", seed \($0)" } ?? "" }

    private var plan: String {
        var text = "\(page.kindInWords), \(Shown.nights(design.nights))"
        if let transition = design.transition {
            text += "; the first \(Shown.nights(transition)) after each switch left out"
        } else if !design.comparesDoses {
            text += "; no transition declared"
        }
        return text
    }

    private var covariates: String {
        design.covariates.isEmpty
            ? "no covariate declared; person not described here"
            : "adjusted for: \(design.covariates.joined(separator: ", "))"
    }

    private var intervention: String {
        let taken = page.doses.filter { $0.elementalMg > 0 }
        guard let low = taken.map(\.elementalMg).min(), let high = taken.map(\.elementalMg).max() else {
            return "no dose logged"
        }
        let forms = Set(taken.map(\.form)).sorted().joined(separator: ", ")
        let amount =
            low == high ? "\(PlotNumber.label(low)) mg" : "\(PlotNumber.label(low)) to \(PlotNumber.label(high)) mg"
        return
            "\(amount) elemental magnesium on \(Shown.nights(Set(taken.map(\.night)).count)) (\(forms)); log \(design.doseLogIsComplete ? "declared complete" : "not declared complete")"
    }

    private var looks: String {
        guard case .after(let looks) = design.looks else { return "no look declared beforehand" }
        return "after \(looks.map(String.init).joined(separator: ", ")) nights"
    }

    private var memory: String {
        var text = "correlation of nights integrated out; steady change over the weeks beside it"
        text +=
            design.halfLife.map { "; half-life of \(PlotNumber.label($0)) nights declared" }
            ?? "; no half-life declared"
        return text
    }

    private var completed: String {
        guard let last = page.nights.last?.day else { return Self.notStated }
        let passed = min(design.nights, max(0, last - design.first + 1))
        return "\(passed) of \(Shown.nights(design.nights)) passed"
    }

    private var losses: String {
        let missing = design.nights - page.nights.count { (0..<design.nights).contains(page.index($0)) }
        return
            "\(page.surroundings.leftOut?.count ?? comparison.leftOut.count) left out (table), \(max(0, missing)) of the planned without a recording"
    }

    private var dates: String {
        guard let first = page.nights.first?.day, let last = page.nights.last?.day else { return Self.notStated }
        return "\(first.inWords) to \(last.inWords)"
    }

    private var baseline: String {
        guard comparison.interim == nil, let before = page.conditions?.before, before.compared > 0 else {
            return Self.notStated
        }
        return "\(PlotNumber.fixed(before.rate, 1)) PLM per hour in \(Shown.nights(before.compared)) \(page.beforeName)"
    }

    private var analysed: String {
        if let conditions = page.conditions {
            return "\(Shown.nights(conditions.before.compared)) without, \(Shown.nights(conditions.with.compared)) with"
        }
        return page.doseComparison.map { Shown.nights($0.nights) } ?? Self.notStated
    }

    private var harms: String {
        guard let harms = page.surroundings.harms else { return Self.notStated }
        return harms.isEmpty ? "none logged" : harms.joined(separator: "; ")
    }
}

extension ComparisonPage {
    /// The design in words.
    var kindInWords: String {
        switch design.kind {
        case .beforeAfter: "before and with, in a fixed order"
        case .beforeAfterTwice: "before, with, without, with, in a fixed order"
        case .randomisedBlocks(let blocks, let nights, let active, _):
            "\(blocks) blocks of \(Shown.nights(nights)), \(active) of them with magnesium, in a drawn order"
        case .randomisedPairs(let pairs, let nights):
            "\(pairs) pairs of blocks of \(Shown.nights(nights)), each pair drawn"
        case .randomisedStart: "before and with, the first night with magnesium drawn"
        case .randomisedDoses: "a dose drawn for every night"
        case .titration: "a dose raised or lowered by steps"
        }
    }
}
