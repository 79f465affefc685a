// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "nattro", path: "../..")],
    targets: [
        .executableTarget(
            name: "nattro-benchmark",
            dependencies: [.product(name: "NattroSignals", package: "nattro")],
            swiftSettings: strict),
        .executableTarget(
            name: "nattro-decode",
            dependencies: [.product(name: "NattroSignals", package: "nattro")],
            swiftSettings: strict),
    ]
)
