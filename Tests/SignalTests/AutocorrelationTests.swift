// SPDX-License-Identifier: GPL-3.0-or-later
import Signal
import Testing

@Suite struct AutocorrelationTests {
    @Test(arguments: [(1, 0), (1, 5), (5, 4), (40, 200), (333, 50)])
    func itIsTheDirectSum(count: Int, maximumLag: Int) {
        let train = (0..<count).map { Float(($0 * 7 + $0 * $0 * 3) % 5 == 0 ? 1 : 0) + Float($0 % 3 == 0 ? 1 : 0) }
        let sums = autocorrelation(ofEventsAt: events(of: train), maximumLag: maximumLag)
        #expect(sums.count == maximumLag + 1)
        for lag in 0...maximumLag {
            var direct: Float = 0
            for index in 0..<max(0, count - lag) { direct += train[index] * train[index + lag] }
            #expect(abs(sums[lag] - direct) < 1e-2)
        }
    }

    @Test func aTrainOfEveryTenthBinPeaksAtEveryTenthLag() {
        let train = (0..<1000).map { Float($0 % 10 == 0 ? 1 : 0) }
        let sums = autocorrelation(ofEventsAt: events(of: train), maximumLag: 30).map { $0.rounded() }
        for lag in 0...30 { #expect(sums[lag] == (lag % 10 == 0 ? Float(100 - lag / 10) : 0)) }
    }

    @Test(arguments: [65_535, 65_536, 65_537, 200_000])
    func aLongTrainIsTheSumOfItsPieces(count: Int) {
        var train = [Float](repeating: 0, count: count)
        for place in stride(from: 0, to: count, by: 97) { train[place] = 1 }
        for place in stride(from: 40, to: count, by: 1013) { train[place] = 1 }
        let sums = autocorrelation(ofEventsAt: events(of: train), maximumLag: 180).map { $0.rounded() }
        for lag in stride(from: 0, through: 180, by: 9) {
            var direct: Float = 0
            for index in 0..<count - lag { direct += train[index] * train[index + lag] }
            #expect(sums[lag] == direct)
        }
    }

    @Test func anEmptyTrainHasNoProducts() {
        #expect(autocorrelation(ofEventsAt: [], maximumLag: 3) == [0, 0, 0, 0])
    }
}

/// The place of each event of a train, as often as it has events.
private func events(of train: [Float]) -> [Int] {
    train.indices.flatMap { repeatElement($0, count: Int(train[$0])) }
}
