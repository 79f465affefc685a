// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Synchronization

/// A line on the terminal that says how far long work is; silent where standard error is no terminal, and for short work.
final class Progress: Sendable {
    private struct State {
        var shares: [Double]
        var shown = -1
        var isOnScreen = false
    }

    private let what: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let begin = ContinuousClock.now
    private let state: Mutex<State>

    /// Work of several parts that go on at the same time.
    init(_ what: String, parts: Int) {
        self.what = what
        state = Mutex(State(shares: Array(repeating: 0, count: parts)))
    }

    deinit { finish() }

    /// A part has done this share of its work, from 0 to 1.
    func advance(_ part: Int, to share: Double?) {
        guard isTerminal, let share, ContinuousClock.now - begin > .seconds(1) else { return }
        state.withLock { state in
            state.shares[part] = share
            let percent = Int(state.shares.reduce(0, +) / Double(state.shares.count) * 100)
            guard percent > state.shown else { return }
            state.shown = percent
            state.isOnScreen = true
            FileHandle.standardError.write(Data("\r\(what): \(percent) %".utf8))
        }
    }

    /// Takes the line away.
    func finish() {
        state.withLock { state in
            guard state.isOnScreen else { return }
            FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
            state.isOnScreen = false
        }
    }
}
