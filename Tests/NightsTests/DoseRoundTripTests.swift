// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing
import TestSupport

/// What is written is read back, and nothing that is read makes the reader crash.
@Suite struct DoseRoundTripTests {
    private static func read(_ text: String) throws -> DoseLog {
        try DoseLog(reading: Array(text.utf8), options: .init(now: Log.now))
    }

    @Test(arguments: ["doses.csv", "doses-bad.csv"])
    func aFileThroughJSONAndBackKeepsItsDoses(_ name: String) throws {
        let first = try Log.fixture(name)
        let throughJSON = try Self.read(first.json)
        #expect(throughJSON.doses == first.doses)
        #expect(throughJSON.rejected == [])
        let back = try Self.read(throughJSON.csv)
        for (again, dose) in zip(back.doses, first.doses) { #expect(again == dose) }
        #expect(back.doses.count == first.doses.count)
        #expect(back.csv == first.csv)
        #expect(throughJSON.json == first.json)
    }

    @Test func wordsColumnsAndKeysThatNobodyKnowsAreKept() throws {
        let log = try Log.read(
            "2026-03-04,9:10 pm,\"8,2\",mmol,,citrate,\"a \"\"quoted\"\"; note, # and more\",42,ü",
            metadata: ["owner: somebody", "complete_from: 2026-03-01", "complete_to: 2026-03-31"],
            header: "date,time,amount,unit,basis,form,note,pocket,Farbe")
        let back = try Self.read(Self.read(log.json).csv)
        #expect(back.doses == log.doses)
        #expect(back.complete == log.complete)
        #expect(back.extra == log.extra)
        #expect(back.doses.first?.extra.map(\.value) == ["42", "ü"])
        #expect(back.csv.contains("9:10 pm,\"8,2\",mmol"))
    }

    @Test func theJSONOfTheSpecificationIsRead() throws {
        let log = try Self.read(
            """
            {"schema":"nattro.doses/1","tz":"Europe/Berlin","complete_from":"2026-03-01","complete_to":"2026-03-31",
             "doses":[{"at":"2026-03-04T21:10:00+01:00","amount":8.2,"unit":"mmol","basis":"elemental","form":"citrate_anhydrous",
                       "route":"oral","kind":"supplement","product":"sachet","with_food":false,"note":"","mood":{"a":[1,2.50]}},
                      {"at":"2026-03-05T21:10","amount":200,"unit":"mg","basis":"elemental","form":"citrate"},
                      {"at":"2026-03-06T21:10","amount":"200","unit":"mg","basis":"elemental","form":"citrate"},
                      {"at":"2026-02-30T21:10","amount":200,"unit":"mg","basis":"elemental","form":"citrate"}, 7]}
            """)
        #expect(log.doses.count == 2)
        #expect(isNear(log.doses.first?.elementalMg, 199.3))
        #expect(log.doses.first?.withFood == false)
        #expect(log.doses.first?.extra == [ExtraField(name: "mood", value: "{\"a\":[1,2.50]}", isJSON: true)])
        #expect(log.doses.last?.instant?.description == "2026-03-05T20:10:00Z")
        #expect(log.rejected.map(\.code) == ["E_NUMBER", "E_DATE_IMPOSSIBLE", "E_STRUCTURE"])
        #expect(log.rejected.map(\.line) == [5, 6, 6])
        #expect(try Self.read(log.json).doses == log.doses)
    }

    @Test(arguments: [
        "{", "{}", "{\"schema\":\"nattro.doses/2\",\"doses\":[]}", "{\"schema\":\"nattro.doses/1\",\"doses\":[NaN]}",
        "{\"schema\":\"nattro.doses/1\"}", "{\"schema\":\"nattro.doses/1\",\"doses\":[]} x", "{\"a\":01}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u12\"}", "{\"a\":\"\n\"}", "{\"a\" 1}", "{\"a\":1,}",
    ])
    func whatIsNoDoseLogInJSONIsRefusedWithItsPlace(_ text: String) throws {
        let refused = try #require(throws: RefusedFile.self) { try Self.read(text) }
        #expect(refused.finding.line >= 1 && refused.finding.column >= 1)
        #expect(!refused.finding.message.isEmpty)
    }

    @Test func valuesThatLieTooDeepAreRefused() {
        let deep = "{\"schema\":" + String(repeating: "[", count: 100_000)
        #expect(throws: RefusedFile.self) { try Self.read(deep) }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func everyLogThatCanBeBuiltIsReadBackAsItWas(_ seed: UInt64) throws {
        var random = Generator(seed: seed)
        let clock = try #require(ZoneClock("Europe/Berlin"))
        for _ in 0..<40 {
            let doses = try (0..<12).map { number in try random.dose(clock, id: "\(number)") }
            let log = DoseLog(zone: random.next(2) == 0 ? "Europe/Berlin" : nil, doses: doses)
            let fromJSON = try Self.read(log.json)
            #expect(fromJSON.rejected == [])
            #expect(fromJSON.doses == doses)
            let fromCSV = try Self.read(log.csv)
            #expect(fromCSV.rejected == [])
            #expect(fromCSV.doses.map(\.withoutWrittenDate) == doses)
            #expect(fromCSV.csv == log.csv)
        }
    }

    @Test(arguments: ["doses.csv", "doses-bad.csv"], [UInt64(1), 2, 3])
    func aFileCutOrFlippedAnywhereIsReadOrRefused(_ name: String, _ seed: UInt64) throws {
        let whole = try Fixtures.bytes("dosing/\(name)")
        let json = Array(try Log.fixture(name).json.utf8)
        var random = Generator(seed: seed)
        for bytes in [whole, json] {
            for count in 0..<bytes.count where count % 17 == Int(seed) {
                _ = try? DoseLog(reading: Array(bytes[..<count]), options: .init(now: Log.now))
            }
            for _ in 0..<40 {
                var damaged = bytes
                for _ in 0..<(1 + random.next(4)) { damaged[random.next(damaged.count)] = UInt8(random.next(256)) }
                let log = try? DoseLog(reading: damaged, options: .init(now: Log.now))
                // What was read from a damaged file must survive its own round trip.
                if let log {
                    #expect(try Self.read(log.json).doses == log.doses, "\(String(decoding: damaged, as: UTF8.self))")
                }
            }
        }
    }
}

extension Dose {
    /// The dose without how its date was written: one at a time that the clock shows twice is written with its offset.
    fileprivate var withoutWrittenDate: Dose {
        var dose = self
        dose.time.dateEntered = nil
        return dose
    }
}

/// Numbers without pattern, the same in every run (SplitMix64).
struct Generator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func pick<T>(_ values: [T]) -> T { values[next(values.count)] }

    /// A dose as the program itself would make one.
    mutating func dose(_ clock: ZoneClock, id: String) throws -> Dose {
        let notes = ["", "plain", "a,b;c\td", "\"quoted\"", "# no comment", " spaces ", "two\nlines", "emoji 🌙", "\\u"]
        let instant = UTCInstant(secondsSince1970: 1_740_000_000 + next(50_000_000))
        let time = next(8) == 0 ? DoseTime(onDay: clock.time(instant).day, zone: clock.name) : clock.time(instant)
        let extra = next(3) == 0 ? [ExtraField(name: "mood", value: pick(["good", "x,y", "\"z\""]))] : []
        let amount: EnteredAmount
        var mg: Double? = 0
        let value = Double(1 + next(4000)) / 8
        var route = Dose.Route.oral
        var form = pick(["oxide", "citrate_hydrogen", "unknown", "buffered"])
        switch next(4) {
        case 0: amount = EnteredAmount(value: 0, unit: .mg, basis: nil, basisOrigin: .none)
        case 1:
            amount = EnteredAmount(value: value, unit: .spray, basis: nil, basisOrigin: .none)
            (route, mg) = (.topical, nil)
        case 2:
            amount = EnteredAmount(value: value, unit: .mg, basis: .elemental)
            mg = value
        default:
            form = "oxide"
            amount = EnteredAmount(value: 0.001 * value, unit: .g, basis: .elemental)
            mg = (value * 1e6).rounded() / 1e6
        }
        if form == "unknown" && amount.value == 0 { form = "oxide" }
        return Dose(
            time: time, amount: amount, form: form, formEntered: form, route: route,
            kind: pick([.supplement, .medicine, .food]),
            elementalMg: mg, product: pick(["", "Brand A, 2nd"]), withFood: pick([nil, true, false]), id: id,
            note: pick(notes), extra: extra)
    }
}
