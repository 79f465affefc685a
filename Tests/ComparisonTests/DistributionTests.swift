// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Comparison

@Suite struct DistributionTests {
    @Test func aNoncentralTOfNoNoncentralityIsStudentsT() {
        for t in [-2.5, -0.3, 0, 0.7, 4] {
            let plain = StudentT.lowerTail(t, degreesOfFreedom: 12)
            #expect(abs(NoncentralT.lowerTail(t, degreesOfFreedom: 12, noncentrality: 0) - plain) < 1e-12)
        }
    }
}
