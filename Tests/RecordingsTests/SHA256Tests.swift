// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import TestSupport
import Testing

@Suite struct SHA256Tests {
    /// The examples of FIPS 180-4 and of NIST's page of example values.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func theStandardsExamplesHaveTheirDigests(text: String, digest: String) {
        #expect(SHA256.digest(of: text) == digest)
    }

    @Test func aDigestIsThatOfThePiecesWhereverTheyAreCut() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var whole = SHA256()
        whole.update(bytes.span)
        let expected = whole.finish()
        for cut in [0, 1, 55, 56, 63, 64, 65, 119, 128, 299, 300] {
            var digest = SHA256()
            digest.update(bytes.span.extracting(0..<cut))
            digest.update(bytes.span.extracting(cut..<bytes.count))
            #expect(digest.finish() == expected, "cut at \(cut)")
        }
    }

    @Test func aFileHasTheDigestThatSha256sumGives() throws {
        let path = Fixtures.path("cwa/ax3_testfile.cwa")
        let run = try ProgramRun("sha256sum", [path])
        let (digest, bytes) = try SHA256.digest(ofFile: path)
        #expect(run.output.hasPrefix(digest + " ") && bytes == 75_264)
    }
}
