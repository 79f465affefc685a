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
    name: "nattro",
    products: [
        .executable(name: "nattro", targets: ["nattro"]),
        .library(name: "NattroSignals", targets: ["Recordings", "Sensors", "Signal", "LegMovements"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Hummingbird's own, for what it does not pass on: header names, the channel of a request, the level of the log.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        // Fences around C libraries: one importer each.
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),

        // The data's way, left to right: no import points back along it.
        .target(name: "Recordings", dependencies: ["CISAL", "CZip"], swiftSettings: strict),
        .target(name: "Sensors", dependencies: ["CLibUSB", "Recordings"], swiftSettings: strict),
        .target(name: "Signal", dependencies: ["CFFTW"], swiftSettings: strict),
        .target(name: "LegMovements", dependencies: ["Recordings", "Signal"], swiftSettings: strict),
        .target(
            name: "Nights", dependencies: ["Recordings"],
            resources: [.embedInCode("Reference/reference.json")], swiftSettings: strict),
        .target(
            name: "Journal", dependencies: ["Nights", "Recordings", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(name: "Comparison", dependencies: ["CGSL", "LegMovements", "Nights"], swiftSettings: strict),
        .target(
            name: "Reports",
            dependencies: [
                "Comparison", "LegMovements", "Nights", .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("Assets/nattro.css"), .embedInCode("Assets/tonight.js"),
                .embedInCode("Assets/viewer.css"), .embedInCode("Assets/viewer.js"),
            ],
            swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["LegMovements", "Recordings"], swiftSettings: strict),
        .executableTarget(
            name: "nattro",
            dependencies: [
                "Comparison", "Journal", "LegMovements", "Nights", "Recordings", "Reports", "Sensors", "Signal",
                "Simulation", "Web",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The gate of the statistics: tools/calibrate.
        .executableTarget(
            name: "calibrate",
            dependencies: [
                "Comparison", "LegMovements", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", dependencies: ["Recordings"], path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "RecordingsTests", dependencies: ["Recordings", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SensorsTests", dependencies: ["Sensors", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SignalTests", dependencies: ["Signal", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "LegMovementsTests", dependencies: ["LegMovements", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "NightsTests", dependencies: ["Nights", "TestSupport"], swiftSettings: strict),
        // Writes into a journal until it is killed.
        .executableTarget(
            name: "journal-writer", dependencies: ["Journal", "Nights"], path: "Tests/JournalWriter",
            swiftSettings: strict),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "Nights", "Recordings", "TestSupport", "journal-writer"],
            swiftSettings: strict),
        .testTarget(
            name: "ComparisonTests", dependencies: ["Comparison", "LegMovements", "Nights", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ReportsTests", dependencies: ["Reports", "Comparison", "Nights", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "LegMovements", "Recordings", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "WebTests", dependencies: ["Web", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "nattroTests", dependencies: ["nattro", "Journal", "Nights", "Reports", "TestSupport", "Web"],
            swiftSettings: strict),
    ]
)

// NATTRO_CORE=1 is the modules that read and detect alone, without the packages of the others: what the sanitizers look at.
if Context.environment["NATTRO_CORE"] != nil {
    let core: Set = [
        "CFFTW", "CISAL", "CLibUSB", "CZip", "Recordings", "Sensors", "Signal", "LegMovements", "TestSupport",
        "RecordingsTests", "SensorsTests", "SignalTests", "LegMovementsTests",
    ]
    package.targets.removeAll { !core.contains($0.name) }
    package.products.removeAll { $0.name == "nattro" }
    package.dependencies = []
}
