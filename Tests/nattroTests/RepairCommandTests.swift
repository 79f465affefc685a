// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct RepairCommandTests {
    @Test(arguments: [
        ("damaged/g_missing_50_sectors.cwa", 0 as Int32, "209 sectors"),
        ("damaged/b_trunc_midsector.cwa", 1, "258 sectors"),
        ("geneactiv/ggir_GENEActiv_testfile.bin", 1, "16 pages"), ("damaged/a_finalized_C.edf", 0, "60 records"),
    ])
    func whatIsKeptIsPrintedAndWhatIsLostIsNamed(name: String, status: Int32, kept: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let clean = folder.appending(path: "clean").path
            let run = try ProgramRun("nattro", ["repair", Fixtures.path(name), clean])
            #expect(run.status == status, "\(run.errors)")
            #expect(run.output == "\(clean): \(kept)\n")
            let again = try ProgramRun("nattro", ["repair", Fixtures.path(name), clean])
            #expect(again.status == 2 && again.output == "")
            let converted = try ProgramRun(
                "nattro", ["convert", clean, "-"] + (name.hasSuffix("edf") ? ["--leg", "L"] : []))
            #expect(converted.status == (name.contains("missing") ? 1 : 0))
        }
    }
}
