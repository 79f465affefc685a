// SPDX-License-Identifier: GPL-3.0-or-later

/// The forms of magnesium, the names people give them, and how much magnesium they hold.
public struct FormTable: Sendable {
    /// The forms in the order of the data.
    public let forms: [MagnesiumForm]
    private let byID: [String: MagnesiumForm]
    private let byName: [String: Match]
    /// The names as they are shown in hints, and as they are compared.
    private let shownNames: [(shown: String, compared: [UInt8])]
    private let mixtures: [(words: [String], form: MagnesiumForm)]

    /// What a name means.
    public struct Match: Hashable, Sendable {
        /// The form.
        public var form: MagnesiumForm
        /// The other composition that the same name may mean; nil where the name says exactly what is meant.
        public var partner: MagnesiumForm?

        /// The magnesium in a weight of the form, in the weight's unit, and the range it may have; nil where that cannot be computed.
        public func elemental(inCompound weight: Double) -> (likely: Double, range: ClosedRange<Double>?)? {
            guard let fraction = form.elementalFraction else { return nil }
            let likely = weight * fraction
            guard let other = partner?.elementalFraction.map({ weight * $0 }) else { return (likely, nil) }
            return (likely, min(likely, other)...max(likely, other))
        }
    }

    init(_ rows: [FormRow], magnesiumMolarMass: Double) {
        forms = rows.map { MagnesiumForm($0, magnesiumMolarMass: magnesiumMolarMass) }
        let byID = Dictionary(forms.map { ($0.id, $0) }) { first, _ in first }
        self.byID = byID
        var byName: [String: Match] = [:]
        var shown: [(String, [UInt8])] = []
        func add(_ name: String, _ match: Match) {
            let compared = Self.comparable(name)
            guard byName[compared] == nil else { return }
            byName[compared] = match
            shown.append((name, Array(compared.utf8)))
        }
        for (row, form) in zip(rows, forms) {
            let generic = Match(form: form, partner: row.partner.flatMap { byID[$0] })
            for name in row.genericNames ?? [] { add(name, generic) }
            if row.mixtureWords == nil { add(form.id, Match(form: form, partner: nil)) }
            for name in row.aliases ?? [] { add(name, Match(form: form, partner: nil)) }
        }
        self.byName = byName
        shownNames = shown
        mixtures = zip(rows, forms).compactMap { row, form in row.mixtureWords.map { ($0, form) } }
    }

    /// The form with a name of the data.
    public subscript(id: String) -> MagnesiumForm? { byID[id] }

    /// What a person's name for a form means; nil if the table does not have it.
    public func match(_ text: some StringProtocol) -> Match? {
        let name = Self.comparable(text)
        if let match = byName[name] { return match }
        let words = Set(name.split(separator: " ").map(String.init))
        for (mixtureWords, form) in mixtures {
            // "chelate %" stands for a chelate with any percentage.
            let isMixture = mixtureWords.contains { mixture in
                mixture.split(separator: " ").allSatisfy { word in
                    word == "%" ? name.contains("%") : words.contains(String(word))
                }
            }
            if isMixture { return Match(form: form, partner: nil) }
        }
        return nil
    }

    /// The known names that are spelled most like an unknown one, nearest first, each of another form.
    public func namesNearest(to text: some StringProtocol, count: Int = 3) -> [String] {
        let wanted = Array(Self.comparable(text).utf8.prefix(64))
        let ranked = shownNames.enumerated().map { index, name in
            (distance: Self.editDistance(wanted, name.compared), index: index)
        }
        let nearest = ranked.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
        var seen: Set<String> = []
        var names: [String] = []
        for (_, index) in nearest where names.count < count {
            guard let match = byName[Self.comparable(shownNames[index].shown)], match.form.id != "unknown",
                seen.insert(match.form.id).inserted
            else { continue }
            names.append(shownNames[index].shown)
        }
        return names
    }

    /// A name without case, dashes, and the word magnesium before or behind it.
    static func comparable(_ text: some StringProtocol) -> String {
        let separated = text.lowercased().map { "_-".contains($0) ? " " : $0 }
        var words = String(separated).split(whereSeparator: \.isWhitespace).map(String.init)
        if words.count > 1, words[0] == "magnesium" || words[0] == "mg" { words.removeFirst() }
        if words.count > 1, words.last == "magnesium" || words.last == "mg" { words.removeLast() }
        return words.joined(separator: " ")
    }

    /// How many letters must be put in, left out or changed (Levenshtein).
    static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var previous = Array(0...second.count)
        for (row, letter) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                current.append(
                    min(previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[second.count]
    }
}

/// One form of magnesium: a salt, a mixture, or not known.
public struct MagnesiumForm: Hashable, Sendable {
    /// Its name in files and results: `citrate_anhydrous`.
    public let id: String
    /// Its name for people.
    public let name: String
    /// The share of magnesium in its weight; nil for a mixture, whose label must say it.
    public let elementalFraction: Double?

    fileprivate init(_ row: FormRow, magnesiumMolarMass: Double) {
        id = row.id
        name = row.name
        if let atoms = row.magnesiumAtoms, let molarMass = row.molarMass {
            elementalFraction = Double(atoms) * magnesiumMolarMass / molarMass
        } else {
            elementalFraction = nil
        }
    }
}

/// A form as the data file writes it.
struct FormRow: Decodable {
    var id: String
    var name: String
    var magnesiumAtoms: Int?
    var molarMass: Double?
    /// Names that leave open which of two compositions is meant: this form, or the partner.
    var genericNames: [String]?
    var partner: String?
    var aliases: [String]?
    /// Words that make any name one of a mixture.
    var mixtureWords: [String]?
}
