// SPDX-License-Identifier: GPL-3.0-or-later
internal import CGSL

/// Where a function crosses zero between two arguments, by Brent's method.
///
/// - Precondition: the function's values at the ends differ in sign.
func root(in range: ClosedRange<Double>, of function: (Double) -> Double) -> Double {
    let (atLower, atUpper) = (function(range.lowerBound), function(range.upperBound))
    if atLower == 0 { return range.lowerBound }
    if atUpper == 0 { return range.upperBound }
    precondition((atLower < 0) != (atUpper < 0), "no change of sign: \(atLower) and \(atUpper)")
    _ = gslReportsInsteadOfAborting
    return withoutActuallyEscaping(function) { function in
        let target = Target(function)
        return withExtendedLifetime(target) {
            var callback = unsafe gsl_function(
                function: { argument, target in
                    guard let target = unsafe target else { return .nan }
                    return unsafe Unmanaged<Target>.fromOpaque(target).takeUnretainedValue().function(argument)
                }, params: Unmanaged.passUnretained(target).toOpaque())
            guard let solver = unsafe gsl_root_fsolver_alloc(cgsl_brent()) else {
                preconditionFailure("no memory for a root solver")
            }
            defer { unsafe gsl_root_fsolver_free(solver) }
            unsafe gsl_root_fsolver_set(solver, &callback, range.lowerBound, range.upperBound)
            for _ in 0..<200 {
                guard unsafe gsl_root_fsolver_iterate(solver) == 0 else { break }
                let lower = unsafe gsl_root_fsolver_x_lower(solver)
                let upper = unsafe gsl_root_fsolver_x_upper(solver)
                if upper - lower <= 1e-15 + 4 * max(abs(lower), abs(upper)).ulp { break }
            }
            return unsafe gsl_root_fsolver_root(solver)
        }
    }
}

/// What the C callback gets: a class, because C carries only a pointer.
private final class Target {
    let function: (Double) -> Double
    init(_ function: @escaping (Double) -> Double) { self.function = function }
}
